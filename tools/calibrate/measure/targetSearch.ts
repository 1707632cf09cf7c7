import type { HpaBehavior } from "../../../autoscaling/hpa/behavior";
import type { MetricStrategy, StrategyTarget } from "../../../autoscaling/metricStrategy";
import type { StackConfig } from "../../../config/stackConfig";
import type { Scenario } from "../../simulate/scenario";
import { LEAST_TARGET } from "../../simulate/settings";
import { holdsOnTraining, neverScaled, type Trial, type Tuned, tune } from "../../simulate/tune";

/** What a target above the ceiling must save to be worth it, as a share of the GPU-hours. */
export const WORTH_SHARE = 0.05;

/** What the simulation found for a strategy. */
export interface Found {
  readonly best: Trial;
  /** The same on traffic that it was not chosen on. */
  readonly heldOut: Trial;
  readonly holds: boolean;
  /** Why it is the ceiling, rounded down; undefined for what the search has found. */
  readonly ceilingBecause: "cheap" | "idle" | undefined;
  readonly judge: Tuned["judge"];
}

export interface SearchOptions {
  /** The stack, with the step times that were fitted, under its traffic. */
  readonly scenario: Scenario;
  /** Running requests at the knee. */
  readonly batchAtKnee: number;
  /** First of the simulated samples' seeds. */
  readonly seed: number;
  readonly progress: (share: number) => void;
}

/** Looks for a target; for a behavior too, where the stack has none of its own. */
export function searchTarget(
  strategy: MetricStrategy,
  { scenario, batchAtKnee, seed, progress }: SearchOptions,
): Found {
  const { config } = scenario;
  const { best, heldOut, judge } = tune(scenario, {
    ...{ strategies: [strategy], batchAtKnee, keepsBehavior: config.autoscaler.behavior !== undefined },
    ...{ others: othersThan(strategy, config), seed, progress },
  });
  return { best, heldOut, judge, holds: holdsOnTraining(best), ceilingBecause: undefined };
}

/** Further metrics of the stack's HPA, which stay as they are. */
export function othersThan(strategy: MetricStrategy, { autoscaler }: StackConfig): readonly StrategyTarget[] {
  return autoscaler.metrics.slice(1).filter((metric) => metric.strategy !== strategy);
}

/**
 * The ceiling, where it holds and a larger target saves little, or where the traffic needs no further replica: then no
 * other target was put to the test.
 *
 * @param ceiling as it may stand in a stack file
 * @param ownBehavior the stack's, which stays where nothing is known of another
 */
export function steadied(found: Found, ceiling: number, ownBehavior: HpaBehavior | undefined): Found {
  const { best, holds, judge } = found;
  const because = neverScaled(best) ? "idle" : "cheap";
  if (!holds || !(ceiling >= LEAST_TARGET) || (because === "cheap" && best.setting.target <= ceiling)) return found;
  const behavior = because === "idle" ? ownBehavior : best.setting.behavior;
  const { chosenOn, heldOut } = judge({ ...best.setting, target: ceiling, behavior });
  const isCheap = chosenOn.gpuHours * (1 - WORTH_SHARE) <= best.gpuHours;
  if (!holdsOnTraining(chosenOn) || (because === "cheap" && !isCheap)) return found;
  return { best: chosenOn, heldOut, holds, judge, ceilingBecause: because };
}
