import assert from "node:assert/strict";
import type { HpaMetric } from "../../../autoscaling/metricStrategy";
import { FixedScaler, HpaScaler, PlannedScaler, targetOf } from "../../../tools/simulate/world/scalers";
import { fleetRig, PATH } from "./support";

const averageValue = (value: string) => ({ type: "AverageValue", averageValue: value }) as const;
const PODS: HpaMetric = { type: "Pods", pods: { metric: { name: "queue" }, target: averageValue("10") } };
const EXTERNAL: HpaMetric = {
  type: "External",
  external: { metric: { name: "util", selector: { matchLabels: {} } }, target: averageValue("50") },
};
const QUEUE = { strategy: "queue-size", path: PATH } as const;

function scaler(metrics: readonly HpaMetric[], foreignMilli?: readonly number[]): HpaScaler {
  const spec = { minReplicas: 1, maxReplicas: 10, metrics };
  const sampled = metrics.map(() => QUEUE);
  return new HpaScaler(spec, sampled, foreignMilli);
}

/** Two servers that have a point each, of 0, visible from 2 on. */
function two(values: readonly (readonly [number, number])[]) {
  const rig = fleetRig({ metrics: values[0]?.length ?? 0 });
  rig.fleet.standBy(2);
  rig.fleet.pods.forEach((pod, index) => {
    values[index]?.forEach((value, metric) => {
      pod.series[metric]?.write(0, 2, value);
    });
  });
  return rig.fleet;
}

describe("the HPA of a Pods metric", () => {
  it("averages what the pods say: what is deleted does not count, what says nothing is missing", () => {
    const fleet = two([
      [20, 0],
      [15, 0],
    ]);
    const hpa = scaler([PODS]);
    // Two servers at (20 + 15) / 2 over 10.
    assert.equal(hpa.decide(fleet, 10), 4);
    assert.equal(hpa.average, 17.5);
    fleet.scaleTo(1, 10);
    // Which leaves the first alone.
    const alone = scaler([PODS]);
    assert.equal(alone.decide(fleet, 11), 2);
    assert.equal(alone.average, 20);
  });

  it("keeps what it has where nobody says anything, and has no average", () => {
    const fleet = two([
      [30, 0],
      [20, 0],
    ]);
    const hpa = scaler([PODS]);
    assert.equal(hpa.decide(fleet, 1), 2);
    assert.equal(hpa.average, undefined);
    assert.equal(hpa.decide(fleet, 300), 2);
  });

  it("does not see what has gone", () => {
    const fleet = two([
      [30, 0],
      [20, 0],
    ]);
    fleet.replicas = 1;
    fleet.pods[1]?.evicted(5);
    assert.equal(fleet.ghosts.length, 1);
    assert.equal(scaler([PODS]).decide(fleet, 10), 3);
  });
});

describe("the HPA of an External metric", () => {
  it("adds up what there is, gone or not, for five minutes", () => {
    const fleet = two([
      [70, 0],
      [60, 0],
    ]);
    fleet.replicas = 1;
    fleet.pods[1]?.evicted(5);
    const hpa = scaler([EXTERNAL]);
    // 70 and the ghost's 60 over 50.
    assert.equal(hpa.decide(fleet, 10), 3);
    assert.equal(hpa.average, 130);
    fleet.pods[0]?.series[0]?.write(280, 282, 70);
    const late = scaler([EXTERNAL]);
    assert.equal(late.decide(fleet, 299.9), 3);
    assert.equal(fleet.ghosts.length, 1);
    assert.equal(late.decide(fleet, 300), 3);
    assert.deepEqual([late.average, fleet.ghosts.length], [70, 0]);
  });

  it("adds up what others write too, where nothing keeps it out", () => {
    const fleet = two([
      [30, 0],
      [20, 0],
    ]);
    const scoped = scaler([EXTERNAL]);
    scoped.decide(fleet, 10);
    // Over two servers: 50, and with what is not theirs 200.
    assert.equal(scoped.average, 25);
    assert.equal(scaler([EXTERNAL], [100_000, 50_000]).decide(fleet, 10), 4);
  });
});

describe("what the HPA is told of the Deployment", () => {
  it("is how many servers are wanted, and how many there are", () => {
    const fleet = two([
      [20, 0],
      [20, 0],
    ]);
    fleet.replicas = 4;
    // 40 over 50 times the two that there are, so one; the four that are wanted stay for five minutes.
    const external = scaler([EXTERNAL]);
    assert.equal(external.decide(fleet, 10), 4);
    assert.equal(external.average, 20);
  });
});

describe("an HPA of several metrics", () => {
  it("reads each metric's own series, and takes the largest proposal", () => {
    const fleet = two([
      [10, 100],
      [10, 150],
    ]);
    const hpa = scaler([PODS, EXTERNAL]);
    assert.equal(hpa.decide(fleet, 10), 4);
    assert.equal(hpa.average, 10);
  });
});

describe("an HPA", () => {
  it("has a band that ends above its target by its tolerance", () => {
    assert.equal(targetOf({ maxReplicas: 2, metrics: [PODS] }), 10);
    assert.equal(targetOf({ maxReplicas: 2, metrics: [EXTERNAL] }), 50);
    assert.equal(targetOf({ maxReplicas: 2, metrics: [] }), 0);
    assert.ok(Math.abs(scaler([PODS]).high - 11) < 1e-9);
    const behavior = { scaleUp: { tolerance: "200m" } };
    const tolerant = new HpaScaler({ maxReplicas: 10, metrics: [PODS], behavior }, [QUEUE]);
    assert.ok(Math.abs(tolerant.high - 12) < 1e-9);
  });

  it("is told the time in milliseconds: what it wanted five minutes ago holds it up", () => {
    const fleet = two([
      [30, 0],
      [30, 0],
    ]);
    const hpa = scaler([PODS]);
    assert.equal(hpa.decide(fleet, 10), 4);
    fleet.scaleTo(4, 10);
    for (const pod of fleet.pods) pod.series[0]?.write(20, 20, 0);
    assert.equal(hpa.decide(fleet, 309), 6);
    for (const pod of fleet.pods) pod.series[0]?.write(309, 309, 0);
    assert.equal(hpa.decide(fleet, 311), 1);
  });
});

describe("a plan", () => {
  // Minutes of 60 s; a server takes 90 s.
  const needs = [2, 1, 3, 5, 1, 1];
  const plan = new PlannedScaler(needs, 60, 90);

  it("has what is needed now, and what would be late if it were ordered at the next decision", () => {
    // At 0: until 60 + 90 = 150, so the minutes 0, 1 and 2. At 60: 1, 2 and 3, and so on.
    const wanted = [0, 60, 120, 180, 240, 300].map((at) => plan.decide(undefined, at));
    assert.deepEqual(wanted, [3, 5, 5, 5, 1, 1]);
  });

  it("begins at once, and decides once in an interval", () => {
    assert.deepEqual([plan.firstAt, plan.everySeconds], [0, 60]);
  });

  it("orders for whole intervals only when they are due", () => {
    const exact = new PlannedScaler(needs, 60, 60);
    assert.equal(exact.decide(undefined, 0), 2);
    assert.equal(exact.decide(undefined, 60), 3);
  });

  it("keeps what it needs until its end where nothing comes back, and one when it has ended", () => {
    const forever = new PlannedScaler(needs, 60, Number.POSITIVE_INFINITY);
    assert.deepEqual(
      [0, 180, 240].map((at) => forever.decide(undefined, at)),
      [5, 5, 1],
    );
    assert.equal(plan.decide(undefined, 6000), 1);
  });
});

describe("a fixed fleet", () => {
  it("is decided once, at the start", () => {
    const fixed = new FixedScaler(7);
    assert.deepEqual([fixed.decide(), fixed.firstAt, fixed.everySeconds], [7, 0, Number.POSITIVE_INFINITY]);
  });
});
