import type { MetricStrategy, StrategyTarget } from "../../autoscaling/metricStrategy";
import { largestThatHolds } from "./bisect";
import { OBJECTIVE } from "./contend";
import type { Scenario } from "./scenario";
import { split } from "./traffic/split";
import { best, roundsOf, samplesOf, TRAINING, TRAINING_OBJECTIVE, TRAINING_SEEDS, type Trial, tryOut } from "./tune";

export interface TargetSearch {
  readonly strategy: MetricStrategy;
  /** Largest target that is looked at, above 0. */
  readonly ceiling: number;
  /** First of the training samples' seeds. */
  readonly seed: number;
  /** Makes a target one that may stand in a stack file. Never larger than what it is given. */
  readonly rounded: (target: number) => number;
  readonly progress?: (share: number) => void;
}

export interface FoundTarget {
  /** Whether it attains the objective on the samples that it was chosen on. */
  readonly holds: boolean;
  /** The largest target that holds; where none does, the one that comes nearest. */
  readonly best: Trial;
  /** The same on traffic that it was not chosen on. */
  readonly heldOut: Trial;
  /** Whether it attains the objective there, too. */
  readonly holdsOut: boolean;
}

/** Targets below the ceiling by more than this are not looked at. */
const LOWEST_SHARE = 1 / 16;
/** Halvings of that range: within a tenth. */
const HALVINGS = 5;

/**
 * Looks for the largest target up to a ceiling with which a stack, its own behavior and its other metrics as they are,
 * meets the SLO on several samples of its traffic.
 */
export function largestTarget(scenario: Scenario, search: TargetSearch): FoundTarget {
  const { strategy, ceiling, rounded, progress } = search;
  const { metrics, behavior } = scenario.config.autoscaler;
  const others = metrics.slice(1).filter((metric) => metric.strategy !== strategy);
  const { training, heldOut } = split(scenario.traffic, TRAINING);
  const samples = samplesOf(training);
  const seeds = Array.from({ length: samples }, (_, sample) => (search.seed + sample) % TRAINING_SEEDS);
  const trainingRounds = roundsOf({ ...scenario, traffic: training }, seeds);
  const heldOutRounds = roundsOf({ ...scenario, traffic: heldOut }, seeds);
  const trials: Trial[] = [];
  const attempt = (target: number): { readonly result: Trial; readonly holds: boolean } => {
    const setting = { strategy, target: rounded(target), behavior };
    const result = tryOut(setting, trainingRounds, metricsOf(setting, others));
    trials.push(result);
    progress?.(trials.length / (HALVINGS + 2));
    return { result, holds: result.attained >= TRAINING_OBJECTIVE };
  };
  const highest = attempt(ceiling);
  const found = highest.holds
    ? highest.result
    : largestThatHolds({ low: ceiling * LOWEST_SHARE, high: ceiling }, HALVINGS, attempt);
  const chosen = found ?? best(trials, 1)[0] ?? highest.result;
  const onHeldOut = tryOut(chosen.setting, heldOutRounds, metricsOf(chosen.setting, others));
  progress?.(1);
  return {
    holds: found !== undefined,
    best: chosen,
    heldOut: onHeldOut,
    holdsOut: onHeldOut.attained >= OBJECTIVE,
  };
}

function metricsOf({ strategy, target }: StrategyTarget, others: readonly StrategyTarget[]): readonly StrategyTarget[] {
  return [{ strategy, target }, ...others];
}
