import type { DirectionRules, ReplicaRules } from "./behavior";
import { ABLE_TO_SCALE, SCALING_LIMITED } from "./conditions";
import { type History, maxFrom, maxSince, minSince, note, sumSince } from "./history";
import { addInt32, int32, MAX_INT32 } from "./integers";

/** What is proposed, when, and to how many replicas. */
export interface Proposed {
  /** Milliseconds on any clock that never goes back; whole ones keep the windows' edges exact. */
  readonly nowMs: number;
  /** `spec.replicas` of the target. */
  readonly current: number;
  /** What the metrics propose, before any bound. */
  readonly desired: number;
}

/** What the controller makes of a proposal. */
export interface Normalised {
  readonly replicas: number;
  readonly ableToScale: (typeof ABLE_TO_SCALE)[keyof typeof ABLE_TO_SCALE];
  readonly scalingLimited: (typeof SCALING_LIMITED)[keyof typeof SCALING_LIMITED];
}

type Limited = keyof typeof SCALING_LIMITED;

/** The first recommendation of an HPA that has none is what the target runs. */
export function recordInitialRecommendation({ recommendations }: History, nowMs: number, current: number): void {
  if (recommendations.atMs.length === 0) note(recommendations, nowMs, current, nowMs);
}

/** Stabilises and bounds a proposal, and remembers it. */
export function normalise(history: History, rules: ReplicaRules, proposed: Proposed): Normalised {
  const { behavior } = rules;
  return behavior === undefined
    ? normaliseWithoutBehavior(history, rules, proposed)
    : normaliseWithBehavior(history, rules, behavior, proposed);
}

/** Remembers a change of replicas for the rate limits, which only a behavior has. */
export function recordScaleEvent(
  history: History,
  { behavior }: ReplicaRules,
  nowMs: number,
  from: number,
  to: number,
): void {
  if (behavior === undefined) return;
  if (to > from) note(history.scaleUps, nowMs, to - from, nowMs - behavior.up.longestPeriodMs);
  else note(history.scaleDowns, nowMs, from - to, nowMs - behavior.down.longestPeriodMs);
}

function normaliseWithoutBehavior(
  { recommendations }: History,
  { minReplicas, maxReplicas, scaleDownWindowMs }: ReplicaRules,
  { nowMs, current, desired }: Proposed,
): Normalised {
  const cutoffMs = nowMs - scaleDownWindowMs;
  const stabilised = maxFrom(recommendations, cutoffMs, desired);
  note(recommendations, nowMs, desired, cutoffMs);

  const rateLimit = Math.max(2 * current, 4);
  const most = Math.min(maxReplicas, rateLimit);
  const ableToScale = stabilised === desired ? "ReadyForNewScale" : "ScaleDownStabilized";
  if (stabilised < minReplicas) return normalised(minReplicas, ableToScale, "TooFewReplicas");
  if (stabilised <= most) return normalised(stabilised, ableToScale, "DesiredWithinRange");
  return normalised(most, ableToScale, maxReplicas > rateLimit ? "ScaleUpLimit" : "TooManyReplicas");
}

function normaliseWithBehavior(
  history: History,
  rules: ReplicaRules,
  behavior: NonNullable<ReplicaRules["behavior"]>,
  { nowMs, current, desired }: Proposed,
): Normalised {
  const { up, down } = behavior;
  const { recommendations } = history;
  const lowest = minSince(recommendations, nowMs - up.windowMs, desired);
  const highest = maxSince(recommendations, nowMs - down.windowMs, desired);
  const stabilised = Math.min(Math.max(current, lowest), highest);
  note(recommendations, nowMs, desired, nowMs - Math.max(up.windowMs, down.windowMs));

  const ableToScale =
    stabilised === desired ? "ReadyForNewScale" : desired >= current ? "ScaleUpStabilized" : "ScaleDownStabilized";
  if (stabilised > current) {
    // A limit below what runs is one that earlier steps have used up: it holds, it does not take back.
    const limit = Math.max(current, scaleUpLimit(history, up, nowMs, current));
    const most = Math.min(rules.maxReplicas, limit);
    if (stabilised > most) {
      return normalised(most, ableToScale, rules.maxReplicas > limit ? "ScaleUpLimit" : "TooManyReplicas");
    }
  } else if (stabilised < current) {
    const limit = Math.min(current, scaleDownLimit(history, down, nowMs, current));
    const least = Math.max(rules.minReplicas, limit);
    if (stabilised < least) {
      return normalised(least, ableToScale, rules.minReplicas < limit ? "ScaleDownLimit" : "TooFewReplicas");
    }
  }
  return normalised(stabilised, ableToScale, "DesiredWithinRange");
}

function normalised(replicas: number, ableToScale: keyof typeof ABLE_TO_SCALE, limited: Limited): Normalised {
  return { replicas, ableToScale: ABLE_TO_SCALE[ableToScale], scalingLimited: SCALING_LIMITED[limited] };
}

/** Replicas that the policies of scale-up allow at most. */
function scaleUpLimit(history: History, rules: DirectionRules, nowMs: number, current: number): number {
  if (rules.selectPolicy === "Disabled") return current;
  const smallest = rules.selectPolicy === "Min";
  let limit = smallest ? MAX_INT32 : -MAX_INT32;
  for (const { type, value, periodMs } of rules.policies) {
    const start = periodStart(history, nowMs - periodMs, current);
    const allowed = type === "Pods" ? addInt32(start, value) : int32(Math.ceil(start * (1 + value / 100)));
    limit = smallest ? Math.min(limit, allowed) : Math.max(limit, allowed);
  }
  return limit;
}

/** Replicas that the policies of scale-down leave at least. */
function scaleDownLimit(history: History, rules: DirectionRules, nowMs: number, current: number): number {
  if (rules.selectPolicy === "Disabled") return current;
  const largest = rules.selectPolicy === "Min";
  let limit = largest ? -MAX_INT32 : MAX_INT32;
  for (const { type, value, periodMs } of rules.policies) {
    const start = periodStart(history, nowMs - periodMs, current);
    const left = type === "Pods" ? addInt32(start, -value) : int32(start * (1 - value / 100));
    limit = largest ? Math.max(limit, left) : Math.min(limit, left);
  }
  return limit;
}

/** Replicas that there would have been at the period's start, had the controller alone changed them. */
function periodStart({ scaleUps, scaleDowns }: History, sinceMs: number, current: number): number {
  return current - sumSince(scaleUps, sinceMs) + sumSince(scaleDowns, sinceMs);
}
