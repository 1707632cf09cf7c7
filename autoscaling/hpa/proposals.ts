import type { Tolerances } from "./behavior";
import { int32, int64, MAX_INT32, MAX_INT64, quotient } from "./integers";

/** A pod that the target's selector finds, and its sample of one metric. */
export interface PodSample {
  readonly phase: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown";
  /** Whether it has a deletion timestamp. */
  readonly deleted: boolean;
  /** Its value in thousandths, null where the metrics API returned none. Several series of a pod count as their sum. */
  readonly sampleMilli: number | null;
}

/** What one metric proposes before any bound, or why it proposes nothing. */
export type Proposal =
  | {
      readonly error?: undefined;
      readonly replicas: number;
      /** The average in thousandths that the HPA's status shows. */
      readonly usageMilli: number;
    }
  | { readonly error: string };

export const NO_POD_SAMPLES = "no metrics returned from custom metrics API";
export const NO_SERIES = "no metrics returned from external metrics API";
export const NO_PODS_USED = "did not receive metrics for targeted pods (pods might be unready)";

/** A `Pods` metric with an `AverageValue`. */
export interface PodsMetric {
  /** `spec.replicas` of the target. */
  readonly currentReplicas: number;
  /** The target average in thousandths. */
  readonly targetMilli: number;
  readonly tolerances: Tolerances;
  readonly pods: readonly PodSample[];
}

/**
 * Proposal of a `Pods` metric. Whether a pod is ready does not matter: one that is pending counts as unready, one
 * that runs counts with its sample, or as missing.
 */
export function proposeFromPods({ currentReplicas, targetMilli, tolerances, pods }: PodsMetric): Proposal {
  let samples = 0;
  let sampled = 0;
  let missing = 0;
  let unready = 0;
  let sum = 0;
  for (const { phase, deleted, sampleMilli } of pods) {
    if (sampleMilli !== null) samples += 1;
    if (deleted || phase === "Failed") continue;
    if (phase === "Pending") {
      unready += 1;
    } else if (sampleMilli === null) {
      missing += 1;
    } else {
      sampled += 1;
      sum += sampleMilli;
    }
  }
  if (samples === 0) return { error: NO_POD_SAMPLES };
  if (sampled === 0) return { error: NO_PODS_USED };

  const usageMilli = quotient(sum, sampled);
  const ratio = usageMilli / targetMilli;
  const addsUnready = unready > 0 && ratio > 1;
  if (missing === 0 && !addsUnready) {
    const replicas = isWithin(ratio, tolerances) ? currentReplicas : int32(Math.ceil(ratio * sampled));
    return { replicas, usageMilli };
  }

  // What is not known is assumed to be what keeps the number of replicas: the target on the way down, 0 on the way up.
  let counted = sampled;
  let total = sum;
  if (ratio !== 1) counted += missing;
  if (ratio < 1) total += missing * targetMilli;
  if (addsUnready) counted += unready;
  const assumedRatio = quotient(total, counted) / targetMilli;
  const replicas = int32(Math.ceil(assumedRatio * counted));
  // The way down cannot turn: pods that count as the target keep the average below it.
  const turns = ratio > 1 && assumedRatio < 1;
  const contradicts =
    (assumedRatio < 1 && replicas > currentReplicas) || (assumedRatio > 1 && replicas < currentReplicas);
  const unchanged = turns || contradicts || isWithin(assumedRatio, tolerances);
  return { replicas: unchanged ? currentReplicas : replicas, usageMilli };
}

/** An `External` metric with an `AverageValue`. */
export interface ExternalMetric {
  /** `status.replicas` of the target: the pods that exist, ready or not. */
  readonly currentReplicas: number;
  /** The target average in thousandths. */
  readonly targetMilli: number;
  readonly tolerances: Tolerances;
  /** Value of every series that the selector admits, in thousandths. */
  readonly seriesMilli: readonly number[];
}

/** Proposal of an `External` metric: the sum of its series, whoever wrote them, over the target. */
export function proposeFromExternal({
  currentReplicas,
  targetMilli,
  tolerances,
  seriesMilli,
}: ExternalMetric): Proposal {
  if (seriesMilli.length === 0) return { error: NO_SERIES };
  const sum = sumOfSeries(seriesMilli);
  const ratio = sum / (targetMilli * currentReplicas);
  const replicas = isWithin(ratio, tolerances) ? currentReplicas : Math.min(Math.ceil(sum / targetMilli), MAX_INT32);
  return { replicas, usageMilli: sum >= MAX_INT64 ? MAX_INT64 : int64(Math.ceil(sum / currentReplicas)) };
}

/** The controller takes a sum below zero for an overflow of `int64`, at whichever series it gets there. */
function sumOfSeries(seriesMilli: readonly number[]): number {
  let sum = 0;
  for (const value of seriesMilli) {
    sum += value;
    if (sum < 0 || sum >= MAX_INT64) return MAX_INT64;
  }
  return sum;
}

/** Whether a ratio of usage to target is too near to one to do anything; both ends are near enough. */
function isWithin(ratio: number, { down, up }: Tolerances): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

/** What several metrics propose together. */
export interface Combined {
  /** Null where nothing may happen. */
  readonly replicas: number | null;
  /** Index of the metric with the largest proposal, the first of them; −1 where none has one. */
  readonly largest: number;
  /** Index of the first metric without a proposal; −1 where all have one. */
  readonly failed: number;
}

/**
 * The largest proposal wins. Metrics that fail forbid scaling down, as they might have proposed more; where all fail
 * nothing happens.
 *
 * @param current `spec.replicas` of the target.
 */
export function combine(proposals: readonly Proposal[], current: number): Combined {
  let replicas = 0;
  let largest = -1;
  let failed = -1;
  let index = 0;
  for (const proposal of proposals) {
    if (proposal.error !== undefined) {
      if (failed === -1) failed = index;
    } else if (replicas === 0 || proposal.replicas > replicas) {
      // A proposal of zero is overruled by any later one, even a negative one that came of an overflow.
      replicas = proposal.replicas;
      largest = index;
    }
    index += 1;
  }
  const frozen = largest === -1 || (failed !== -1 && replicas < current);
  return { replicas: frozen ? null : Math.max(0, replicas), largest, failed };
}
