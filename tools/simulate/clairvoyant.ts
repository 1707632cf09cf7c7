import { largestThatHolds } from "./bisect";
import { attainment, type Contest, contend, OBJECTIVE } from "./contend";
import type { Scenario } from "./scenario";
import { validate } from "./server/limits";
import type { RunResult } from "./world/run";
import { FixedScaler, PlannedScaler } from "./world/scalers";

/** Servers are planned by the minute. */
const INTERVAL_SECONDS = 60;
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

/** The smallest fleet of one size that meets the SLO; undefined where none up to `most` does. */
export function smallestFixedFleet(
  scenario: Scenario,
  { seed, progress }: Pick<Contest, "seed" | "progress">,
  most: number,
): { readonly replicas: number; readonly result: RunResult } | undefined {
  const runs = Math.ceil(Math.log2(most + 1));
  let done = 0;
  const run = (replicas: number) => {
    const pool = { ...scenario.pool, maxNodes: MOST_REPLICAS };
    const begun = done;
    done += 1;
    const contest = {
      ...{ seed, initialReplicas: replicas, maxReplicas: replicas },
      progress: (share: number) => progress?.((begun + share) / runs),
    };
    return { replicas, result: contend({ ...scenario, pool }, new FixedScaler(replicas), contest) };
  };
  let least = 1;
  let found: ReturnType<typeof run> | undefined;
  for (let largest = most; least <= largest; ) {
    const tried = run(Math.floor((least + largest) / 2));
    if (attainment(tried.result) >= OBJECTIVE) {
      found = tried;
      largest = tried.replicas - 1;
    } else least = tried.replicas + 1;
  }
  return found;
}

/** Utilisation to which a fleet is taken to have been scaled before the run. */
const USUAL_UTILISATION = 0.6;
const FIRST_MINUTES = 5;

/** Servers that have been up for long when a run begins: what its first minutes need, the same for whoever scales. */
export function startingReplicas(scenario: Scenario, seed: number): number {
  const first = workByMinute(scenario, seed, FIRST_MINUTES).slice(0, FIRST_MINUTES);
  const seconds = first.reduce((sum, work) => sum + work, 0);
  const { minReplicas, maxReplicas } = scenario.config.autoscaler;
  const needed = Math.ceil(seconds / (first.length * INTERVAL_SECONDS * USUAL_UTILISATION));
  return Math.min(maxReplicas, Math.max(minReplicas, needed));
}

/** Seconds of a server's time that the requests of each minute take, in a batch of the usual size. */
function workByMinute({ traffic, server, slo }: Scenario, seed: number, minutes = Number.POSITIVE_INFINITY): number[] {
  const { times, limits } = server;
  const work = new Array<number>(Math.ceil(traffic.durationSeconds / INTERVAL_SECONDS)).fill(0);
  // As many together as take half of what a token may take.
  const usual = Math.max(1, Math.min(limits.maxConcurrentRequests, batchAt(times, slo.tpotSeconds / 2)));
  const perStep = times.decodeBaseSeconds / usual + times.decodePerSequenceSeconds;
  for (const { at, inputTokens, outputTokens } of traffic.arrivals(seed)) {
    const minute = Math.min(work.length - 1, Math.floor(at / INTERVAL_SECONDS));
    if (minute >= minutes) break;
    if (validate(limits, inputTokens, outputTokens) !== undefined) continue;
    const context = inputTokens + outputTokens / 2;
    work[minute] =
      (work[minute] ?? 0) +
      inputTokens * times.prefillPerTokenSeconds +
      outputTokens * (perStep + context * times.decodePerKvTokenSeconds);
  }
  return work;
}

function batchAt(times: Scenario["server"]["times"], stepSeconds: number): number {
  const context = 1000;
  const perSequence = times.decodePerSequenceSeconds + context * times.decodePerKvTokenSeconds;
  if (perSequence === 0) return Number.POSITIVE_INFINITY;
  return Math.floor((stepSeconds - times.decodeBaseSeconds) / perSequence);
}
