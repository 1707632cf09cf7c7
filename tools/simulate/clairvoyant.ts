import { largestThatHolds } from "./bisect";
import { attainment, type Contest, contend, OBJECTIVE, pooledAttainment } from "./contend";
import { onEach, type Round } from "./rounds";
import type { Scenario } from "./scenario";
import { INTERVAL_SECONDS, workByMinute } from "./work";
import type { RunResult } from "./world/run";
import { FixedScaler, PlannedScaler } from "./world/scalers";

/** More servers than anybody plans for. */
const MOST_REPLICAS = 1000;
/** Halvings of the range in which the clairvoyant's utilisation is looked for: within 3 %. */
const HALVINGS = 7;
/** Almost nothing to do, and more than there is time for. */
const UTILISATIONS = { low: 0.05, high: 1.5 } as const;

/** A plan of servers that knows the traffic. */
export interface Plan {
  /** Servers that shall be ready, minute by minute. */
  readonly needs: readonly number[];
  readonly result: RunResult;
  /** Whether it meets the SLO. Where it does not, no number of servers does. */
  readonly meets: boolean;
}

/**
 * A clairvoyant: it knows every request beforehand, as seconds of work for a server, orders servers a cold start before
 * they are needed, and gives nodes back at once. Each minute has the servers that its work fills to one utilisation:
 * the highest at which 99 % of the requests still meet the SLO, found by simulating the plan. It is the measure of the
 * others: what it takes, a scaler that has to see load first cannot undercut by much. Its pool has no maximum and loses
 * no node; where no node is to be had, it has had those that it needs since before the run, and keeps them until then.
 */
export function clairvoyant(scenario: Scenario, contest: Pick<Contest, "seed" | "progress">): Plan {
  const work = workByMinute(scenario, contest.seed);
  const { pendingSeconds, loadingSeconds } = scenario.coldStart;
  const leadSeconds = pendingSeconds.most + loadingSeconds.most;
  const pool = {
    ...scenario.pool,
    minNodes: 0,
    maxNodes: MOST_REPLICAS,
    lossesPerNodeHour: 0,
    unneededSeconds: 0,
  };
  const at = (utilisation: number, step: number): Plan => {
    const needs = work.map((seconds) => Math.max(1, Math.ceil(seconds / (INTERVAL_SECONDS * utilisation))));
    const scaler = new PlannedScaler(needs, INTERVAL_SECONDS, leadSeconds);
    const result = contend({ ...scenario, pool }, scaler, {
      ...contest,
      initialReplicas: scaler.decide(undefined, 0),
      maxReplicas: MOST_REPLICAS,
      progress: (share) => contest.progress?.((step + share) / (HALVINGS + 1)),
    });
    return { needs, result, meets: attainment(result) >= OBJECTIVE };
  };
  const idle = at(UTILISATIONS.low, 0);
  if (!idle.meets) return idle;
  const busy = largestThatHolds(UTILISATIONS, HALVINGS, (utilisation, before) => {
    const result = at(utilisation, before + 1);
    return { result, holds: result.meets };
  });
  return busy ?? idle;
}

/** The smallest fleet of one size that meets the SLO over all rounds; undefined where none up to `most` does. */
export function smallestFixedFleet(
  rounds: readonly Round[],
  most: number,
  progress?: (share: number) => void,
): { readonly replicas: number; readonly results: readonly RunResult[] } | undefined {
  const runs = Math.ceil(Math.log2(most + 1));
  let done = 0;
  const run = (replicas: number) => {
    const begun = done;
    done += 1;
    const watch = (share: number) => progress?.((begun + share) / runs);
    const results = onEach(rounds, watch, ({ scenario, contest }) => {
      const pool = { ...scenario.pool, maxNodes: MOST_REPLICAS };
      const fleet = { ...contest, initialReplicas: replicas, maxReplicas: replicas };
      return contend({ ...scenario, pool }, new FixedScaler(replicas), fleet);
    });
    return { replicas, results };
  };
  let least = 1;
  let found: ReturnType<typeof run> | undefined;
  for (let largest = most; least <= largest; ) {
    const tried = run(Math.floor((least + largest) / 2));
    if (pooledAttainment(tried.results) >= OBJECTIVE) {
      found = tried;
      largest = tried.replicas - 1;
    } else least = tried.replicas + 1;
  }
  return found;
}
