import { type HpaBehavior, tolerancesOf } from "../../autoscaling/hpa/behavior";
import {
  isGpuStrategy,
  METRIC_STRATEGIES,
  type MetricStrategy,
  type StrategyTarget,
} from "../../autoscaling/metricStrategy";
import { mostRequests } from "../../config/rules";
import type { Scenario } from "./scenario";

/** What is tuned. */
export interface Setting extends StrategyTarget {
  /** Undefined for Kubernetes' own. */
  readonly behavior: HpaBehavior | undefined;
}

/** What an HPA scales on. */
export function formatMetrics(metrics: readonly StrategyTarget[]): string {
  return metrics.map(({ strategy, target }) => `${strategy} at ${target}`).join(", ");
}

/** A setting in a few words. */
export function formatSetting({ behavior, ...metric }: Setting): string {
  return `${formatMetrics([metric])}${behavior === undefined ? "" : " with a behavior"}`;
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

/** What the HPA counts in. */
export const LEAST_TARGET = 0.001;

/** What settings are looked for. */
export interface Wanted {
  /** Only these; all of them without it. */
  readonly strategies?: readonly MetricStrategy[];
  /** Running requests of one replica under the highest load that it holds, where that is known: the grid of batch-size. */
  readonly batchAtKnee?: number | undefined;
  /** Whether the stack's own behavior is kept; others are looked for without it. */
  readonly keepsBehavior?: boolean;
}

/** Every target that is worth a look with every first behavior. */
export function firstSettings(scenario: Scenario, wanted: Wanted = {}): Setting[] {
  const { strategies = METRIC_STRATEGIES, batchAtKnee, keepsBehavior = false } = wanted;
  const behaviors = keepsBehavior ? [scenario.config.autoscaler.behavior] : FIRST_BEHAVIORS;
  return strategies.flatMap((strategy) =>
    targetsOf(strategy, scenario, batchAtKnee)
      // Of two that do equally well, the larger is the one that other samples tip over less.
      .toReversed()
      .flatMap((target) => behaviors.map((behavior) => ({ strategy, target, behavior })))
      .filter((setting) => setting.target < targetsEnd(setting, scenario)),
  );
}

/** The target above which the signal never passes the HPA's tolerance: a stack file may not have it. */
export function targetsEnd(
  { strategy, behavior }: Pick<Setting, "strategy" | "behavior">,
  { config }: Pick<Scenario, "config">,
): number {
  const most = isGpuStrategy(strategy) ? 100 : mostRequests(strategy, config.server).count;
  return most / (1 + tolerancesOf(behavior).up);
}

/** Of the batch at the knee: an average is below its target most of the time, so targets above the knee may hold. */
const SHARES_OF_KNEE = [0.15, 0.25, 0.4, 0.55, 0.7, 0.85, 1, 1.25, 1.6, 2.2, 3] as const;

/** Targets worth a look: on a grid, up to where the signal ends. */
function targetsOf(strategy: MetricStrategy, { server, config }: Scenario, batchAtKnee?: number): readonly number[] {
  switch (strategy) {
    case "queue-size":
      return [0.5, 1, 2, 3, 5, 8, 13];
    case "batch-size": {
      const { maxConcurrentRequests } = server.limits;
      if (batchAtKnee !== undefined && batchAtKnee > 0) {
        const knee = Math.min(batchAtKnee, maxConcurrentRequests);
        return SHARES_OF_KNEE.map((share) => forPeople(share * knee));
      }
      const most = config.server.batchCapacity ?? maxConcurrentRequests;
      return [1, 2, 3, 5, 7, 9, 12, 16, 22, 30, 42].filter((target) => target <= Math.max(1, 0.8 * most));
    }
    case "gke-duty-cycle":
    case "dcgm-gpu-util":
      return [30, 45, 60, 70, 80, 90];
  }
}

/** To two digits, a stack file is for people, and at most three decimals, which is what the HPA counts in. */
export function forPeople(target: number): number {
  return Math.max(LEAST_TARGET, Number(Number(target.toPrecision(2)).toFixed(3)));
}
