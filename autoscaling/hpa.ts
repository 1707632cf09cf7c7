import { HPA_DEFAULTS } from "../catalog/gke";
import {
  type ControllerFlags,
  type HpaBehavior,
  type ReplicaRules,
  replicaRules,
  type Tolerances,
  tolerancesOf,
} from "./hpa/behavior";
import { type Conditions, SCALING_DISABLED, SUCCEEDED_GET_SCALE, succeededRescale } from "./hpa/conditions";
import { type History, newHistory } from "./hpa/history";
import { type MetricSource, metricSource } from "./hpa/metric";
import { normalise, recordInitialRecommendation, recordScaleEvent } from "./hpa/normalise";
import { combine, type PodSample, type Proposal, proposeFromExternal, proposeFromPods } from "./hpa/proposals";
import type { HpaMetric } from "./metricStrategy";

/** The part of an `autoscaling/v2` HorizontalPodAutoscaler's spec that decides. */
export interface HpaSpec {
  /** 1 where left out. */
  readonly minReplicas?: number | undefined;
  readonly maxReplicas: number;
  readonly metrics: readonly HpaMetric[];
  readonly behavior?: HpaBehavior | undefined;
}

export interface HpaOptions {
  /** Kubernetes' defaults, which GKE keeps, where left out. */
  readonly flags?: ControllerFlags;
  /** Of the HPA, for messages only. */
  readonly namespace?: string;
}

/** What the metrics API answers for one metric: samples of pods, values of series, or the client's error. */
export type Reading =
  | { readonly pods: readonly PodSample[] }
  | { readonly seriesMilli: readonly number[] }
  | { readonly error: string };

/** What the controller sees in one sync. */
export interface Observation {
  /** Milliseconds on any clock that never goes back. */
  readonly nowMs: number;
  /** `spec.replicas` of the target. */
  readonly specReplicas: number;
  /** `status.replicas` of the target: pods that exist, ready or not. */
  readonly statusReplicas: number;
  /** One for each metric of the spec, in its order. */
  readonly readings: readonly Reading[];
}

/** The HPA's status after a sync. */
export interface HpaStatus {
  currentReplicas: number;
  /** 0 until a sync has succeeded. */
  desiredReplicas: number;
  /** Of the last change of replicas by the controller. */
  lastScaleMs: number | undefined;
  /** Average of each metric in thousandths, null for one that failed; empty when none was looked at. */
  readonly averagesMilli: (number | null)[];
  readonly conditions: Conditions;
}

/**
 * One HPA and what the controller remembers of it: the arithmetic of the horizontal-pod-autoscaler controller of
 * Kubernetes 1.35 (`pkg/controller/podautoscaler`) for `Pods` and `External` metrics with an `AverageValue`, which
 * are all that we use. Values are whole thousandths, exact as long as sums stay below 2^53.
 */
export class HorizontalPodAutoscaler {
  /** Updated in place by every sync. */
  readonly status: HpaStatus = {
    currentReplicas: 0,
    desiredReplicas: 0,
    lastScaleMs: undefined,
    averagesMilli: [],
    conditions: { AbleToScale: SUCCEEDED_GET_SCALE },
  };
  private readonly history: History = newHistory();
  private readonly rules: ReplicaRules;
  private readonly tolerances: Tolerances;
  private readonly sources: readonly MetricSource[];
  private readonly proposals: Proposal[] = [];

  constructor(spec: HpaSpec, { flags = HPA_DEFAULTS, namespace = "default" }: HpaOptions = {}) {
    this.rules = replicaRules(spec, flags);
    this.tolerances = tolerancesOf(spec.behavior, flags);
    this.sources = spec.metrics.map((metric) => metricSource(metric, namespace));
  }

  /**
   * One sync of the controller.
   *
   * @returns `spec.replicas` of the target after it.
   */
  sync(seen: Observation): number {
    const { nowMs, specReplicas: current } = seen;
    const { status, rules } = this;
    const { conditions } = status;
    conditions.AbleToScale = SUCCEEDED_GET_SCALE;
    recordInitialRecommendation(this.history, nowMs, current);
    status.currentReplicas = current;
    status.averagesMilli.length = 0;

    const desired = this.desiredReplicas(seen);
    if (desired === null) return current;
    status.desiredReplicas = desired;
    if (desired !== current) {
      conditions.AbleToScale = succeededRescale(desired);
      recordScaleEvent(this.history, rules, nowMs, current, desired);
      status.lastScaleMs = nowMs;
    }
    return desired;
  }

  /** Null where the metrics allow no answer. */
  private desiredReplicas(seen: Observation): number | null {
    const { nowMs, specReplicas: current } = seen;
    const { rules, history } = this;
    const { conditions } = this.status;
    if (current === 0 && rules.minReplicas !== 0) {
      conditions.ScalingActive = SCALING_DISABLED;
      return 0;
    }
    if (current > rules.maxReplicas) return rules.maxReplicas;
    if (current < rules.minReplicas) return rules.minReplicas;
    const desired = this.desiredByMetrics(seen);
    if (desired === null) return null;
    const { replicas, ableToScale, scalingLimited } = normalise(history, rules, { nowMs, current, desired });
    conditions.AbleToScale = ableToScale;
    conditions.ScalingLimited = scalingLimited;
    return replicas;
  }

  private desiredByMetrics({ specReplicas, statusReplicas, readings }: Observation): number | null {
    const { sources, proposals, tolerances } = this;
    const { averagesMilli, conditions } = this.status;
    let index = 0;
    for (const source of sources) {
      const proposal = propose(source, readings[index], specReplicas, statusReplicas, tolerances);
      proposals[index] = proposal;
      averagesMilli[index] = proposal.error === undefined ? proposal.usageMilli : null;
      index += 1;
    }
    const { replicas, largest, failed } = combine(proposals, specReplicas);
    const failure = proposals[failed]?.error;
    const active = replicas === null ? sources[failed]?.failed(failure ?? "") : sources[largest]?.found;
    if (active !== undefined) conditions.ScalingActive = active;
    return replicas;
  }
}

function propose(
  { type, targetMilli }: MetricSource,
  reading: Reading | undefined,
  specReplicas: number,
  statusReplicas: number,
  tolerances: Tolerances,
): Proposal {
  if (reading !== undefined) {
    if ("error" in reading) return reading;
    if (type === "Pods" && "pods" in reading) {
      return proposeFromPods({ currentReplicas: specReplicas, targetMilli, tolerances, pods: reading.pods });
    }
    if (type === "External" && "seriesMilli" in reading) {
      const { seriesMilli } = reading;
      return proposeFromExternal({ currentReplicas: statusReplicas, targetMilli, tolerances, seriesMilli });
    }
  }
  throw new TypeError(`the readings must be one for each metric, in the spec's order: ${type} wanted`);
}
