import assert from "node:assert/strict";
import fc from "fast-check";
import { hpaMetric, type ScaledWorkload } from "../../../autoscaling/metricStrategy";
import { METRIC_PATHS, type MetricPath } from "../../../catalog/metricPath";
import { streams } from "../../../tools/simulate/traffic/random";
import type { RunOptions } from "../../../tools/simulate/world/run";
import { simulate } from "../../../tools/simulate/world/run";
import { HpaScaler } from "../../../tools/simulate/world/scalers";
import { COLD, PATH, POOL, requests, run, Script, SERVER } from "./support";

const WORKLOAD: ScaledWorkload = {
  cluster: "c",
  location: "l",
  namespace: "n",
  gpusPerReplica: 1,
  dcgmExporter: "gke-managed",
};

/** An HPA of one metric, which it may read on another path than its own. */
function hpa(strategy: "queue-size" | "batch-size" | "gke-duty-cycle", target: number, path: MetricPath): HpaScaler {
  const spec = { minReplicas: 1, maxReplicas: 6, metrics: [hpaMetric({ strategy, target }, WORKLOAD)] };
  return new HpaScaler(spec, [{ strategy, path }]);
}

/** Runs of a quarter of an hour with everything that can happen to a server: some scaler, losses, drains, refusals. */
const RUNS = fc.record({
  gaps: fc.array(fc.double({ min: 0, max: 12, noNaN: true }), { maxLength: 120 }),
  outputTokens: fc.integer({ min: 1, max: 150 }),
  inputTokens: fc.constantFrom(10, 600, 1001),
  plan: fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 6 })), { maxLength: 6 }),
  scaler: fc.constantFrom("plan", "queue-size", "gke-duty-cycle"),
  initialReplicas: fc.integer({ min: 0, max: 4 }),
  maxConcurrentRequests: fc.integer({ min: 1, max: 6 }),
  lossesPerNodeHour: fc.constantFrom(0, 10, 60),
  maxNodes: fc.integer({ min: 1, max: 6 }),
  minNodes: fc.integer({ min: 0, max: 1 }),
  replicasPerNode: fc.integer({ min: 1, max: 3 }),
  unneededSeconds: fc.constantFrom(0, 60, 600),
  isProbed: fc.boolean(),
  warmsUp: fc.boolean(),
  routing: fc.constantFrom("random" as const, "least-loaded" as const),
  ttftSeconds: fc.constantFrom(1, 4, Number.POSITIVE_INFINITY),
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
});
type Drawn = typeof RUNS extends fc.Arbitrary<infer T> ? T : never;

function optionsOf(drawn: Drawn): RunOptions {
  const { maxNodes, minNodes, replicasPerNode, lossesPerNodeHour, unneededSeconds } = drawn;
  let at = 0;
  const times = drawn.gaps.map((gap) => (at = Math.min(899, at + gap)));
  const plan = drawn.plan.toSorted(([a], [b]) => a - b);
  return {
    server: {
      ...{ ...SERVER, isProbed: drawn.isProbed, warmsUp: drawn.warmsUp },
      limits: { ...SERVER.limits, maxConcurrentRequests: drawn.maxConcurrentRequests },
    },
    pool: { ...POOL, maxNodes, minNodes, replicasPerNode, lossesPerNodeHour, unneededSeconds },
    coldStart: COLD,
    scaler: drawn.scaler === "plan" ? new Script([[0, 2], ...plan]) : hpa(drawn.scaler as "queue-size", 2, PATH),
    maxReplicas: 6,
    initialReplicas: drawn.initialReplicas,
    arrivals: requests(times, drawn.outputTokens, drawn.inputTokens),
    durationSeconds: 900,
    slo: { ttftSeconds: drawn.ttftSeconds, tpotSeconds: Number.POSITIVE_INFINITY },
    routing: drawn.routing,
    random: streams(drawn.seed).world,
  };
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe("any run", () => {
  it("counts each request once: met, slow, refused, unserved or dropped", () => {
    fc.assert(
      fc.property(RUNS, (drawn) => {
        const { admissible, met, refused, unserved, dropped, rejected, series } = simulate(optionsOf(drawn));
        assert.equal(admissible + rejected, drawn.gaps.length);
        assert.equal(rejected > 0, drawn.inputTokens > 1000 && drawn.gaps.length > 0);
        const slow = admissible - met - refused - unserved - dropped;
        assert.ok(drawn.ttftSeconds === Number.POSITIVE_INFINITY ? slow === 0 : slow >= 0, `${slow} were slow`);
        assert.equal(sum(series.misses), admissible - met);
        assert.equal(Math.round(sum(series.load) * 15), drawn.gaps.length);
      }),
      { numRuns: 300 },
    );
  });

  it("has no more nodes and ready servers than there may be, and as many nodes as those need", () => {
    fc.assert(
      fc.property(RUNS, (drawn) => {
        const { maxNodes, minNodes, replicasPerNode } = drawn;
        const { series, gpuHours } = simulate(optionsOf(drawn));
        assert.ok(Math.max(...series.ready) <= maxNodes * replicasPerNode);
        assert.ok(gpuHours <= (maxNodes * 900) / 3600 + 1e-9);
        assert.ok(gpuHours >= (minNodes * 900) / 3600 - 1e-9);
        assert.ok(series.ready.every((ready, index) => ready <= Math.max(...series.wanted.slice(0, index + 1), 4)));
      }),
      { numRuns: 150 },
    );
  });

  it("is the same again, and another one by another seed", () => {
    fc.assert(
      fc.property(RUNS, (drawn) => {
        assert.deepEqual(simulate(optionsOf(drawn)), simulate(optionsOf(drawn)));
      }),
      { numRuns: 60 },
    );
    const arrivals = requests(
      Array.from({ length: 400 }, (_, index) => index * 1.4),
      9,
    );
    const seeded = (seed: number) =>
      run({ arrivals, scaler: hpa("queue-size", 2, METRIC_PATHS.scraped), random: streams(seed).world }).series;
    assert.deepEqual(seeded(1), seeded(1));
    assert.notDeepEqual(seeded(1), seeded(2));
  });
});

describe("strategies", () => {
  const arrivals = requests(
    Array.from({ length: 900 }, (_, index) => index * 1.1),
    20,
    400,
  );
  const server = { ...SERVER, limits: { ...SERVER.limits, maxConcurrentRequests: 60 } };
  const ran = (scaler: HpaScaler) =>
    run({ arrivals, server, scaler, durationSeconds: 1200, random: streams(7).world, maxReplicas: 6 });

  it("differ by their path: the same signal on the same path has the same run", () => {
    const scraped = ran(hpa("queue-size", 2, METRIC_PATHS.scraped));
    assert.deepEqual(ran(hpa("queue-size", 2, { ...METRIC_PATHS.scraped })), scraped);
    assert.ok(scraped.mostReplicas > 1);
  });

  it("see load the later the longer their path is", () => {
    const firstUp = (path: MetricPath) => {
      const { wanted, at } = ran(hpa("gke-duty-cycle", 50, path)).series;
      return at[wanted.findIndex((count) => count > 1)] ?? Number.POSITIVE_INFINITY;
    };
    const [fast, slow] = [firstUp(METRIC_PATHS.scrapedDcgm), firstUp(METRIC_PATHS.dutyCycle)];
    // A sample of the last second within 15 s, seen after at most 7 s, and a sync within 15 s; 60 s at least for the other.
    assert.ok(fast <= 45, String(fast));
    assert.ok(slow >= 75 && slow <= 210, String(slow));
  });

  it("have no signal of a server that has not been warmed up until it has had a request", () => {
    const cold = { ...server, warmsUp: false };
    const late = requests([300.5, 301, 302], 400);
    const { average, at } = run({ arrivals: late, server: cold, scaler: hpa("queue-size", 2, PATH) }).series;
    const first = at[average.findIndex((value) => !Number.isNaN(value))] ?? 0;
    // Sampled within 10 s after 300.5, seen 4 s later, read at a sync within 15 s, and written down within 15 s.
    assert.ok(first > 304 && first <= 345, String(first));
    const warm = run({ arrivals: late, server, scaler: hpa("queue-size", 2, PATH) }).series.average;
    assert.equal(warm.findIndex((value) => !Number.isNaN(value)) <= 2, true);
  });
});

describe("the averages of a run", () => {
  it("are what the HPA has seen: the samples that were visible when it synced, by hand", () => {
    // Every draw is 0.5. Samples at 5, 15, 25, …, seen at 9, 19, 29, …; syncs at 7.5, 22.5, 37.5, …
    // One request works from 0.1 on; the others, of 600 tokens each, wait: 1 from 1, 2 from 14, 3 from 16, 4 from 26.
    const limits = { ...SERVER.limits, maxBatchTotalTokens: 2000 };
    const { series } = run({
      arrivals: requests([0.1, 1, 14, 16, 26], 1000, 600),
      server: { ...SERVER, limits },
      scaler: hpa("queue-size", 100, PATH),
      durationSeconds: 60,
    });
    // At 7.5 nothing is visible; at 22.5 the sample of 15, at 37.5 that of 25, at 52.5 that of 45.
    assert.deepEqual(series.average, [Number.NaN, 2, 3, 4]);
  });
});
