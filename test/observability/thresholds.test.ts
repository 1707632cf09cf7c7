import assert from "node:assert/strict";
import fc from "fast-check";
import type { ScaleDownPolicy } from "../../observability/observedStack";
import { defaultThresholds } from "../../observability/thresholds";
import { observed } from "../support/observed";

const STACK = observed();
const scaleDown = (policies: readonly ScaleDownPolicy[], stabilizationSeconds = 300) => ({
  disabled: false,
  stabilizationSeconds,
  policies,
});
const idle = (policies: readonly ScaleDownPolicy[], maxReplicas = 5) =>
  defaultThresholds({ ...STACK, maxReplicas, scaleDown: scaleDown(policies, 0) }).idleSeconds;
/** A start of 45 minutes and a window of ten. */
const BEFORE_IDLE = 2700 + 600;

describe("The thresholds of alerts", () => {
  it("are these for the smallest stack", () => {
    assert.deepEqual(defaultThresholds(STACK), {
      cannotReadSeconds: 300,
      atMaximumSeconds: 900,
      notReadySeconds: 2700,
      notScrapedSeconds: 180,
      refusedSeconds: 120,
      adapterSeconds: 300,
      adapterRestarts: 2,
      signalSeconds: 300,
      idleSeconds: 3600,
      idlePercent: 5,
    });
  });

  it("follow the start budget and the window", () => {
    assert.equal(defaultThresholds({ ...STACK, scaleDown: scaleDown([], 900) }).atMaximumSeconds, 1500);
    assert.equal(defaultThresholds({ ...STACK, startBudgetSeconds: 4500 }).notReadySeconds, 4500);
    assert.equal(defaultThresholds({ ...STACK, startBudgetSeconds: 4500 }).idleSeconds, 5400);
  });

  for (const [what, policies, seconds] of [
    ["none: all at once", [], 0],
    ["two pods a minute from five to one", [{ type: "Pods", value: 2, periodSeconds: 60 }], 120],
    ["one pod a minute", [{ type: "Pods", value: 1, periodSeconds: 60 }], 240],
    ["a half, rounded down: five, two, one", [{ type: "Percent", value: 50, periodSeconds: 60 }], 120],
    ["ten percent, but at least one", [{ type: "Percent", value: 10, periodSeconds: 60 }], 240],
    ["all percent", [{ type: "Percent", value: 100, periodSeconds: 60 }], 60],
    ["more than there are", [{ type: "Percent", value: 200, periodSeconds: 60 }], 60],
    [
      "several: the slowest",
      [
        { type: "Percent", value: 100, periodSeconds: 30 },
        { type: "Pods", value: 1, periodSeconds: 90 },
      ],
      360,
    ],
  ] as const) {
    it(`leave the HPA its time to scale down, with policies ${what}`, () => {
      assert.equal(idle(policies), BEFORE_IDLE + seconds);
    });
  }

  it("are multiples of the evaluation, and longer than a start where it matters", () => {
    const policy = fc.record({
      type: fc.constantFrom("Pods" as const, "Percent" as const),
      value: fc.integer({ min: 1, max: 1000 }),
      periodSeconds: fc.integer({ min: 1, max: 1800 }),
    });
    fc.assert(
      fc.property(
        fc.record({
          startBudgetSeconds: fc.integer({ min: 960, max: 100_000 }),
          stabilizationSeconds: fc.integer({ min: 0, max: 3600 }),
          policies: fc.array(policy, { maxLength: 3 }),
          maxReplicas: fc.integer({ min: 1, max: 1000 }),
        }),
        ({ startBudgetSeconds, stabilizationSeconds, policies, maxReplicas }) => {
          const stack = {
            ...STACK,
            startBudgetSeconds,
            maxReplicas,
            scaleDown: scaleDown(policies, stabilizationSeconds),
          };
          const { adapterRestarts: _, idlePercent: __, ...durations } = defaultThresholds(stack);
          for (const [name, seconds] of Object.entries(durations)) {
            assert.ok(seconds > 0 && seconds % 30 === 0, `${name} is ${seconds}`);
          }
          assert.ok(durations.notReadySeconds >= startBudgetSeconds);
          assert.ok(durations.idleSeconds >= startBudgetSeconds + stabilizationSeconds);
          assert.ok(durations.atMaximumSeconds > stabilizationSeconds + 450);
        },
      ),
    );
  });
});
