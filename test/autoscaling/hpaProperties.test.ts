import assert from "node:assert/strict";
import fc from "fast-check";
import { HorizontalPodAutoscaler, type HpaSpec, type Reading } from "../../autoscaling/hpa";
import { type HpaBehavior, replicaRules } from "../../autoscaling/hpa/behavior";
import { newHistory } from "../../autoscaling/hpa/history";
import { normalise, recordInitialRecommendation, recordScaleEvent } from "../../autoscaling/hpa/normalise";
import { type PodSample, proposeFromExternal, proposeFromPods } from "../../autoscaling/hpa/proposals";
import { externalMetric, podsMetric } from "../support/hpa";

const TENTH = { down: 0.1, up: 0.1 };
const RUNS = { numRuns: 100 };

const policy = fc.record({
  type: fc.constantFrom("Pods" as const, "Percent" as const),
  value: fc.integer({ min: 1, max: 200 }),
  periodSeconds: fc.constantFrom(15, 60, 300),
});
const scalingRules = fc.record(
  {
    stabilizationWindowSeconds: fc.constantFrom(0, 60, 300, 600),
    selectPolicy: fc.constantFrom("Max" as const, "Min" as const, "Disabled" as const),
    policies: fc.array(policy, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: [] },
);
const behaviors: fc.Arbitrary<HpaBehavior | undefined> = fc.option(
  fc.record({ scaleUp: scalingRules, scaleDown: scalingRules }, { requiredKeys: [] }),
  { nil: undefined },
);

const pod: fc.Arbitrary<PodSample> = fc.record({
  phase: fc.constantFrom("Running" as const, "Running" as const, "Pending" as const, "Failed" as const),
  deleted: fc.boolean(),
  sampleMilli: fc.option(fc.nat({ max: 100_000 }), { nil: null }),
});
const reading: fc.Arbitrary<Reading> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ pods: fc.array(pod, { maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.constant({ error: "down" }) },
);
const spec = fc
  .record({ min: fc.integer({ min: 1, max: 5 }), more: fc.integer({ min: 0, max: 20 }), behavior: behaviors })
  .map(({ min, more, behavior }): HpaSpec => {
    return { minReplicas: min, maxReplicas: min + more, behavior, metrics: [podsMetric("queue", "10")] };
  });

describe("The HPA, whatever it is told,", () => {
  it("stays within its bounds and tells of every change", () => {
    fc.assert(
      fc.property(spec, fc.array(reading, { maxLength: 40 }), (hpaSpec, readings) => {
        const { minReplicas = 1, maxReplicas } = hpaSpec;
        const hpa = new HorizontalPodAutoscaler(hpaSpec);
        let replicas = minReplicas;
        for (const [index, one] of readings.entries()) {
          const before = replicas;
          const nowMs = index * 15_000;
          replicas = hpa.sync({ nowMs, specReplicas: before, statusReplicas: before, readings: [one] });
          assert.ok(replicas >= minReplicas && replicas <= maxReplicas, `${replicas} replicas`);
          assert.equal(hpa.status.lastScaleMs === nowMs, replicas !== before);
        }
      }),
      RUNS,
    );
  });

  it("stays where it is while its only metric fails", () => {
    fc.assert(
      fc.property(spec, fc.array(reading, { maxLength: 10 }), fc.nat({ max: 20 }), (hpaSpec, readings, more) => {
        const { minReplicas = 1, maxReplicas } = hpaSpec;
        const hpa = new HorizontalPodAutoscaler(hpaSpec);
        let replicas = Math.min(maxReplicas, minReplicas + more);
        const sync = (nowMs: number, one: Reading) =>
          hpa.sync({ nowMs, specReplicas: replicas, statusReplicas: replicas, readings: [one] });
        for (const [index, one] of readings.entries()) replicas = sync(index * 15_000, one);
        for (const minutes of [3, 6, 60]) assert.equal(sync(minutes * 60_000, { error: "down" }), replicas);
      }),
      RUNS,
    );
  });

  it("does not go below a proposal in the window of scale-down", () => {
    const proposals = fc.array(fc.integer({ min: 0, max: 25 }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(behaviors, proposals, (behavior, desired) => {
        const rules = replicaRules({ minReplicas: 1, maxReplicas: 20, behavior });
        const windowMs = rules.behavior?.down.windowMs ?? 300_000;
        const history = newHistory();
        let current = 3;
        for (const [index, proposal] of desired.entries()) {
          const nowMs = index * 15_000;
          recordInitialRecommendation(history, nowMs, current);
          const { replicas } = normalise(history, rules, { nowMs, current, desired: proposal });
          if (replicas < current) {
            const recent = desired
              .slice(0, index + 1)
              .filter((_, at) => at === index || nowMs - at * 15_000 < windowMs);
            assert.ok(replicas >= Math.min(20, ...[Math.max(...recent)]), `${current} → ${replicas} after ${recent}`);
          }
          if (replicas !== current) recordScaleEvent(history, rules, nowMs, current, replicas);
          current = replicas;
        }
      }),
      RUNS,
    );
  });

  it("remembers no more than its windows and periods hold", () => {
    fc.assert(
      fc.property(behaviors, fc.array(fc.nat({ max: 25 }), { minLength: 80, maxLength: 100 }), (behavior, desired) => {
        const rules = replicaRules({ minReplicas: 1, maxReplicas: 20, behavior });
        const history = newHistory();
        let current = 3;
        for (const [index, proposal] of desired.entries()) {
          const nowMs = index * 15_000;
          const { replicas } = normalise(history, rules, { nowMs, current, desired: proposal });
          if (replicas !== current) recordScaleEvent(history, rules, nowMs, current, replicas);
          current = replicas;
        }
        const { up, down } = rules.behavior ?? {};
        const most = (ms: number) => ms / 15_000 + 2;
        const windowMs = Math.max(up?.windowMs ?? 0, down?.windowMs ?? 300_000);
        assert.ok(history.recommendations.atMs.length <= most(windowMs));
        assert.ok(history.scaleUps.atMs.length <= (up === undefined ? 0 : most(up.longestPeriodMs)));
        assert.ok(history.scaleDowns.atMs.length <= (down === undefined ? 0 : most(down.longestPeriodMs)));
      }),
      { numRuns: 25 },
    );
  });
});

describe("A proposal", () => {
  const target = fc.integer({ min: 1000, max: 100_000 });
  const samples = fc.array(fc.nat({ max: 300_000 }), { minLength: 1, maxLength: 10 });
  const running = (sampleMilli: number | null): PodSample => ({ phase: "Running", deleted: false, sampleMilli });
  const ofPods = (currentReplicas: number, targetMilli: number, pods: readonly PodSample[]) => {
    const proposal = proposeFromPods({ currentReplicas, targetMilli, tolerances: TENTH, pods });
    assert.ok(proposal.error === undefined);
    return proposal.replicas;
  };
  const ofSeries = (currentReplicas: number, targetMilli: number, seriesMilli: readonly number[]) => {
    const proposal = proposeFromExternal({ currentReplicas, targetMilli, tolerances: TENTH, seriesMilli });
    assert.ok(proposal.error === undefined);
    return proposal.replicas;
  };

  it("keeps what runs inside the tolerance", () => {
    const near = fc.array(fc.integer({ min: 900, max: 1100 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(near, fc.integer({ min: 1, max: 30 }), fc.nat({ max: 3 }), (perMille, current, missing) => {
        const pods = [...perMille.map((share) => running(10 * share)), ...Array(missing).fill(running(null))];
        assert.equal(ofPods(current, 10_000, pods), current);
        const share = perMille[0] ?? 1000;
        assert.equal(ofSeries(current, 10_000, [share * 10 * current]), current);
      }),
      RUNS,
    );
  });

  it("does not fall while the load grows", () => {
    fc.assert(
      fc.property(
        samples,
        target,
        fc.nat({ max: 9 }),
        fc.nat({ max: 100_000 }),
        fc.nat({ max: 4 }),
        (base, targetMilli, which, more, unknown) => {
          const grown = base.map((sample, index) => (index === which % base.length ? sample + more : sample));
          const absent = Array<PodSample>(unknown).fill(running(null));
          const current = base.length + unknown;
          const before = ofPods(current, targetMilli, [...base.map(running), ...absent]);
          assert.ok(before <= ofPods(current, targetMilli, [...grown.map(running), ...absent]));
          assert.ok(ofSeries(current, targetMilli, base) <= ofSeries(current, targetMilli, grown));
        },
      ),
      RUNS,
    );
  });

  it("brings each pod to the target or below where all is known", () => {
    fc.assert(
      fc.property(samples, target, (base, targetMilli) => {
        const sum = base.reduce((a, b) => a + b, 0);
        const reached = ofPods(base.length, targetMilli, base.map(running));
        // The tolerance and what the average was cut by are all that may be left.
        assert.ok(reached * targetMilli * 1.1 + base.length > sum);
        assert.ok(ofSeries(base.length, targetMilli, base) * targetMilli * 1.1 + base.length > sum);
      }),
      RUNS,
    );
  });

  it("of an External metric knows nothing of pods", () => {
    const metrics = [externalMetric("duty", "60")];
    const counts = fc.integer({ min: 1, max: 8 });
    fc.assert(
      fc.property(counts, counts, samples, (ready, exist, seriesMilli) => {
        // Only how many exist is told to the controller, and that only moves the edges of the tolerance.
        const sum = seriesMilli.reduce((a, b) => a + b, 0);
        fc.pre(Math.abs(sum / (60_000 * exist) - 1) > 0.1 + 1e-9);
        const spec = {
          maxReplicas: 100,
          metrics,
          behavior: {
            scaleDown: { stabilizationWindowSeconds: 0 },
            scaleUp: { policies: [{ type: "Pods" as const, value: 100, periodSeconds: 15 }] },
          },
        };
        const hpa = new HorizontalPodAutoscaler(spec);
        const replicas = hpa.sync({
          nowMs: 0,
          specReplicas: ready,
          statusReplicas: exist,
          readings: [{ seriesMilli }],
        });
        assert.equal(replicas, Math.min(100, Math.max(1, Math.ceil(sum / 60_000))));
      }),
      RUNS,
    );
  });
});
