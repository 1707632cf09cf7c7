import assert from "node:assert/strict";
import { asInTutorial, compare } from "../../tools/simulate/compare";
import { contend, OBJECTIVE, pooledAttainment } from "../../tools/simulate/contend";
import { hpaScaler } from "../../tools/simulate/scenario";
import { MAX_SEED } from "../../tools/simulate/traffic/random";
import { paced, scenario, trafficOf } from "./support";

const SWING = paced([
  [300, 1],
  [300, 6],
]);

describe("a comparison", () => {
  const stack = scenario(SWING, { metricStrategy: "batch-size", metricTarget: "20" });
  const shares: number[] = [];
  const comparison = compare(stack, { seed: 1, progress: (share) => shares.push(share) });
  const { contenders } = comparison;

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
    for (const { results } of contenders) {
      assert.deepEqual(
        results.map(({ admissible }) => admissible),
        comparison.seeds.map(() => 300 + 1800),
      );
    }
  });

  it("has the clairvoyant for its measure", () => {
    assert.equal(contenders.at(-1), comparison.clairvoyant);
    const fixed = contenders.at(-2) ?? assert.fail();
    assert.equal(fixed, comparison.fixedFleet);
    assert.ok(fixed.attained >= OBJECTIVE && fixed.gpuHours > comparison.clairvoyant.gpuHours);
  });

  it("runs each strategy as it would run alone, on every sample", () => {
    const own = contenders[0]?.results ?? assert.fail();
    const alone = comparison.seeds.map((seed, sample) => {
      const initialReplicas = own[sample]?.series.wanted[0] ?? 0;
      return contend(stack, hpaScaler(stack.config), { seed, initialReplicas, maxReplicas: 5 });
    });
    assert.deepEqual(own, alone);
    assert.equal(contenders[0]?.attained, pooledAttainment(alone));
  });

  it("says how far it is, and never goes back", () => {
    assert.ok(shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1));
    assert.ok((shares.at(-1) ?? 0) > 0.9);
  });
});

describe("the samples of a comparison", () => {
  const seedsOf = (hours: number, kind: "generated" | "recorded", seed = 7) => {
    const arrivals = paced([[60, 1]]).arrivals;
    return compare(scenario(trafficOf([], hours * 3600, { kind, arrivals })), { seed }).seeds;
  };

  it("are four of an hour, one after the other, and begin at zero again", () => {
    assert.deepEqual(seedsOf(1, "generated"), [7, 8, 9, 10]);
    assert.deepEqual(seedsOf(0.1, "generated"), [7, 8, 9, 10]);
    assert.deepEqual(seedsOf(2, "generated"), [7, 8]);
    assert.deepEqual(seedsOf(1, "generated", MAX_SEED - 1), [MAX_SEED - 1, MAX_SEED, 0, 1]);
  });

  it("are one of a day, and of a trace", () => {
    assert.deepEqual(seedsOf(24, "generated"), [7]);
    assert.deepEqual(seedsOf(1, "recorded"), [7]);
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
    assert.ok((own?.results[0]?.mostReplicas ?? 0) > 1);
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
      (wanted) => contenders.find(({ label }) => label === wanted)?.results[0] ?? assert.fail(),
    );
    assert.deepEqual([ours?.unserved, (ours?.mostReplicas ?? 0) > 5, theirs?.mostReplicas], [0, true, 5]);
    assert.ok((theirs?.unserved ?? 0) > 20, String(theirs?.unserved));
  });

  it("begins with no more than five", () => {
    const busy = scenario(paced([[60, 24]]), { maxReplicas: "9" });
    const { contenders } = compare(busy, { seed: 1 });
    const ready = contenders.map(({ results }) => results[0]?.series.ready[0]);
    assert.deepEqual([(ready[0] ?? 0) > 5, contenders[4]?.results[0]?.mostReplicas], [true, 5]);
  });
});
