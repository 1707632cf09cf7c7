import type { Arrival, Traffic } from "../simulate/traffic/arrival";
import { MAX_SEED, streams } from "../simulate/traffic/random";
import type { Slo } from "../simulate/world/figures";
import type { Lengths } from "./contract";

/**
 * The lengths of a traffic's requests, without end. Generated traffic goes on with other samples of itself; of a trace,
 * requests are drawn at random, since its first ones may not be like the rest.
 */
export function* lengthsOf(traffic: Traffic, seed: number): Generator<Lengths, never> {
  if (traffic.kind === "recorded") {
    const all = [...traffic.arrivals(seed)].map(lengthsOfArrival);
    const random = streams(seed).lengths;
    for (;;) {
      const drawn = all[Math.floor(random.uniform() * all.length)];
      if (drawn === undefined) throw new Error(`${traffic.name} has no requests`);
      yield drawn;
    }
  }
  for (let sample = seed; ; sample = (sample + 1) % MAX_SEED) {
    for (const arrival of traffic.arrivals(sample)) yield lengthsOfArrival(arrival);
  }
}

function lengthsOfArrival({ inputTokens, outputTokens }: Arrival): Lengths {
  return { inputTokens, outputTokens: Math.max(1, outputTokens) };
}

/** Requests whose mean length is taken for the traffic's. */
const SAMPLE = 500;
/** At the knee the slowest requests are as slow as the SLO lets them be; a usual one takes about half as long. */
const USUAL_SHARE = 0.5;

/** Seconds that a request may be expected to stay at the knee, before anything is measured. */
export function expectedStay(lengths: Iterator<Lengths, never>, { ttftSeconds, tpotSeconds }: Slo): number {
  let tokens = 0;
  for (let drawn = 0; drawn < SAMPLE; drawn += 1) tokens += lengths.next().value.outputTokens / SAMPLE;
  return USUAL_SHARE * (ttftSeconds + tokens * tpotSeconds);
}
