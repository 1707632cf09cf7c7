import type { Arrival, Traffic } from "../simulate/traffic/arrival";
import { MAX_SEED, streams } from "../simulate/traffic/random";
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
