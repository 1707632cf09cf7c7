import { replicaRules, tolerancesOf } from "../../autoscaling/hpa/behavior";
import { HPA_DEFAULTS } from "../../catalog/gke";
import { possibleProposals } from "./candidates";
import type { Difference } from "./difference";
import { flagSeconds, type Moment, type Timeline } from "./timeline";
import { Tracks } from "./tracks";

/**
 * Replays a timeline: every number of replicas that the real controller wanted must be one that our arithmetic can
 * come to. Average, `current` and `wanted` belong together, as the controller writes a status in one piece, and they
 * hold for each sync until the next status. What a timeline leaves open is taken every way: how many pods had a
 * sample, what the average was before it was rounded, and when a sync was, to one sync period. So a wrong timeline may
 * pass, but a right one does not fail unless the controller restarted, a rollout surged, or a sync came later.
 *
 * @param lateMs how much later than in its rhythm a sync may have been: on a busy machine one takes its time.
 */
export function replay(timeline: Timeline, lateMs = 0): readonly Difference[] {
  const { hpa } = timeline;
  const syncMs = 1000 * flagSeconds(timeline, "horizontal-pod-autoscaler-sync-period", HPA_DEFAULTS.syncPeriodSeconds);
  const flags = {
    tolerance: HPA_DEFAULTS.tolerance,
    scaleDownStabilizationSeconds: flagSeconds(
      timeline,
      "horizontal-pod-autoscaler-downscale-stabilization",
      HPA_DEFAULTS.scaleDownStabilizationSeconds,
    ),
  };
  const tolerances = tolerancesOf(hpa.behavior, flags);
  const tracks = new Tracks(replicaRules(hpa, flags), syncMs + lateMs);
  const differences: Difference[] = [];
  let before: Moment | undefined;
  for (const [index, moment] of timeline.moments.entries()) {
    if (before !== undefined && isSameStatus(moment, before)) continue;
    const next = timeline.moments.slice(index).find((later) => !isSameStatus(later, moment));
    const proposals = possibleProposals(hpa.metrics, tolerances, moment, before ?? moment);
    const got = tracks.explain(moment, before, proposals, syncTimes(moment, next, syncMs));
    if (got !== undefined) {
      differences.push({
        field: `moments[${index}].wanted (at ${moment.at} ms)`,
        expected: String(moment.wanted),
        got,
      });
    }
    before = moment;
  }
  return differences;
}

/** Moments also differ in what is no part of the status. */
function isSameStatus(a: Moment, b: Moment): boolean {
  return (
    a.current === b.current &&
    a.wanted === b.wanted &&
    a.metrics.every((average, index) => average === b.metrics[index])
  );
}

/** When the syncs that found this status may have been: the first, and those before the next status in its rhythm. */
function syncTimes({ at, current, wanted }: Moment, next: Moment | undefined, syncMs: number): readonly number[] {
  const times = [at];
  // A status that changes the replicas cannot come twice: the next one has another `current`.
  if (next === undefined || current !== wanted) return times;
  for (let time = next.at - syncMs; time > at; time -= syncMs) times.push(time);
  return times.sort((a, b) => a - b);
}
