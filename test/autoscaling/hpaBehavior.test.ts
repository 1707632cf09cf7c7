import assert from "node:assert/strict";
import { replicaRules, tolerancesOf } from "../../autoscaling/hpa/behavior";

describe("The rules of an HPA's spec", () => {
  it("have Kubernetes' defaults, the flag's window for scale-down among them", () => {
    const rules = replicaRules(
      { maxReplicas: 5, behavior: {} },
      { tolerance: 0.1, scaleDownStabilizationSeconds: 120 },
    );
    assert.deepEqual(rules, {
      minReplicas: 1,
      maxReplicas: 5,
      scaleDownWindowMs: 120_000,
      behavior: {
        up: {
          windowMs: 0,
          selectPolicy: "Max",
          policies: [
            { type: "Pods", value: 4, periodMs: 15_000 },
            { type: "Percent", value: 100, periodMs: 15_000 },
          ],
          longestPeriodMs: 15_000,
        },
        down: {
          windowMs: 120_000,
          selectPolicy: "Max",
          policies: [{ type: "Percent", value: 100, periodMs: 15_000 }],
          longestPeriodMs: 15_000,
        },
      },
    });
  });

  it("are without behavior where the spec is, with the controller's own window", () => {
    assert.deepEqual(replicaRules({ minReplicas: 0, maxReplicas: 5 }), {
      minReplicas: 0,
      maxReplicas: 5,
      scaleDownWindowMs: 300_000,
      behavior: undefined,
    });
  });

  it("are what is given, each field for itself", () => {
    const { behavior } = replicaRules({
      maxReplicas: 5,
      behavior: {
        scaleUp: { stabilizationWindowSeconds: 30, selectPolicy: "Disabled" },
        scaleDown: {
          policies: [
            { type: "Pods", value: 2, periodSeconds: 60 },
            { type: "Percent", value: 10, periodSeconds: 20 },
          ],
        },
      },
    });
    assert.equal(behavior?.up.windowMs, 30_000);
    assert.equal(behavior?.up.selectPolicy, "Disabled");
    assert.equal(behavior?.up.policies.length, 2);
    assert.deepEqual(behavior?.down, {
      windowMs: 300_000,
      selectPolicy: "Max",
      policies: [
        { type: "Pods", value: 2, periodMs: 60_000 },
        { type: "Percent", value: 10, periodMs: 20_000 },
      ],
      longestPeriodMs: 60_000,
    });
  });
});

describe("The tolerances of a behavior", () => {
  it("are a tenth where it sets none", () => {
    for (const behavior of [undefined, {}, { scaleUp: {}, scaleDown: {} }]) {
      assert.deepEqual(tolerancesOf(behavior), { down: 0.1, up: 0.1 });
    }
  });

  it("are the flag's where it sets none", () => {
    assert.deepEqual(tolerancesOf({ scaleUp: { tolerance: "50m" } }, { tolerance: 0.2 }), { down: 0.2, up: 0.05 });
  });

  it("are its own, none included", () => {
    const behavior = { scaleUp: { tolerance: "0" }, scaleDown: { tolerance: "0.25" } };
    assert.deepEqual(tolerancesOf(behavior), { down: 0.25, up: 0 });
  });
});
