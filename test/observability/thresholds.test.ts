import assert from "node:assert/strict";
import fc from "fast-check";
import type { ScaleDownPolicy } from "../../observability/observedStack";
import { checked, defaultThresholds } from "../../observability/thresholds";
import { observed } from "../support/observed";

const STACK = observed();
const scaleDown = (
  policies: readonly ScaleDownPolicy[],
  stabilizationSeconds = 300,
  select: "Max" | "Min" = "Max",
) => ({
  disabled: false,
  stabilizationSeconds,
  policies,
  select,
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
      refusedRequests: 2,
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
      "several: the fastest",
      [
        { type: "Percent", value: 100, periodSeconds: 30 },
        { type: "Pods", value: 1, periodSeconds: 90 },
      ],
      30,
    ],
  ] as const) {
    it(`leave the HPA its time to scale down, with policies ${what}`, () => {
      assert.equal(idle(policies), BEFORE_IDLE + seconds);
    });
  }

  it("leave it the time of the slowest policy where the HPA takes that one, and a day at most", () => {
    const policies = [
      { type: "Percent", value: 100, periodSeconds: 30 },
      { type: "Pods", value: 1, periodSeconds: 90 },
    ] as const;
    const slowest = defaultThresholds({ ...STACK, scaleDown: scaleDown(policies, 0, "Min") });
    assert.equal(slowest.idleSeconds, BEFORE_IDLE + 360);
    assert.equal(idle([{ type: "Pods", value: 1, periodSeconds: 1800 }], 1000), 86_400);
  });

  it("are refused, all at once, when they make no alert", () => {
    const defaults = defaultThresholds(STACK);
    assert.deepEqual(checked(defaults), defaults);
    assert.throws(() => checked({ ...defaults, idlePercent: 0 }), /idlePercent \(0\) must be in \(0, 100\]/);
    assert.throws(
      () =>
        checked({
          ...defaults,
          notScrapedSeconds: 45,
          refusedSeconds: 0,
          idleSeconds: Number.NaN,
          cannotReadSeconds: 86_430,
          refusedRequests: 1.5,
          adapterRestarts: 0,
          idlePercent: 101,
        }),
      (error: unknown) => {
        assert.ok(error instanceof RangeError);
        for (const name of [
          ...["notScrapedSeconds (45)", "refusedSeconds (0)", "idleSeconds (NaN)", "cannotReadSeconds (86430)"],
          ...["refusedRequests (1.5)", "adapterRestarts (0)", "idlePercent (101)"],
        ]) {
          assert.ok(error.message.includes(name), error.message);
        }
        return true;
      },
    );
  });

  it("are multiples of the evaluation, and longer than a start where it matters", () => {
    const policy = fc.record({
      type: fc.constantFrom("Pods" as const, "Percent" as const),
      value: fc.integer({ min: 1, max: 1000 }),
      periodSeconds: fc.integer({ min: 1, max: 1800 }),
    });
    fc.assert(
      fc.property(
        fc.record({
          // serverReadyTimeoutMinutes goes from 1 to 240, and a node takes 15 minutes.
          startBudgetSeconds: fc.integer({ min: 960, max: 15_300 }),
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
          const {
            adapterRestarts: _,
            idlePercent: __,
            refusedRequests: ___,
            ...durations
          } = checked(defaultThresholds(stack));
          for (const [name, seconds] of Object.entries(durations)) {
            assert.ok(seconds > 0 && seconds % 30 === 0, `${name} is ${seconds}`);
          }
          assert.ok(durations.notReadySeconds >= startBudgetSeconds);
          assert.ok(durations.idleSeconds > startBudgetSeconds);
          assert.ok(durations.atMaximumSeconds > stabilizationSeconds + 450);
        },
      ),
    );
  });
});
