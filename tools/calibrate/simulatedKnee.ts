import { attainment, contend, OBJECTIVE } from "../simulate/contend";
import type { Scenario } from "../simulate/scenario";
import type { Arrival, Traffic } from "../simulate/traffic/arrival";
import { streams } from "../simulate/traffic/random";
import { FixedScaler } from "../simulate/world/scalers";
import { lengthsOf } from "./lengthsOf";

/** Long against any burst of long requests. */
const SECONDS = 4 * 3600;
/** The rate lies between these shares of the measured one; where it does not, the nearer of them comes out. */
const RANGE = { low: 0.2, high: 2 } as const;
/** Each halves the range: 2 % of it are left. */
const HALVINGS = 6;

/**
 * The rate that one server holds within the SLO under Poisson arrivals when simulated for four hours: what a few seconds
 * of measuring say only roughly.
 *
 * @param measured requests per second around which it is looked for
 * @returns requests per second, to two digits
 */
export function simulatedKnee(scenario: Scenario, measured: number, seed: number): number {
  const holds = (rate: number) => {
    const alone = { ...scenario, traffic: poisson(scenario.traffic, rate) };
    return attainment(contend(alone, new FixedScaler(1), { seed, initialReplicas: 1, maxReplicas: 1 })) >= OBJECTIVE;
  };
  let low = RANGE.low * measured;
  let high = RANGE.high * measured;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return Number(low.toPrecision(2));
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
