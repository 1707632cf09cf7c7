import { smallestFixedFleet } from "./fixedFleet";
import type { Round } from "./rounds";
import type { Scenario } from "./scenario";
import { between } from "./traffic/split";

const FIRST_SECONDS = 300;

/** Samples of the traffic, and what everybody begins with on each. */
export function roundsOf(scenario: Scenario, seeds: readonly number[]): readonly Round[] {
  const { maxReplicas } = scenario.config.autoscaler;
  return seeds.map((seed) => ({
    scenario,
    contest: { seed, maxReplicas, initialReplicas: startingReplicas(scenario, seed) },
  }));
}

/**
 * Servers that have been up for long when a run begins, the same for whoever scales: the fewest of those that the HPA may
 * have that meet the SLO for five minutes. With fewer, a cold start passes before anybody can mend it.
 */
export function startingReplicas(scenario: Scenario, seed: number): number {
  const { traffic, config } = scenario;
  const { minReplicas, maxReplicas } = config.autoscaler;
  const first = between(traffic, 0, Math.min(FIRST_SECONDS, traffic.durationSeconds));
  const contest = { seed, maxReplicas, initialReplicas: maxReplicas };
  const fewest = smallestFixedFleet([{ scenario: { ...scenario, traffic: first }, contest }], maxReplicas);
  return Math.max(minReplicas, fewest?.replicas ?? maxReplicas);
}
