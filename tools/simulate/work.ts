import type { Scenario } from "./scenario";
import { validate } from "./server/limits";

/** Length of the stretches that work is counted in. */
export const INTERVAL_SECONDS = 60;

/** Seconds of a server's time that the requests of each minute take, in a batch of the usual size. */
export function workByMinute({ traffic, server, slo }: Scenario, seed: number): number[] {
  const { times, limits } = server;
  const work = new Array<number>(Math.ceil(traffic.durationSeconds / INTERVAL_SECONDS)).fill(0);
  const usual = Math.max(1, Math.min(limits.maxConcurrentRequests, usualBatch(times, slo)));
  const perStep = times.decodeBaseSeconds / usual + times.decodePerSequenceSeconds;
  for (const { at, inputTokens, outputTokens } of traffic.arrivals(seed)) {
    const minute = Math.min(work.length - 1, Math.floor(at / INTERVAL_SECONDS));
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
