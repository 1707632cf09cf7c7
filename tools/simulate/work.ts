import type { Scenario } from "./scenario";
import { validate } from "./server/limits";

/** Length of the stretches that work is counted in. */
export const INTERVAL_SECONDS = 60;

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
export function workByMinute(
  { traffic, server, slo }: Scenario,
  seed: number,
  minutes = Number.POSITIVE_INFINITY,
): number[] {
  const { times, limits } = server;
  const work = new Array<number>(Math.ceil(traffic.durationSeconds / INTERVAL_SECONDS)).fill(0);
  const usual = Math.max(1, Math.min(limits.maxConcurrentRequests, usualBatch(times, slo)));
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

/** As many together as take half of the time that a step with nobody in it leaves of what a token may take. */
function usualBatch(times: Scenario["server"]["times"], { tpotSeconds }: Scenario["slo"]): number {
  const context = 1000;
  const perSequence = times.decodePerSequenceSeconds + context * times.decodePerKvTokenSeconds;
  if (perSequence === 0) return Number.POSITIVE_INFINITY;
  return Math.floor((tpotSeconds - times.decodeBaseSeconds) / 2 / perSequence);
}
