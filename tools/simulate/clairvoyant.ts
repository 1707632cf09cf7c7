import { largestThatHolds } from "./bisect";
import { type Contest, contend } from "./contend";
import { MOST_REPLICAS } from "./fixedFleet";
import { holds, type Outcome, onEach, outcomeOf, type Round } from "./rounds";
import type { Scenario } from "./scenario";
import { INTERVAL_SECONDS, workByMinute } from "./work";
import type { RunResult } from "./world/run";
import { PlannedScaler } from "./world/scalers";

/** Halvings of the range in which the clairvoyant's utilisation is looked for: within 3 %. */
const HALVINGS = 8;
/** A utilisation at which servers have almost nothing to do. */
const IDLE = 0.05;

/** A plan of servers that knows the traffic. */
export interface Plan extends Outcome {
  /** Servers that shall be ready, minute by minute of each sample. */
  readonly needs: readonly (readonly number[])[];
}

/**
 * A clairvoyant: it knows every request beforehand, as seconds of work for a server, orders servers a cold start before
 * they are needed, and gives nodes back at once. Each minute has the servers that its work fills to one utilisation:
 * the highest at which 99 % of the requests of all samples still meet the SLO, found by simulating the plan. It is the
 * measure of the others: what it takes, a scaler that has to see load first cannot undercut by much. Its pool has no
 * maximum and loses no node; where no node is to be had, it has had those that it needs since before the run, and keeps
 * them until then. Where it misses the SLO, no number of servers meets it.
 */
export function clairvoyant(rounds: readonly Round[], progress?: (share: number) => void): Plan {
  const work = rounds.map(({ scenario, contest }) => workByMinute(scenario, contest.seed));
  const runs = HALVINGS + 2;
  const at = (utilisation: number, before: number): Plan => {
    const needs = work.map((minutes) =>
      minutes.map((seconds) => Math.max(1, Math.ceil(seconds / (INTERVAL_SECONDS * utilisation)))),
    );
    const watch = (share: number) => progress?.((before + share) / runs);
    const results = onEach(rounds, watch, ({ scenario, contest }, sample) =>
      follow(scenario, needs[sample] ?? [], contest),
    );
    return { needs, ...outcomeOf(results) };
  };
  const idle = at(IDLE, 0);
  if (!holds(idle)) return idle;
  // At the utilisation of the busiest minute with one server, there is one server in every minute.
  const high = Math.max(2 * IDLE, ...work.flat().map((seconds) => seconds / INTERVAL_SECONDS));
  const single = at(high, 1);
  if (holds(single)) return single;
  const busy = largestThatHolds({ low: IDLE, high }, HALVINGS, (utilisation, before) => {
    const result = at(utilisation, before + 2);
    return { result, holds: holds(result) };
  });
  return busy ?? idle;
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
