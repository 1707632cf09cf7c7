import type { HpaBehavior } from "../../autoscaling/hpa/behavior";
import { isGpuStrategy, METRIC_STRATEGIES, type MetricStrategy } from "../../autoscaling/metricStrategy";
import { HPA_DEFAULTS } from "../../catalog/gke";
import { mostRequests } from "../../config/rules";
import type { Scenario } from "./scenario";

/** What is tuned. */
export interface Setting {
  readonly strategy: MetricStrategy;
  readonly target: number;
  /** Undefined for Kubernetes' own. */
  readonly behavior: HpaBehavior | undefined;
}

const seconds = (stabilizationWindowSeconds: number) => ({ stabilizationWindowSeconds });
const onePodEvery = (periodSeconds: number) => [{ type: "Pods", value: 1, periodSeconds }] as const;

/** Behaviors that are looked at for every target: Kubernetes' own, and a calm one. */
const FIRST_BEHAVIORS: readonly (HpaBehavior | undefined)[] = [
  undefined,
  { scaleUp: seconds(30), scaleDown: seconds(600) },
];
/** And for the targets that did well. */
export const SECOND_BEHAVIORS: readonly HpaBehavior[] = [
  { scaleDown: seconds(120) },
  { scaleDown: seconds(600) },
  { scaleDown: seconds(1200) },
  { scaleUp: { policies: onePodEvery(60) } },
  { scaleUp: { policies: onePodEvery(60) }, scaleDown: seconds(600) },
  { scaleUp: { policies: onePodEvery(120) }, scaleDown: { ...seconds(300), policies: onePodEvery(120) } },
  {
    scaleUp: { ...seconds(60), policies: onePodEvery(60) },
    scaleDown: { ...seconds(300), policies: onePodEvery(180) },
  },
  { scaleDown: { ...seconds(300), policies: onePodEvery(120) } },
  { scaleDown: { ...seconds(600), policies: onePodEvery(300) } },
];

/**
 * Every target that is worth a look with every first behavior.
 *
 * @param most where it is finite, shares of it: the grid may begin above it.
 */
export function firstSettings(
  scenario: Scenario,
  strategies: readonly MetricStrategy[] = METRIC_STRATEGIES,
  most = Number.POSITIVE_INFINITY,
): Setting[] {
  return strategies.flatMap((strategy) =>
    (Number.isFinite(most) ? sharesOf(most) : targetsOf(strategy, scenario))
      .filter((target) => target < targetsEnd(strategy, scenario))
      // Of two that do equally well, the larger is the one that other samples tip over less.
      .toReversed()
      .flatMap((target) => FIRST_BEHAVIORS.map((behavior) => ({ strategy, target, behavior }))),
  );
}

/** The target above which the signal never passes the HPA's tolerance: a stack file may not have it. */
export function targetsEnd(strategy: MetricStrategy, { config }: Scenario): number {
  const most = isGpuStrategy(strategy) ? 100 : mostRequests(strategy, config.server).count;
  return most / (1 + HPA_DEFAULTS.tolerance);
}

const SHARES = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1] as const;

/** To three decimals, which is what the HPA counts in, and never above. */
function sharesOf(most: number): readonly number[] {
  const targets = SHARES.map((share) => Math.floor(most * share * 1000) / 1000);
  return [...new Set(targets)].filter((target) => target > 0);
}

/** Targets worth a look: on a grid, up to where the signal ends. */
function targetsOf(strategy: MetricStrategy, { server, config }: Scenario): readonly number[] {
  switch (strategy) {
    case "queue-size":
      return [0.5, 1, 2, 3, 5, 8, 13];
    case "batch-size": {
      const most = config.server.batchCapacity ?? server.limits.maxConcurrentRequests;
      return [1, 2, 3, 5, 7, 9, 12, 16, 22, 30, 42].filter((target) => target <= Math.max(1, 0.8 * most));
    }
    case "gke-duty-cycle":
    case "dcgm-gpu-util":
      return [30, 45, 60, 70, 80, 90];
  }
}
