import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { TrafficError } from "../../../tools/simulate/traffic/arrival";
import { readTrace, type TraceLimits } from "../../../tools/simulate/traffic/trace";
import { AZURE, lines, PLAIN, withFile } from "./support";

/** The message, with FILE for the path. */
function refusal(content: string | Uint8Array, limits?: TraceLimits): Promise<string> {
  return withFile(content, async (path) => {
    const error: unknown = await readTrace(path, limits).then(
      () => assert.fail("the trace was read"),
      (reason: unknown) => reason,
    );
    assert.ok(error instanceof TrafficError, String(error));
    return error.message.replaceAll(path, "FILE");
  });
}

const HEADERS = `expected ${AZURE} or ${PLAIN}`;
const TIMES = "expected like 2023-11-16 18:15:46.6805900, or seconds";

describe("A trace that cannot be used", () => {
  for (const [what, content, message] of [
    ["is empty", "", `FILE: is empty; expected a header: ${AZURE} or ${PLAIN}`],
    ["is blank", "\n\n", `FILE: is empty; expected a header: ${AZURE} or ${PLAIN}`],
    ["has no request", lines(PLAIN), "FILE: has a header and no request"],
    ["has no header", lines("0,1,2", "1,3,4"), `FILE:1: header "0,1,2"; ${HEADERS}`],
    [
      "has half a header",
      lines("TIMESTAMP,ContextTokens", "0,1"),
      `FILE:1: header "TIMESTAMP,ContextTokens"; ${HEADERS}`,
    ],
    [
      "mixes the headers",
      lines("timestamp,ContextTokens,output_tokens"),
      `FILE:1: header "timestamp,ContextTokens,output_tokens"; ${HEADERS}`,
    ],
    [
      "is binary",
      Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 10, 1]),
      "FILE:1: is no text in UTF-8; a trace is a CSV file",
    ],
    ["is zeros", new Uint8Array(100), "FILE:1: is no text in UTF-8; a trace is a CSV file"],
    [
      "has one request",
      lines(PLAIN, "5,1,2"),
      "FILE: needs requests at two different times at least, or it has no rate",
    ],
    [
      "has all requests at once",
      lines(PLAIN, "5,1,2", "5,1,2"),
      "FILE: needs requests at two different times at least, or it has no rate",
    ],
    ["lacks a value", lines(PLAIN, "0,1,2", "1,3"), "FILE:3: has 2 values; the header has 3"],
    ["has a value too many", lines(PLAIN, "0,1,2,3", "1,3,4"), "FILE:2: has 4 values; the header has 3"],
    ["has no time", lines(PLAIN, "soon,1,2"), `FILE:2: timestamp "soon" is no time; ${TIMES}`],
    ["has an empty time", lines(PLAIN, ",1,2"), `FILE:2: timestamp "" is no time; ${TIMES}`],
    ["has a negative time", lines(PLAIN, "-1,1,2"), `FILE:2: timestamp "-1" is negative; ${TIMES}`],
    [
      "has an infinite time",
      lines(PLAIN, "0,1,2", "Infinity,1,2"),
      `FILE:3: timestamp "Infinity" is no time; ${TIMES}`,
    ],
    [
      "has a day that never was",
      lines(PLAIN, "2023-02-30 00:00:00,1,2"),
      `FILE:2: timestamp "2023-02-30 00:00:00" is no date that exists; ${TIMES}`,
    ],
    [
      "counts milliseconds",
      lines(PLAIN, "1700158546680,1,2"),
      `FILE:2: timestamp "1700158546680" is too large for seconds; divide milliseconds by 1000; ${TIMES}`,
    ],
    [
      "turns from seconds to dates",
      lines(PLAIN, "0,1,2", "2023-11-16 18:15:46,1,2"),
      'FILE:3: timestamp "2023-11-16 18:15:46": dates and seconds in one file; expected seconds throughout',
    ],
    [
      "is out of order",
      lines(PLAIN, "0,1,2", "5,1,2", "4.5,1,2", "6,1,2"),
      "FILE:4: is 0.5 s earlier than the request before it; sort the file by time",
    ],
    [
      "is out of order from the start",
      lines(PLAIN, "5,1,2", "4,1,2", "6,1,2"),
      "FILE:3: is 1 s earlier than the request before it; sort the file by time",
    ],
    [
      "lasts more than a year",
      lines(PLAIN, "0,1,2", "31622401,1,2"),
      "FILE:3: is more than a year after the first request",
    ],
    ["has negative tokens", lines(PLAIN, "0,1,2", "1,-3,4"), 'FILE:3: input tokens "-3" is no whole number from 0 up'],
    ["has half a token", lines(PLAIN, "0,1,2", "1,3,4.5"), 'FILE:3: output tokens "4.5" is no whole number from 0 up'],
    ["has no tokens", lines(PLAIN, "0,1,2", "1,3,"), 'FILE:3: output tokens "" is no whole number from 0 up'],
    [
      "has tokens in words",
      lines(PLAIN, "0,1,2", "1,many,4"),
      'FILE:3: input tokens "many" is no whole number from 0 up',
    ],
    ["has NaN tokens", lines(PLAIN, "0,1,2", "1,NaN,4"), 'FILE:3: input tokens "NaN" is no whole number from 0 up'],
    [
      "has a huge number of tokens",
      lines(PLAIN, "0,1,2", "1,100000001,4"),
      'FILE:3: input tokens "100000001" is more than 100000000',
    ],
    ["never closes a quote", lines(PLAIN, "0,1,2", '1,"3,4', "2,5,6"), "FILE:3: a quote is never closed"],
    [
      "has a quote inside a value",
      lines(PLAIN, "0,1,2", '1,3"3,4'),
      "FILE:3: a quote stands inside a value; quotes go around the whole value, or nowhere",
    ],
    [
      "goes on after a quote",
      lines(PLAIN, "0,1,2", '1,"3"3,4'),
      "FILE:3: a quote stands inside a value; quotes go around the whole value, or nowhere",
    ],
    [
      "has no line breaks",
      "x".repeat(20_000),
      "FILE:1: longer than 10000 characters: a line break or a closing quote is missing, or this is no CSV file",
    ],
    [
      "has a blank line before what is wrong",
      lines(PLAIN, "", "0,1,2", "", "1,x,4"),
      'FILE:5: input tokens "x" is no whole number from 0 up',
    ],
  ] as const) {
    it(`since it ${what}, is refused with file, line and reason`, async () => {
      assert.equal(await refusal(content), message);
    });
  }

  it("is told its first few mistakes at once", async () => {
    assert.equal(
      await refusal(lines(PLAIN, "0,1,2", "x,-1,2", "1,3", '2,"3,4')),
      [
        `FILE:3: timestamp "x" is no time; ${TIMES}`,
        'FILE:3: input tokens "-1" is no whole number from 0 up',
        "FILE:4: has 2 values; the header has 3",
        "FILE:5: a quote is never closed",
      ].join("\n"),
    );
    const many = await refusal(lines(PLAIN, ...Array.from({ length: 9 }, (_, index) => `${index},x,2`)));
    assert.deepEqual(
      many.split("\n").map((line) => line.slice(0, 7)),
      ["FILE:2:", "FILE:3:", "FILE:4:", "FILE:5:", "FILE:6:"],
    );
  });

  it("is refused by its size before it is read, and by its number of requests", async () => {
    const content = lines(PLAIN, "0,1,2", "1,3,4", "2,5,6");
    assert.equal(
      await refusal(content, { bytes: 10, requests: 9 }),
      "FILE: 0.0 GiB are more than the 0.0 GiB of a trace; cut it",
    );
    assert.equal(
      await refusal(content, { bytes: 1000, requests: 2 }),
      "FILE:4: more than the 2 requests of a trace; cut it",
    );
  });

  it("is refused where there is no file, or a directory", async () => {
    await withFile("", async (path) => {
      await assert.rejects(readTrace(`${path}.gz`), { message: `${path}.gz: there is no such file` });
      await assert.rejects(readTrace(`${path}/x.csv`), { message: `${path}/x.csv: there is no such file` });
      mkdirSync(`${path}.d`);
      await assert.rejects(readTrace(`${path}.d`), { message: `${path}.d: is a directory; a trace is a CSV file` });
    });
  });
});
