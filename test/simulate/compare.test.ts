import assert from "node:assert/strict";
import { cheapest } from "../../tools/simulate/answers";
import { asInTutorial, type Comparison, compare, standing } from "../../tools/simulate/compare";
import { attainment, contend, OBJECTIVE } from "../../tools/simulate/contend";
import { hpaScaler } from "../../tools/simulate/scenario";
import { paced, scenario } from "./support";

const SWING = paced([
  [300, 1],
  [300, 6],
]);

describe("a comparison", () => {
  const stack = scenario(SWING, { metricStrategy: "batch-size", metricTarget: "20" });
  const shares: number[] = [];
  const { contenders, plan } = compare(stack, { seed: 1, progress: (share) => shares.push(share) });

  it("is of the stack first, the other strategies at their defaults, the tutorial, and what knows the traffic", () => {
    const labels = contenders.map(({ label }) => label);
    assert.equal(labels[0], "batch-size at 20");
    assert.deepEqual(
      labels.slice(1, 4).map((label) => label.split(" at ")[0]),
      ["queue-size", "gke-duty-cycle", "dcgm-gpu-util"],
    );
    assert.equal(labels[4], "the tutorial as written");
    assert.match(labels[5] ?? "", /^a fixed fleet of \d+$/);
    assert.deepEqual(labels.slice(6), ["clairvoyant"]);
    const metrics = contenders.map(({ metric }) => metric);
    assert.deepEqual(
      [metrics[0], metrics[4]],
      [
        { strategy: "batch-size", target: 20 },
        { strategy: "queue-size", target: 10 },
      ],
    );
    assert.deepEqual(metrics.slice(5), [undefined, undefined]);
  });

  it("gives all of them the same traffic", () => {
    for (const { result } of contenders) assert.equal(result.admissible, 300 + 1800);
  });

  it("has the clairvoyant for its measure", () => {
    const last = contenders.at(-1) ?? assert.fail();
    assert.equal(last.result, plan.result);
    assert.deepEqual(standing(last, plan), { attained: attainment(plan.result), ratio: 1 });
    const fixed = contenders.at(-2) ?? assert.fail();
    const { attained, ratio } = standing(fixed, plan);
    assert.ok(attained >= OBJECTIVE && ratio > 1);
  });

  it("runs each strategy as it would run alone", () => {
    const own = contenders[0]?.result ?? assert.fail();
    const initialReplicas = own.series.wanted[0] ?? 0;
    assert.deepEqual(contend(stack, hpaScaler(stack.config), { seed: 1, initialReplicas, maxReplicas: 5 }), own);
  });

  it("says how far it is, and never goes back", () => {
    assert.ok(shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1));
    assert.ok((shares.at(-1) ?? 0) > 0.9);
  });
});

describe("the answer of a comparison", () => {
  const { plan } = compare(scenario(paced([[60, 1]])), { seed: 1 });
  const contender = (label: string, gpuHours: number, meets: boolean, scales = true) => ({
    label,
    metric: scales ? ({ strategy: "queue-size", target: 1 } as const) : undefined,
    result: { ...plan.result, gpuHours, admissible: 100, met: meets ? 100 : 50 },
  });
  const answerOf = (own: Comparison["contenders"][number], fixedFleet: Comparison["fixedFleet"]) =>
    cheapest({ contenders: fixedFleet === undefined ? [own] : [own, fixedFleet], fixedFleet, plan });

  it("names a fixed fleet only where it takes less than the cheapest strategy", () => {
    const own = contender("queue-size at 1", 10, true);
    const less = answerOf(own, contender("a fixed fleet of 5", 5, true, false));
    assert.match(less, /^Simulated, queue-size at 1 is the cheapest strategy that meets the SLO: 10\.0 GPU-hours/);
    assert.match(less, / A fixed fleet of 5, sized for this very traffic, is cheaper: 5\.00 GPU-hours\.$/);
    assert.doesNotMatch(answerOf(own, contender("a fixed fleet of 5", 10, true, false)), /fixed/);
    assert.doesNotMatch(answerOf(own, undefined), /fixed/);
  });

  it("names it where no strategy meets the SLO", () => {
    const own = contender("queue-size at 1", 10, false);
    assert.match(
      answerOf(own, contender("a fixed fleet of 5", 15, true, false)),
      /A fixed fleet of 5 meets it, for 15\.0 GPU/,
    );
    assert.match(answerOf(own, undefined), /no strategy meets the SLO .* does\.$/);
  });
});

describe("a comparison of a stack with several metrics", () => {
  it("has all of them in the stack's own run", () => {
    const several = scenario(paced([[300, 4]]), {
      ...{ metricStrategy: "queue-size", metricTarget: "100" },
      extraMetrics: '[{"strategy":"dcgm-gpu-util","target":5}]',
    });
    const { contenders } = compare(several, { seed: 1 });
    const [own, batch, , dcgm] = contenders;
    assert.equal(own?.label, "queue-size at 100, dcgm-gpu-util at 5");
    assert.equal(batch?.metric?.strategy, "batch-size");
    // A strategy of the stack's own has the stack's target.
    assert.deepEqual(dcgm?.metric, { strategy: "dcgm-gpu-util", target: 5 });
    assert.ok((own?.result.mostReplicas ?? 0) > 1);
  });
});

describe("the tutorial as written", () => {
  const stack = scenario(
    paced([
      [120, 1],
      [240, 24],
    ]),
    { maxReplicas: "9", maxConcurrentRequests: "200" },
  );

  it("has no warm-up, no probes, the image's own limit, and 30 s to end", () => {
    const { server, ...rest } = stack;
    const { server: theirs, ...same } = asInTutorial(stack);
    assert.deepEqual(same, rest);
    // Its servers do not sleep for 20 s: the 30 s begin at once.
    const limits = { ...server.limits, maxConcurrentRequests: 128, drainSeconds: 10 };
    assert.deepEqual(theirs, { ...server, warmsUp: false, isProbed: false, limits });
  });

  it("sends requests to servers that load, and has five of them at most", () => {
    const { contenders } = compare(stack, { seed: 1 });
    const [ours, theirs] = ["queue-size at 0.5", "the tutorial as written"].map(
      (wanted) => contenders.find(({ label }) => label === wanted)?.result ?? assert.fail(),
    );
    assert.deepEqual([ours?.unserved, (ours?.mostReplicas ?? 0) > 5, theirs?.mostReplicas], [0, true, 5]);
    assert.ok((theirs?.unserved ?? 0) > 20, String(theirs?.unserved));
  });

  it("begins with no more than five", () => {
    const busy = scenario(paced([[60, 24]]), { maxReplicas: "9" });
    const { contenders } = compare(busy, { seed: 1 });
    const ready = contenders.map(({ result }) => result.series.ready[0]);
    assert.deepEqual([(ready[0] ?? 0) > 5, contenders[4]?.result.mostReplicas], [true, 5]);
  });
});
