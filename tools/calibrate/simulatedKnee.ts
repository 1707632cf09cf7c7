import { largestThatHolds } from "../simulate/bisect";
import { attainment, contend, OBJECTIVE } from "../simulate/contend";
import type { Scenario } from "../simulate/scenario";
import type { Arrival, Traffic } from "../simulate/traffic/arrival";
import { streams } from "../simulate/traffic/random";
import { FixedScaler } from "../simulate/world/scalers";
import { lengthsOf } from "./lengthsOf";

/** Long against any burst of long requests. */
const SECONDS = 4 * 3600;
/** The range is doubled, or halved, so often before it is given up. */
const WIDENINGS = 8;
/** Of the range, which is one doubling: 1 % of it is left. */
const HALVINGS = 6;

/**
 * The rate that one server holds within the SLO under Poisson arrivals when simulated for four hours: what a few seconds
 * of measuring say only roughly.
 *
 * @param measured requests per second around which it is looked for
 * @returns requests per second, to two digits; undefined where it holds none, or any
 */
export function simulatedKnee(scenario: Scenario, measured: number, seed: number): number | undefined {
  const holds = (rate: number) => {
    const alone = { ...scenario, traffic: poisson(scenario.traffic, rate) };
    return attainment(contend(alone, new FixedScaler(1), { seed, initialReplicas: 1, maxReplicas: 1 })) >= OBJECTIVE;
  };
  const bracket = bracketOf(holds, measured);
  if (bracket === undefined) return undefined;
  const [low, high] = bracket;
  const found = largestThatHolds({ low, high }, HALVINGS, (rate) => ({ result: rate, holds: holds(rate) }));
  return Number((found ?? low).toPrecision(2));
}

/** A rate that is held, and one that is not, with the border between them. */
function bracketOf(holds: (rate: number) => boolean, begin: number): readonly [number, number] | undefined {
  const isHeld = holds(begin);
  let rate = begin;
  for (let widening = 0; widening < WIDENINGS; widening += 1) {
    const next = rate * (isHeld ? 2 : 0.5);
    if (holds(next) !== isHeld) return isHeld ? [rate, next] : [next, rate];
    rate = next;
  }
  return undefined;
}

/** Requests as a traffic's, one after the other at a rate that does not change. */
function poisson(traffic: Traffic, requestsPerSecond: number): Traffic {
  function* arrivals(seed: number): Generator<Arrival> {
    const lengths = lengthsOf(traffic, seed);
    const random = streams(seed).arrivals;
    for (let at = 0; ; ) {
      at += random.exponential() / requestsPerSecond;
      if (at >= SECONDS) return;
      yield { at, ...lengths.next().value };
    }
  }
  return { name: traffic.name, kind: "generated", durationSeconds: SECONDS, meanRate: requestsPerSecond, arrivals };
}
