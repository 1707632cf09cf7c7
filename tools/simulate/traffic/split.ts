import { type Arrival, type Traffic, TrafficError } from "./arrival";
import { MAX_SEED } from "./random";

/** Traffic to choose a setting on, and traffic that the choice has not seen to judge it on. */
export interface Split {
  readonly training: Traffic;
  readonly heldOut: Traffic;
}

/**
 * Sets a part of traffic aside. A trace is cut in two by time. A generator makes new traffic for the held-out part: the
 * same length, by other seeds, since half a day is another thing than a day.
 *
 * @param fraction the share of a trace's time that is for training, above 0 and below 1
 */
export function split(traffic: Traffic, fraction: number): Split {
  if (!(fraction > 0 && fraction < 1)) throw new TrafficError(`fraction ${fraction}: must be above 0 and below 1`);
  if (traffic.kind === "generated") {
    // Seeds from the other end: the lower ones are those that people type, and train on.
    return { training: traffic, heldOut: { ...traffic, arrivals: (seed) => traffic.arrivals(MAX_SEED - seed) } };
  }
  const border = traffic.durationSeconds * fraction;
  return {
    training: between(traffic, 0, border),
    heldOut: between(traffic, border, traffic.durationSeconds),
  };
}

/** A part of traffic, as if it began there. */
export function between(traffic: Traffic, from: number, to: number): Traffic {
  const arrivals = (seed: number): Iterable<Arrival> => ({
    *[Symbol.iterator]() {
      for (const arrival of traffic.arrivals(seed)) {
        if (arrival.at >= to) return;
        if (arrival.at >= from) yield { ...arrival, at: arrival.at - from };
      }
    },
  });
  let requests = 0;
  for (const _ of arrivals(0)) requests++;
  const durationSeconds = to - from;
  return { ...traffic, durationSeconds, meanRate: requests / durationSeconds, arrivals };
}
