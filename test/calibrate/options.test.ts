import assert from "node:assert/strict";
import { type CalibrateOptions, calibrateCommand, paceOf, waitsOf } from "../../tools/calibrate/options";

function optionsOf(...args: readonly string[]) {
  const command = calibrateCommand({ out: () => {}, error: () => {} });
  command.parse([...args], { from: "user" });
  return command.opts<CalibrateOptions>();
}

const paceWith = (...args: readonly string[]) => paceOf(optionsOf(...args));

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

describe("the overrides of a calibration", () => {
  it("are none unless given, of which the help says nothing", () => {
    assert.deepEqual(optionsOf().set, []);
    assert.deepEqual(optionsOf("--set", "a=1", "--set", "b=2").set, [
      { key: "a", value: "1" },
      { key: "b", value: "2" },
    ]);
    assert.doesNotMatch(calibrateCommand({ out: () => {}, error: () => {} }).helpInformation(), /\[\]/);
  });
});

describe("the patience of a calibration", () => {
  it("is long for a model that loads, short where nothing listens, and what was asked for", () => {
    assert.deepEqual(waitsOf(optionsOf()), { waitSeconds: 600, listenSeconds: 30 });
    assert.deepEqual(waitsOf(optionsOf("--wait", "20m")), { waitSeconds: 1200, listenSeconds: 1200 });
  });
});
