import type { Scenario } from "./scenario";
import { streams } from "./traffic/random";
import { type RunResult, simulate } from "./world/run";
import type { Scaler } from "./world/scalers";

/** Share of the admissible requests that must be served within the SLO's limits. */
export const OBJECTIVE = 0.99;

/** Seed of what is the world's own (delays, places), apart from the traffic's. */
const WORLD_SEED = 0x5eed;

export interface Contest {
  readonly seed: number;
  /** Servers that have been up for long when the run begins. */
  readonly initialReplicas: number;
  readonly maxReplicas: number;
  /** Hears of the share of the run that is done. */
  readonly progress?: ((share: number) => void) | undefined;
}

/** Runs a scenario under some scaler. */
export function contend(scenario: Scenario, scaler: Scaler, contest: Contest): RunResult {
  const { traffic } = scenario;
  const { durationSeconds } = traffic;
  const { seed, progress } = contest;
  return simulate({
    ...scenario,
    ...contest,
    scaler,
    durationSeconds,
    arrivals: traffic.arrivals(seed),
    // Another seed is another world too. The largest seeds begin at zero again.
    random: streams((WORLD_SEED + seed) >>> 0).world,
    ...(progress === undefined ? {} : { progress: (seconds: number) => progress(seconds / durationSeconds) }),
  });
}

/** Requests served within both limits of the SLO ÷ admissible ones; 1 where there were none. */
export function attainment({ met, admissible }: Pick<RunResult, "met" | "admissible">): number {
  return admissible === 0 ? 1 : met / admissible;
}

/** Of several runs as if they were one. */
export function pooledAttainment(results: readonly RunResult[]): number {
  const sum = (of: (result: RunResult) => number) => results.reduce((total, result) => total + of(result), 0);
  return attainment({ met: sum(({ met }) => met), admissible: sum(({ admissible }) => admissible) });
}
