import { largestThatHolds } from "./bisect";
import { type Contest, contend } from "./contend";
import { type FixedFleet, MOST_REPLICAS } from "./fixedFleet";
import { holds, type Outcome, onEach, outcomeOf, type Round } from "./rounds";
import type { Scenario } from "./scenario";
import { INTERVAL_SECONDS, workByMinute } from "./work";
import type { RunResult } from "./world/run";
import { PlannedScaler } from "./world/scalers";

/** Halvings of the range in which the clairvoyant's utilisation is looked for: within some 2 %. */
const HALVINGS = 9;
/** A utilisation at which servers have almost nothing to do. */
const IDLE = 0.01;

/** A plan of servers that knows the traffic. */
export interface Plan extends Outcome {
  /** Servers that shall be ready, minute by minute of each sample. */
  readonly needs: readonly (readonly number[])[];
}

/**
 * A clairvoyant: it knows every request beforehand, as seconds of work for a server, orders servers a cold start before
 * they are needed, and gives nodes back at once. Each minute has the servers that its work fills to one utilisation:
 * the highest at which 99 % of the requests of all samples still meet the SLO, found by simulating the plan. Where a
 * fleet of one size takes less, it has that. It is the measure of the others: what it takes, a scaler that has to see
 * load first cannot undercut by much. Its pool has no maximum and loses no node; where no node is to be had, it has had
 * those that it needs since before the run, and keeps them until then.
 *
 * @param fixedFleet the smallest that meets the SLO on the same rounds. Where there is none and the clairvoyant misses
 *   it too, no number of servers meets it.
 */
export function clairvoyant(
  rounds: readonly Round[],
  fixedFleet: FixedFleet | undefined,
  progress?: (share: number) => void,
): Plan {
  const work = rounds.map(({ scenario, contest }) => workByMinute(scenario, contest.seed));
  const at = (utilisation: number, before: number): Plan => {
    const needs = work.map((minutes) =>
      minutes.map((seconds) => Math.max(1, Math.ceil(seconds / (INTERVAL_SECONDS * utilisation)))),
    );
    const watch = (share: number) => progress?.((before + share) / (HALVINGS + 1));
    const results = onEach(rounds, watch, ({ scenario, contest }, sample) =>
      follow(scenario, needs[sample] ?? [], contest),
    );
    return { needs, ...outcomeOf(results) };
  };
  // With one server in every minute, the busiest is filled so far.
  const high = Math.max(2 * IDLE, ...work.flat().map((seconds) => seconds / INTERVAL_SECONDS));
  const filled = largestThatHolds({ low: IDLE, high }, HALVINGS, (utilisation, before) => {
    const result = at(utilisation, before);
    return { result, holds: holds(result) };
  });
  if (fixedFleet !== undefined && fixedFleet.gpuHours <= (filled?.gpuHours ?? Number.POSITIVE_INFINITY)) {
    const { replicas, ...outcome } = fixedFleet;
    return { ...outcome, needs: work.map((minutes) => minutes.map(() => replicas)) };
  }
  return filled ?? at(IDLE, HALVINGS);
}

/** Runs a plan, in a pool that has room for it. */
function follow(scenario: Scenario, needs: readonly number[], contest: Contest): RunResult {
  const { pendingSeconds, loadingSeconds } = scenario.coldStart;
  const scaler = new PlannedScaler(needs, INTERVAL_SECONDS, pendingSeconds.most + loadingSeconds.most);
  const pool = { minNodes: 0, maxNodes: MOST_REPLICAS, lossesPerNodeHour: 0, unneededSeconds: 0 };
  return contend({ ...scenario, pool: { ...scenario.pool, ...pool } }, scaler, {
    ...contest,
    initialReplicas: scaler.decide(undefined, 0),
    maxReplicas: MOST_REPLICAS,
  });
}
