import assert from "node:assert/strict";
import type { StageFigures } from "../../tools/calibrate/contract";
import { calibrationPage } from "../../tools/report/html/calibration";
import { around, fakeCalibration, fakeStage, OPEN } from "./calibrations";
import { all, parsed, text } from "./document";

describe("the page of a calibration that has little", () => {
  const nothing = (): StageFigures => {
    const none = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
    const noQuantiles = { p50: Number.NaN, p95: Number.NaN, p99: Number.NaN };
    return fakeStage(
      { kind: "open", requestsPerSecond: 50 },
      {
        results: { served: 0, overloaded: 900, rejected: 0, unfinished: 0, failed: 0 },
        ...{ attainment: around(0, 0), requestsPerSecond: around(0, 0), tokensPerSecond: around(0, 0) },
        ...{ ttft: noQuantiles, ttftP95: none, tpot: noQuantiles, tpotP95: none },
        achieved: { inputTokens: Number.NaN, outputTokens: Number.NaN },
      },
    );
  };
  for (const [name, stages] of [
    ["no load", []],
    ["one load", [fakeStage({ kind: "closed", concurrency: 1 })]],
    ["a load of which all was refused", [nothing()]],
    ["a load of which all was refused among others", [...OPEN, nothing()]],
  ] as const) {
    it(`is whole with ${name}`, () => {
      const knee = { load: undefined, why: "Too few loads." };
      const source = calibrationPage(fakeCalibration({ stages, knee, targets: [], fit: undefined, stackFile: [] }));
      const page = parsed(source);
      assert.doesNotMatch(source, /NaN|undefined|Infinity/);
      assert.equal(all(page, "figure", "chart").length, stages.length === 0 ? 0 : 8);
      assert.equal(/No load was measured/.test(text(page)), stages.length === 0);
    });
  }
});
