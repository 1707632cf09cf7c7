import type { Tolerances } from "../../autoscaling/hpa/behavior";
import {
  combine,
  type PodSample,
  type Proposal,
  proposeFromExternal,
  proposeFromPods,
} from "../../autoscaling/hpa/proposals";
import { parseThousandths } from "../../autoscaling/quantity";
import type { Moment, TimelineMetric } from "./timeline";

/**
 * All that the metrics can have proposed at a moment, null for "nothing may happen". A timeline has the average, which
 * the controller rounded, but neither the sum nor how many pods were pending or without a sample.
 */
export function possibleProposals(
  metrics: readonly TimelineMetric[],
  tolerances: Tolerances,
  moment: Moment,
  before: Moment,
): ReadonlySet<number | null> {
  let lists: readonly (readonly Proposal[])[] = [[]];
  for (const [index, metric] of metrics.entries()) {
    const average = moment.metrics[index] ?? null;
    const proposals = average === null ? [{ error: "" }] : proposalsOf(metric, average, tolerances, moment, before);
    lists = lists.flatMap((list) => proposals.map((proposal) => [...list, proposal]));
  }
  return new Set(lists.map((list) => combine(list, moment.current).replicas));
}

function proposalsOf(
  metric: TimelineMetric,
  average: number,
  tolerances: Tolerances,
  moment: Moment,
  before: Moment,
): readonly Proposal[] {
  const averageMilli = Math.round(average * 1000);
  // Pods come and go in the time between a change of `spec.replicas` and the next sync.
  const fewest = Math.max(1, Math.min(moment.current, before.current));
  const most = Math.max(1, moment.current, before.current);
  const distinct = new Map<number, Proposal>();
  const add = (proposal: Proposal) => {
    if (proposal.error === undefined) distinct.set(proposal.replicas, proposal);
  };
  switch (metric.type) {
    case "Pods": {
      const targetMilli = parseThousandths(metric.pods.target.averageValue) ?? Number.NaN;
      const common = { currentReplicas: moment.current, targetMilli, tolerances };
      for (const pods of podsWithAverage(averageMilli, most)) add(proposeFromPods({ ...common, pods }));
      break;
    }
    case "External": {
      const targetMilli = parseThousandths(metric.external.target.averageValue) ?? Number.NaN;
      for (let currentReplicas = fewest; currentReplicas <= most; currentReplicas += 1) {
        const sum = averageMilli * currentReplicas;
        // The average was rounded up.
        for (const seriesMilli of [[sum], [Math.max(0, sum - currentReplicas + 1)]]) {
          add(proposeFromExternal({ currentReplicas, targetMilli, tolerances, seriesMilli }));
        }
      }
    }
  }
  return [...distinct.values()];
}

/** Every way in which `most` pods or fewer are sampled, pending and missing, where the sampled have the average. */
function* podsWithAverage(averageMilli: number, most: number): Generator<readonly PodSample[]> {
  const pod = (phase: PodSample["phase"], sampleMilli: number | null) => ({ phase, deleted: false, sampleMilli });
  for (let sampled = 1; sampled <= most; sampled += 1) {
    // The average was rounded down, by less than one thousandth a pod.
    for (const first of new Set([averageMilli, averageMilli + sampled - 1])) {
      const measured = [pod("Running", first), ...Array<PodSample>(sampled - 1).fill(pod("Running", averageMilli))];
      for (let pending = 0; sampled + pending <= most; pending += 1) {
        for (let missing = 0; sampled + pending + missing <= most; missing += 1) {
          yield [
            ...measured,
            ...Array<PodSample>(pending).fill(pod("Pending", null)),
            ...Array<PodSample>(missing).fill(pod("Running", null)),
          ];
        }
      }
    }
  }
}
