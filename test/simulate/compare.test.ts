import assert from "node:assert/strict";
import { hours, percent } from "../../tools/simulate/answer";
import { answerComparison, cheapest } from "../../tools/simulate/answers";
import { asInTutorial, type Comparison, compare } from "../../tools/simulate/compare";
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
    assert.equal(comparison.isPossible, true);
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

describe("the answer of a comparison", () => {
  const { clairvoyant, seeds } = compare(scenario(paced([[60, 1]])), { seed: 1 });
  const contender = (label: string, gpuHours: number, meets: boolean, scales = true) => ({
    label,
    metric: scales ? ({ strategy: "queue-size", target: 1 } as const) : undefined,
    ...{ gpuHours, attained: meets ? 1 : 0.5, results: [] },
  });
  const answerOf = (own: Comparison["contenders"][number], fixedFleet: Comparison["fixedFleet"]) =>
    cheapest({
      contenders: fixedFleet === undefined ? [own] : [own, fixedFleet],
      ...{ fixedFleet, clairvoyant, seeds, isPossible: true },
    });

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

describe("the answer of a comparison over samples that differ", () => {
  // Every second one grows in its middle to more than the servers of its beginning hold.
  const arrivals = (seed: number) =>
    paced([
      [600, 1],
      [1200, seed % 2 === 0 ? 1 : 12],
    ]).arrivals(seed);
  const stack = scenario(trafficOf([], 1800, { arrivals }));
  const { report, json } = answerComparison(stack, { seed: 1 });
  const { seeds, contenders } = JSON.parse(JSON.stringify(json));
  const [row] = report.table.rows;
  const figure = (column: string) => row?.[report.table.columns.indexOf(column)];

  it("has the figures of every sample, for programs", () => {
    assert.deepEqual(seeds, [1, 2, 3, 4]);
    for (const { samples } of contenders) {
      assert.deepEqual(
        samples.map(({ admissible }: { admissible: number }) => admissible),
        [15000, 1800, 15000, 1800],
      );
      assert.ok(samples.every((sample: object) => !("series" in sample)));
    }
    const { gpuHours, ratio } = contenders[0];
    assert.ok(Math.abs(ratio - gpuHours / contenders.at(-1).gpuHours) < 1e-9);
  });

  it("shows all requests, the worst sample, and means", () => {
    const { attained, gpuHours, samples } = contenders[0];
    type Sample = Record<"met" | "admissible" | "gpuHours" | "changes", number> & { readonly ttft: { p95: number } };
    const of = (pick: (sample: Sample) => number): number[] => samples.map(pick);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const met = sum(of((sample) => sample.met)) / sum(of(({ admissible }) => admissible));
    assert.ok(Math.abs(attained - met) < 1e-9 && met < 1, `${attained} ${met}`);
    assert.ok(Math.abs(gpuHours - sum(of((sample) => sample.gpuHours)) / 4) < 1e-9);
    const shares = of((sample) => sample.met / sample.admissible);
    assert.ok(Math.min(...shares) < met);
    assert.deepEqual(
      [figure("in SLO"), figure("worst"), figure("GPU-h"), figure("changes")],
      [
        percent(met),
        percent(Math.min(...shares)),
        hours(gpuHours),
        `${Math.round(sum(of(({ changes }) => changes)) / 4)}`,
      ],
    );
    const slowest = Math.max(...of(({ ttft }) => ttft.p95));
    assert.equal(figure("TTFT p95"), slowest < 10 ? `${slowest.toFixed(1)} s` : `${Math.round(slowest)} s`);
    assert.match(report.notes?.[0] ?? "", /^4 samples of the traffic \(--seed 1 to 4\)/);
  });

  it("draws the first sample of each contender", () => {
    assert.deepEqual(
      report.runs.map(({ label }) => label),
      contenders.map(({ label }: { label: string }) => label),
    );
    const load = report.runs.map((run) =>
      Math.round(Array.from(run.load).reduce((most, value) => Math.max(most, value))),
    );
    assert.ok(
      load.every((most) => most === 12),
      String(load),
    );
  });

  it("says which sample there was, where there was one", () => {
    const recorded = answerComparison(scenario(paced([[60, 1]], { kind: "recorded" })), { seed: 9 });
    assert.equal(recorded.report.notes?.[0], "One sample of the traffic (--seed 9), which the charts show.");
    assert.ok(!recorded.report.table.columns.includes("worst"));
    for (const row of recorded.report.table.rows) assert.equal(row.length, recorded.report.table.columns.length);
  });

  it("leaves a sample out in which nobody came, where there is nothing to show of it", () => {
    const some = (seed: number) => (seed === 2 ? [] : paced([[60, 1]]).arrivals(seed));
    const { columns, rows } = answerComparison(scenario(trafficOf([], 60, { arrivals: some })), { seed: 1 }).report
      .table;
    for (const row of rows.filter(([label]) => label !== "the tutorial as written")) {
      assert.match(row[columns.indexOf("TTFT p95")] ?? "", /^\d/);
      assert.match(row[columns.indexOf("worst")] ?? "", /^\d/);
    }
  });

  it("measures by no clairvoyant that misses the SLO in a sample", () => {
    // A prompt of the second sample takes longer alone than the SLO allows.
    const even = [...paced([[600, 1]]).arrivals(1)];
    const arrivals = (seed: number) => (seed === 2 ? even.map((it) => ({ ...it, inputTokens: 4000 })) : even);
    const slo = { ttftSeconds: 0.25, tpotSeconds: 0.2 };
    const { report, json } = answerComparison({ ...scenario(trafficOf([], 600, { arrivals })), slo }, { seed: 1 });
    const { headline, contenders } = JSON.parse(JSON.stringify(json));
    assert.doesNotMatch(headline, /clairvoyant/);
    assert.ok(contenders.every(({ ratio }: { ratio: unknown }) => ratio === null));
    assert.ok(report.table.rows.every((row) => row[report.table.columns.indexOf("×")] === "–"));
    assert.match(report.notes?.[1] ?? "", /^No number of servers meets the SLO in every sample/);
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
