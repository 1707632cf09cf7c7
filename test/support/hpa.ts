import assert from "node:assert/strict";
import { HorizontalPodAutoscaler, type HpaSpec, type Reading } from "../../autoscaling/hpa";
import { type HpaBehavior, replicaRules } from "../../autoscaling/hpa/behavior";
import { newHistory } from "../../autoscaling/hpa/history";
import { normalise, recordInitialRecommendation, recordScaleEvent } from "../../autoscaling/hpa/normalise";
import type { PodSample } from "../../autoscaling/hpa/proposals";

const PHASES: Readonly<Record<string, PodSample["phase"]>> = {
  pending: "Pending",
  failed: "Failed",
  succeeded: "Succeeded",
  unknown: "Unknown",
};

/**
 * Pods in short: `12.5` runs and has this sample, `-` runs without one; `pending:7`, `failed:-`, `deleted:3` and so on
 * say how they differ from that.
 */
export function podsOf(text: string): readonly PodSample[] {
  return text
    .split(" ")
    .filter((word) => word !== "")
    .map((word) => {
      const [, state = "", value] = /^(?:(\w+):)?(.+)$/.exec(word) ?? [];
      return {
        phase: PHASES[state] ?? "Running",
        deleted: state === "deleted",
        sampleMilli: value === "-" ? null : Math.round(Number(value) * 1000),
      };
    });
}

/** An HPA that scales on a queue. */
export const QUEUE_HPA: HpaSpec = { minReplicas: 1, maxReplicas: 8, metrics: [podsMetric("queue", "10")] };

export function podsMetric(name: string, averageValue: string): HpaSpec["metrics"][number] {
  return { type: "Pods", pods: { metric: { name }, target: { type: "AverageValue", averageValue } } };
}

export function externalMetric(
  name: string,
  averageValue: string,
  matchLabels: Record<string, string> = {},
): HpaSpec["metrics"][number] {
  return {
    type: "External",
    external: { metric: { name, selector: { matchLabels } }, target: { type: "AverageValue", averageValue } },
  };
}

/** One sync: seconds, replicas, proposal; then what is expected: replicas, `AbleToScale` and `ScalingLimited`. */
type Sync = readonly [
  seconds: number,
  current: number,
  desired: number,
  replicas: number,
  ableToScale?: string,
  scalingLimited?: string,
];

/** Plays syncs of one HPA with 1 to 100 replicas where not said otherwise, the events of scaling included. */
function assertSyncs(
  spec: {
    readonly min?: number;
    readonly max?: number;
    readonly behavior?: HpaBehavior;
    readonly flagSeconds?: number;
    readonly fresh?: boolean;
  },
  syncs: readonly Sync[],
): void {
  const { min = 1, max = 100, behavior, flagSeconds = 300, fresh = false } = spec;
  const flags = { tolerance: 0.1, scaleDownStabilizationSeconds: flagSeconds };
  const rules = replicaRules({ minReplicas: min, maxReplicas: max, behavior }, flags);
  const history = newHistory();
  for (const [seconds, current, desired, replicas, ableToScale, scalingLimited] of syncs) {
    const nowMs = seconds * 1000;
    if (fresh) recordInitialRecommendation(history, nowMs, current);
    const got = normalise(history, rules, { nowMs, current, desired });
    const shown = `at ${seconds} s, ${current} → ${desired}`;
    assert.equal(got.replicas, replicas, shown);
    if (ableToScale !== undefined) assert.equal(got.ableToScale.reason, ableToScale, shown);
    if (scalingLimited !== undefined) assert.equal(got.scalingLimited.reason, scalingLimited, shown);
    assert.equal(got.ableToScale.status, "True");
    assert.equal(got.scalingLimited.status, got.scalingLimited.reason === "DesiredWithinRange" ? "False" : "True");
    if (replicas !== current) recordScaleEvent(history, rules, nowMs, current, replicas);
  }
}

/** A test for each case: what it shows, the spec and the syncs. */
export function playSyncs(
  cases: readonly (readonly [what: string, spec: Parameters<typeof assertSyncs>[0], syncs: readonly Sync[]])[],
): void {
  for (const [what, spec, syncs] of cases) it(what, () => assertSyncs(spec, syncs));
}

/** One sync per 15 s, of a target whose pods all exist. */
export function player(spec: HpaSpec, options?: ConstructorParameters<typeof HorizontalPodAutoscaler>[1]) {
  const hpa = new HorizontalPodAutoscaler(spec, options);
  let nowMs = 0;
  const sync = (specReplicas: number, readings: readonly Reading[], statusReplicas = specReplicas) => {
    const replicas = hpa.sync({ nowMs, specReplicas, statusReplicas, readings });
    nowMs += 15_000;
    return replicas;
  };
  const reasons = () => {
    const { AbleToScale, ScalingActive, ScalingLimited } = hpa.status.conditions;
    return [AbleToScale.reason, ScalingActive?.reason, ScalingLimited?.reason];
  };
  return { hpa, sync, reasons };
}

export function pods(text: string): Reading {
  return { pods: podsOf(text) };
}
