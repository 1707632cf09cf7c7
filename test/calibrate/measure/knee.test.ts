import assert from "node:assert/strict";
import { findKnee, type Knee } from "../../../tools/calibrate/measure/knee";
import { closed, open, refusing, stage } from "./support";

function loadsOf(knee: Knee | undefined): unknown {
  if (knee === undefined) return undefined;
  switch (knee.kind) {
    case "none":
      return ["none", knee.above.load, knee.limit];
    case "found":
      return ["found", knee.at.load, knee.above.load, knee.limit];
    case "beyond":
      return ["beyond", knee.at.load];
  }
}

describe("the knee", () => {
  it("lies between the last load that meets the SLO and the first that does not, in any order", () => {
    const stages = [stage(closed(8), 0.9), stage(closed(1), 1), stage(closed(4), 0.99), stage(closed(2), 1)];
    assert.deepEqual(loadsOf(findKnee(stages, "closed")), ["found", closed(4), closed(8), "slo"]);
  });

  it("is sought among loads of one kind", () => {
    const stages = [stage(closed(1), 1), stage(open(2), 1), stage(open(3), 0.5), stage(closed(2), 1)];
    assert.deepEqual(loadsOf(findKnee(stages, "open")), ["found", open(2), open(3), "slo"]);
    assert.deepEqual(loadsOf(findKnee(stages, "closed")), ["beyond", closed(2)]);
    assert.equal(findKnee([stage(closed(1), 1)], "open"), undefined);
  });

  it("is nowhere when the lightest load misses the SLO", () => {
    const stages = [stage(closed(1), 0.98), stage(closed(2), 0.9)];
    assert.deepEqual(loadsOf(findKnee(stages, "closed")), ["none", closed(1), "slo"]);
  });

  it("is not made by a load that misses by chance: heavier ones do not do better", () => {
    const stages = [stage(closed(2), 0.985), stage(closed(4), 0.999), stage(closed(8), 0.998), stage(closed(16), 0.6)];
    assert.deepEqual(loadsOf(findKnee(stages, "closed")), ["found", closed(8), closed(16), "slo"]);
  });

  it("weighs stages by their judged requests", () => {
    const results = { served: 10, overloaded: 0, rejected: 990, unfinished: 0, failed: 0 };
    const stages = [stage(closed(2), 0.985), stage(closed(4), 1, { results })];
    assert.deepEqual(loadsOf(findKnee(stages, "closed")), ["none", closed(2), "slo"]);
  });

  it("is passed where the server refuses requests, however few", () => {
    const stages = [stage(closed(64), 1), refusing(closed(128), 0.995), stage(closed(256), 0.5)];
    assert.deepEqual(loadsOf(findKnee(stages, "closed")), ["found", closed(64), closed(128), "refusals"]);
  });

  it("is clear where both sides are beyond doubt", () => {
    const at = (doubt: number) => [stage(closed(4), 0.995, { doubt }), stage(closed(8), 0.9, { doubt: 0.01 })];
    const [clear, vague] = [findKnee(at(0.004), "closed"), findKnee(at(0.02), "closed")];
    assert.ok(clear?.kind === "found" && clear.isClear);
    assert.ok(vague?.kind === "found" && !vague.isClear);
  });

  it("does not ask stages without a judged request", () => {
    const nothing = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
    assert.equal(findKnee([stage(closed(4), 1, { attainment: nothing })], "closed"), undefined);
  });
});
