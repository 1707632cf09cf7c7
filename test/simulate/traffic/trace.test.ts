import assert from "node:assert/strict";
import fc from "fast-check";
import { readTrace } from "../../../tools/simulate/traffic/trace";
import { AZURE, lines, PLAIN, withFile } from "./support";

interface Read {
  readonly at: readonly number[];
  readonly tokens: readonly (readonly [number, number])[];
}

function read(content: string | Uint8Array): Promise<Read> {
  return withFile(content, async (path) => {
    const { at, input, output } = await readTrace(path);
    return { at: [...at], tokens: [...input].map((value, index) => [value, output[index] ?? Number.NaN] as const) };
  });
}

describe("A trace", () => {
  it("is read as Azure publishes it", async () => {
    const trace = lines(AZURE, "2023-11-16 18:15:46.6805900,374,44", "2023-11-16 18:15:50.9951690,396,109");
    assert.deepEqual(await read(trace), {
      at: [0, 4.314579],
      tokens: [
        [374, 44],
        [396, 109],
      ],
    });
  });

  it("is read with plain names and seconds, fractions and all", async () => {
    assert.deepEqual(await read(lines(PLAIN, "10.25,1,0", "10.25,0,2", "1.1e1,3,4")), {
      at: [0, 0, 0.75],
      tokens: [
        [1, 0],
        [0, 2],
        [3, 4],
      ],
    });
  });

  for (const [form, first, second] of [
    ["ISO 8601", "2024-05-10T00:00:00Z", "2024-05-10T00:00:02.5Z"],
    ["a zone", "2024-05-10 02:00:00.009930+02:00", "2024-05-10 00:00:02.509930+00:00"],
    ["a zone to the west", "2024-05-09T23:30:00-0030", "2024-05-10T00:00:02.5Z"],
    ["midnight between", "2023-12-31 23:59:59", "2024-01-01 00:00:01.5"],
    ["seconds since 1970", "1700158546.0", "1700158548.5"],
  ] as const) {
    it(`may have times with ${form}`, async () => {
      assert.deepEqual((await read(lines(PLAIN, `${first},1,2`, `${second},1,2`))).at, [0, 2.5]);
    });
  }

  const plain = [PLAIN, "0,1,2", "1,3,4"];
  for (const [form, content] of Object.entries({
    "Windows line ends": plain.join("\r\n"),
    "a byte order mark": `\uFEFF${lines(...plain)}`,
    "UTF-16 with its mark": Buffer.from(`\uFEFF${lines(...plain)}`, "utf16le"),
    "blank lines": `${plain.join("\n\n")}\n\n\n`,
    quotes: plain.map((line) => line.replaceAll(/[^,]+/g, '"$&"')).join("\n"),
    spaces: plain.join("\n").replaceAll(",", " , "),
    "other columns, in another order": lines("user,OUTPUT_TOKENS,Timestamp,input_tokens", "a,2,0,1", '"b,c",4,1,3'),
  })) {
    it(`may have ${form}`, async () => {
      assert.deepEqual(await read(content), {
        at: [0, 1],
        tokens: [
          [1, 2],
          [3, 4],
        ],
      });
    });
  }

  it("is kept whole, however long", async () => {
    const count = 5000;
    const body = Array.from({ length: count }, (_, index) => `${index},${index},7`);
    const { at, tokens } = await read(lines(PLAIN, ...body));
    assert.deepEqual([at.length, tokens.length], [count, count]);
    assert.ok(at.every((value, index) => value === index && tokens[index]?.[0] === index && tokens[index]?.[1] === 7));
  });

  it("is read as it was written", async () => {
    const request = fc.tuple(fc.integer({ min: 0, max: 1e6 }), fc.nat(1e5), fc.nat(1e5));
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 2, maxLength: 20 }), async (requests) => {
        const sorted = requests.sort((a, b) => a[0] - b[0]);
        const [start, end] = [sorted[0]?.[0] ?? 0, sorted.at(-1)?.[0] ?? 0];
        fc.pre(end > start);
        const dated = sorted.map(([ms, ...tokens]) => [new Date(1.7e12 + ms).toISOString(), ...tokens].join());
        const { at, tokens } = await read(lines(AZURE, ...dated));
        assert.deepEqual(
          at.map((seconds) => Math.round(seconds * 1000)),
          sorted.map(([ms]) => ms - start),
        );
        assert.deepEqual(
          tokens,
          sorted.map(([, ...lengths]) => lengths),
        );
      }),
      { numRuns: 30 },
    );
  });
});
