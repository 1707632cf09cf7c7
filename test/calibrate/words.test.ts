import assert from "node:assert/strict";
import type { StageFigures } from "../../tools/calibrate/contract";
import type { Knee } from "../../tools/calibrate/measure/knee";
import type { TargetAdvice } from "../../tools/calibrate/measure/targets";
import { type Advised, fewNotes, headlineOf, heldRate, reportedKnee } from "../../tools/calibrate/words";
import { open, stage } from "./measure/support";

const at = (requests: number): StageFigures => stage(open(1.82), 1, { requests });
const beyond = (requests: number): Knee => ({ kind: "beyond", at: at(requests) });
const found = (requests: number): Knee => ({
  ...{ kind: "found", limit: "slo", isClear: true },
  ...{ at: at(requests), above: stage(open(2.1), 0.4) },
});
const advice = (strategy: TargetAdvice["strategy"], recommended: number | undefined): TargetAdvice => ({
  ...{ strategy, recommended, unit: "requests", atKnee: 1, ceiling: 0.9, sentence: "" },
  ...{ behavior: undefined, simulated: undefined },
});
const queue = advice("queue-size", 0.46);
const ADVISED: Advised = { own: queue, chosen: queue, simulatedRate: 1.3, isUsable: true, isTooSmall: false };
const headline = (knee: Knee | undefined, some: Partial<Advised> = {}) => headlineOf(knee, { ...ADVISED, ...some });

describe("the headline of a calibration", () => {
  it("has what was measured, where enough was", () => {
    assert.equal(
      headline(found(100)),
      "One server holds 1.8 requests a second within the SLO; the target for queue-size is 0.46.",
    );
    assert.match(headline(beyond(100)), /^One server holds at least 1\.8 requests a second/);
  });

  it("has what the simulation says, and says so, where few requests were measured", () => {
    assert.equal(
      headline(found(99)),
      "One server holds 1.3 requests a second within the SLO, simulated with the step times that were measured; the target for queue-size is 0.46.",
    );
    assert.match(headline(found(18), { simulatedRate: undefined }), /held 1\.8 .* SLO, measured with 18 requests;/);
    assert.match(headline(beyond(18), { simulatedRate: undefined }), /held at least 1\.8 /);
  });

  it("says why there is no target", () => {
    const none = { own: advice("queue-size", undefined), chosen: undefined };
    assert.match(headline(found(500), { ...none, isUsable: false }), /too little for a target\.$/);
    assert.match(headline(found(500), { ...none, isTooSmall: true }), /all replicas .* do not hold the traffic\.$/);
    assert.match(headline(found(500), none), /; no strategy has a target, for the reasons below\.$/);
    assert.match(headline(undefined), /^No request fell into the measured times: no target/);
    const lightest = stage(open(0.2), 0.5);
    assert.match(
      headline({ kind: "none", limit: "slo", above: lightest }),
      /not met even under the lightest load, 0\.2 a second: no target, and nothing is written/,
    );
  });

  it("proposes another strategy where the stack's own has no target", () => {
    const text = headline(found(500), { own: advice("queue-size", undefined), chosen: advice("batch-size", 10) });
    assert.match(text, /; the stack's own strategy has no target, the one for batch-size is 10\.$/);
  });
});

describe("the rate that one server holds", () => {
  it("is the measured one, but for few requests the simulated one, if there is any", () => {
    assert.deepEqual([heldRate(at(100), 1.3), heldRate(at(99), 1.3), heldRate(at(99), undefined)], [1.82, 1.3, 1.82]);
  });
});

describe("few requests", () => {
  it("are named below a hundred", () => {
    assert.match(fewNotes(at(99))[0] ?? "", /^Only 99 requests were measured at the knee/);
    assert.deepEqual([fewNotes(at(100)), fewNotes(undefined)], [[], []]);
  });
});

describe("the knee of the report", () => {
  it("stands beside the simulated one", () => {
    const knee = reportedKnee(found(18), 1.3);
    assert.ok(knee.load !== undefined);
    assert.deepEqual([knee.requestsPerSecond, knee.simulatedRequestsPerSecond], [1.82, 1.3]);
    assert.match(knee.why, /^100 % met the SLO; under the next one, 2\.1 a second, 40 % did\.$/);
  });
});
