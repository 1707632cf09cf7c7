import assert from "node:assert/strict";
import { type CalibrateOptions, calibrateCommand, paceOf } from "../../tools/calibrate/options";

function paceWith(...args: readonly string[]) {
  const command = calibrateCommand({ out: () => {}, error: () => {} });
  command.parse([...args], { from: "user" });
  return paceOf(command.opts<CalibrateOptions>());
}

describe("the pace of a calibration", () => {
  it("is a look on the stand-in, and long enough for a share of 99 % on a server", () => {
    assert.deepEqual(paceWith(), { stepSeconds: 10, repetitions: 1 });
    for (const args of [["--url", "http://localhost:8000"], ["--in-cluster"], ["--export", "inference-perf"]]) {
      assert.deepEqual(paceWith(...args), { stepSeconds: 30, repetitions: 3 });
    }
  });

  it("is what was asked for", () => {
    assert.deepEqual(paceWith("--step-seconds", "7.5", "--repetitions", "4"), { stepSeconds: 7.5, repetitions: 4 });
  });
});
