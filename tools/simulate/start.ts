import { smallestFixedFleet } from "./fixedFleet";
import type { Round } from "./rounds";
import type { Scenario } from "./scenario";
import { between } from "./traffic/split";

const FIRST_SECONDS = 300;
/** Of a hundred requests, one that missed the SLO by chance would be one too many. */
const FIRST_REQUESTS = 300;

/** Samples of the traffic, and what everybody begins with on each. */
export function roundsOf(scenario: Scenario, seeds: readonly number[]): readonly Round[] {
  return seeds.map((seed) => roundOf(scenario, seed));
}

export function roundOf(scenario: Scenario, seed: number): Round {
  const { maxReplicas } = scenario.config.autoscaler;
  return { scenario, contest: { seed, maxReplicas, initialReplicas: startingReplicas(scenario, seed) } };
}

/**
 * Servers that have been up for long when a run begins, the same for whoever scales: the fewest of those that the HPA may
 * have that meet the SLO at first, for five minutes, or longer where fewer requests come than say whether it is met; all
 * of them where none do. With fewer, a cold start passes before anybody can mend it.
 */
export function startingReplicas(scenario: Scenario, seed: number): number {
  const { traffic, config, pool } = scenario;
  const { minReplicas, maxReplicas } = config.autoscaler;
  const seconds = Math.max(FIRST_SECONDS, FIRST_REQUESTS / traffic.meanRate);
  const first = between(traffic, 0, Math.min(seconds, traffic.durationSeconds));
  const contest = { seed, maxReplicas, initialReplicas: maxReplicas };
  // That a node is lost later says nothing of how many there are at first.
  const calm = { ...scenario, traffic: first, pool: { ...pool, lossesPerNodeHour: 0 } };
  const fewest = smallestFixedFleet([{ scenario: calm, contest }], maxReplicas);
  return Math.max(minReplicas, fewest?.replicas ?? maxReplicas);
}
