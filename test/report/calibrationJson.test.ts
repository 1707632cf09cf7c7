import assert from "node:assert/strict";
import { calibrationJson } from "../../tools/report/calibrationJson";
import { fakeCalibration, fakeStage, TIMES } from "./calibrations";

const { NaN: NONE } = Number;

/** Paths of everything in a document that is null. */
function nulls(value: unknown, path = ""): readonly string[] {
  if (value === null) return [path];
  if (typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, item]) => nulls(item, path === "" ? key : `${path}.${key}`));
}

describe("a calibration as JSON", () => {
  it("has every figure in seconds and tokens, under names that say so", () => {
    const stage = fakeStage(
      { kind: "closed", concurrency: 4 },
      {
        ttft: { p50: 0.1, p95: 0.2, p99: 0.3 },
        ttftP95: { mean: 0.21, low: 0.15, high: 0.25 },
        ...{ queue: 1, clientQueue: 2, batch: 3, clientBatch: 4, dutyCycle: 55 },
        ...{ from: 60, to: 60.5 },
      },
    );
    const { stages, knee, fit, slo, targets, targetsNote } = calibrationJson(fakeCalibration({ stages: [stage] }));
    const [first] = stages;
    assert.deepEqual(first?.load, { kind: "closed", concurrency: 4 });
    assert.deepEqual(first.timeToFirstTokenSeconds, {
      ...{ p50: 0.1, p95: 0.2, p99: 0.3 },
      p95Interval: { mean: 0.21, low: 0.15, high: 0.25 },
    });
    assert.deepEqual(
      [first.queue, first.batch],
      [
        { server: 1, client: 2 },
        { server: 3, client: 4 },
      ],
    );
    assert.equal(first.dutyCyclePercent, 55);
    assert.equal(first.from, "1970-01-01T00:01:00.000Z");
    assert.equal(first.to, "1970-01-01T00:01:00.500Z");
    assert.deepEqual(knee, {
      load: { kind: "open", requestsPerSecond: 8 },
      ...{ requestsPerSecond: 8, inFlight: 48.2, simulatedRequestsPerSecond: 7.4 },
    });
    assert.match(targetsNote ?? "", /^The HPA tolerates 10 %/);
    assert.deepEqual(fit?.times, TIMES);
    assert.deepEqual(slo, { ttftSeconds: 2, tpotSeconds: 0.1 });
    assert.deepEqual(targets[1], {
      ...{ strategy: "batch-size", isOwn: true, unit: "requests", atKnee: 47.3, ceiling: 96 },
      ...{ target: 40, low: 36, high: 44, sentence: "85 % of the batch at the knee." },
    });
  });

  it("survives JSON as it is: no number turns into null on the way", () => {
    const none = { mean: NONE, low: NONE, high: NONE };
    const quantiles = { p50: NONE, p95: NONE, p99: NONE };
    const stage = fakeStage(
      { kind: "open", requestsPerSecond: 9 },
      {
        ...{ attainment: none, requestsPerSecond: none, tokensPerSecond: none },
        ...{ ttft: quantiles, ttftP95: none, tpot: quantiles, tpotP95: none, queue: NONE, batch: NONE },
        achieved: { inputTokens: NONE, outputTokens: NONE },
      },
    );
    for (const report of [fakeCalibration(), fakeCalibration({ stages: [stage] })]) {
      const json = calibrationJson(report);
      assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
    }
  });

  it("has null where something was not measured, and nowhere else", () => {
    assert.deepEqual(nulls(calibrationJson(fakeCalibration())), [
      "partialBecause",
      ...["atKnee", "target", "low", "high"].map((key) => `targets.3.${key}`),
      "fit.relativeErrors.decodePerKvTokenSeconds",
    ]);
    const { dutyCycle: _, ...stage } = fakeStage({ kind: "closed", concurrency: 1 });
    const once = calibrationJson(
      fakeCalibration({
        stages: [{ ...stage, ttftP95: { mean: 1, low: NONE, high: NONE } }],
        ...{ knee: { load: undefined, why: "One load." }, targets: [], fit: undefined, roofline: undefined },
      }),
    );
    assert.deepEqual(nulls(once), [
      "partialBecause",
      "stages.0.timeToFirstTokenSeconds.p95Interval.low",
      "stages.0.timeToFirstTokenSeconds.p95Interval.high",
      "stages.0.dutyCyclePercent",
      "knee",
      "fit",
      "roofline",
    ]);
    assert.equal(once.kneeBecause, "One load.");
  });

  it("says whether a GPU ran, and whether the run is whole", () => {
    const json = calibrationJson(fakeCalibration({ origin: "stand-in", partialBecause: "Interrupted." }));
    assert.equal(json.origin, "stand-in");
    assert.equal(json.partialBecause, "Interrupted.");
  });
});
