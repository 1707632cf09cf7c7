import assert from "node:assert/strict";
import { hours, percent } from "../../tools/simulate/answer";
import { type Comparison, compare } from "../../tools/simulate/compare";
import { answerComparison, cheapest } from "../../tools/simulate/comparisonAnswer";
import { paced, scenario, trafficOf } from "./support";

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
      ...{ fixedFleet, clairvoyant, seeds },
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

  it("measures by no clairvoyant that misses the SLO", () => {
    // A prompt of the second sample takes longer alone than the SLO allows.
    const even = [...paced([[600, 1]]).arrivals(1)];
    const arrivals = (seed: number) => (seed === 2 ? even.map((it) => ({ ...it, inputTokens: 4000 })) : even);
    const slo = { ttftSeconds: 0.25, tpotSeconds: 0.2 };
    const { report, json } = answerComparison({ ...scenario(trafficOf([], 600, { arrivals })), slo }, { seed: 1 });
    const { headline, contenders } = JSON.parse(JSON.stringify(json));
    assert.doesNotMatch(headline, /clairvoyant/);
    assert.ok(contenders.every(({ ratio }: { ratio: unknown }) => ratio === null));
    assert.ok(report.table.rows.every((row) => row[report.table.columns.indexOf("×")] === "–"));
    assert.match(report.notes?.[1] ?? "", /^No number of servers meets the SLO: /);
  });
});
