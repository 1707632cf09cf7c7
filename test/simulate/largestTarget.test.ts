import assert from "node:assert/strict";
import { largestTarget } from "../../tools/simulate/largestTarget";
import { paced, scenario } from "./support";

describe("the largest target of a stack as it is", () => {
  const traffic = paced([[600, 1]], { kind: "recorded" });
  const search = { strategy: "queue-size", ceiling: 4, seed: 1, rounded: (it: number) => it } as const;

  it("keeps the stack's behavior", () => {
    const made = scenario(traffic, { scaleBehavior: '{"scaleDown":{"stabilizationWindowSeconds":600}}' });
    const { best, holds } = largestTarget(made, search);
    assert.deepEqual(best.setting.behavior, made.config.autoscaler.behavior);
    assert.deepEqual([best.setting.target, holds], [4, true]);
  });

  it("keeps the stack's other metrics", () => {
    const most = (set: object) =>
      largestTarget(scenario(traffic, { ...set }), search).best.results[0]?.mostReplicas ?? 0;
    // Of 5 % duty cycle, any traffic is too much.
    assert.ok(most({ extraMetrics: '[{"strategy":"gke-duty-cycle","target":5}]' }) > most({}));
  });

  it("is chosen on one part of a trace and judged on the other, and says how far it is", () => {
    const shares: number[] = [];
    const { best, heldOut, holdsOut } = largestTarget(scenario(traffic), {
      ...search,
      progress: (it) => shares.push(it),
    });
    assert.deepEqual([best.results[0]?.admissible, heldOut.results[0]?.admissible, holdsOut], [360, 240, true]);
    assert.equal(shares.at(-1), 1);
  });
});
