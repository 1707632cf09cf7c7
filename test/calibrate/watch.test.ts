import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import type { StageFigures } from "../../tools/calibrate/contract";
import { watch } from "../../tools/calibrate/watch";

const FINISHED = {} as StageFigures;

/** What is drawn and what is said of two loads, of which the first ends. */
function watched(isTTY: boolean, env: Readonly<Record<string, string>>) {
  let drawn = "";
  const said: string[] = [];
  const terminal = Object.assign(new PassThrough(), { isTTY, columns: 80 });
  terminal.on("data", (chunk: Buffer) => {
    drawn += chunk.toString();
  });
  const { heard, end } = watch({ terminal, error: (text) => said.push(text), env });
  const load = { kind: "closed", concurrency: 8 } as const;
  const stage = { load, seconds: 10, warmUpSeconds: 1, seed: 1 };
  const next = { stage, purpose: "climb", repetition: 1, repetitions: 1 } as const;
  const state = { next, stage: 1, stages: 9, secondsDone: 10, secondsLeft: 80, ttftP95: 0.2 };
  heard({ ...state, secondsDone: 5 });
  heard({ ...state, finished: FINISHED });
  end();
  return { drawn, said };
}

describe("how far a calibration is", () => {
  it("is a bar on a terminal, and nothing else", () => {
    const { drawn, said } = watched(true, {});
    assert.match(drawn, /measuring/);
    assert.deepEqual(said, []);
  });

  for (const [name, isTTY, env] of [
    ["in a pipe", false, {}],
    ["on a terminal with NO_COLOR", true, { NO_COLOR: "1" }],
    ["in CI", true, { CI: "true" }],
  ] as const) {
    it(`is a line for each load that ended ${name}`, () => {
      const { drawn, said } = watched(isTTY, env);
      assert.equal(drawn, "");
      assert.equal(said.length, 1);
      assert.match(said[0] ?? "", /^1\/9, .*TTFT p95 200 ms$/);
    });
  }
});
