import { METRIC_STRATEGIES, type StrategyTarget } from "../../autoscaling/metricStrategy";
import { TGI } from "../../catalog/tgi";
import { derivedTarget } from "../../config/build";
import type { StackConfig } from "../../config/stackConfig";
import { clairvoyant } from "./clairvoyant";
import { contend } from "./contend";
import { smallestFixedFleet } from "./fixedFleet";
import { type Outcome, onEach, outcomeOf, samplesOf } from "./rounds";
import { hpaScaler, type Scenario } from "./scenario";
import { formatMetrics } from "./settings";
import { roundsOf } from "./start";
import { MAX_SEED } from "./traffic/random";

/** One who took part. */
export interface Contender extends Outcome {
  readonly label: string;
  /** Of its first metric; undefined for one that reads none. */
  readonly metric: StrategyTarget | undefined;
}

export interface Comparison {
  /** Of the samples of the traffic, which are the same for all. */
  readonly seeds: readonly number[];
  /** The stack as it is comes first. */
  readonly contenders: readonly Contender[];
  /** Which of them never scales, the smallest that meets the SLO; undefined where none does. */
  readonly fixedFleet: Contender | undefined;
  readonly clairvoyant: Contender;
}

/** Where strategies are close, one sample of an hour decides by chance which of them meets the SLO. */
const SAMPLES = { hours: 4, fewest: 1, most: 4 } as const;

/** What the tutorial's HPA has, whatever the stack. */
const TUTORIAL = {
  metrics: [{ strategy: "queue-size", target: 10 }],
  minReplicas: 1,
  maxReplicas: 5,
  behavior: undefined,
} as const;
/** Kubernetes' own grace period, which Google's sample leaves as it is. */
const DEFAULT_GRACE_SECONDS = 30;

/**
 * The stack, and what it is held against.
 *
 * @param seed of the first sample; the next ones follow.
 */
export function compare(
  scenario: Scenario,
  { seed, progress }: { readonly seed: number; readonly progress?: (share: number, what: string) => void },
): Comparison {
  const { config } = scenario;
  const own = config.autoscaler.metrics;
  const others = METRIC_STRATEGIES.filter((strategy) => strategy !== own[0].strategy).flatMap((strategy) => {
    const target = targetOf(config, strategy);
    return target === undefined ? [] : [[{ strategy, target }] as const];
  });
  const strategies = [own, ...others];
  const steps = strategies.length + 3;
  let step = 0;
  const watch = (what: string) => {
    const begun = step;
    step += 1;
    return (share: number) => progress?.((begun + share) / steps, what);
  };
  const samples = samplesOf(scenario.traffic, SAMPLES);
  const seeds = Array.from({ length: samples }, (_, sample) => (seed + sample) % (MAX_SEED + 1));
  const rounds = roundsOf(scenario, seeds);

  const fixed = smallestFixedFleet(rounds, undefined, watch("fixed fleet"));
  const plan = clairvoyant(rounds, fixed, watch("clairvoyant"));
  const contenders: Contender[] = strategies.map((metrics) => ({
    label: formatMetrics(metrics),
    metric: metrics[0],
    ...outcomeOf(
      onEach(rounds, watch(metrics[0].strategy), (round) =>
        contend(round.scenario, hpaScaler(config, { metrics }), round.contest),
      ),
    ),
  }));
  const { maxReplicas } = TUTORIAL;
  contenders.push({
    label: "the tutorial as written",
    metric: TUTORIAL.metrics[0],
    ...outcomeOf(
      onEach(rounds, watch("tutorial"), (round) => {
        const initialReplicas = Math.min(maxReplicas, round.contest.initialReplicas);
        const contest = { ...round.contest, initialReplicas, maxReplicas };
        return contend(asInTutorial(round.scenario), hpaScaler(config, TUTORIAL), contest);
      }),
    ),
  });
  const fixedFleet = fixed && { label: `a fixed fleet of ${fixed.replicas}`, metric: undefined, ...fixed };
  if (fixedFleet !== undefined) contenders.push(fixedFleet);
  const best = { label: "clairvoyant", metric: undefined, ...plan };
  contenders.push(best);
  return { seeds, contenders, fixedFleet, clairvoyant: best };
}

/** A strategy's target: the stack's own where it has one, else the default. */
export function targetOf(config: StackConfig, strategy: StrategyTarget["strategy"]): number | undefined {
  const own = config.autoscaler.metrics.find((metric) => metric.strategy === strategy);
  if (own !== undefined) return own.target;
  const { model, gpus } = config.server;
  const replica = model === undefined ? undefined : { model, accelerator: config.gpuPool.accelerator, gpus };
  return derivedTarget(strategy, replica, config.server);
}

/** No warm-up, no probes, the server's own concurrency limit, no sleep before its 30 s to end. */
export function asInTutorial(scenario: Scenario): Scenario {
  const { server } = scenario;
  return {
    ...scenario,
    server: {
      ...server,
      warmsUp: false,
      isProbed: false,
      limits: {
        ...server.limits,
        maxConcurrentRequests: TGI.defaultMaxConcurrentRequests,
        drainSeconds: DEFAULT_GRACE_SECONDS - TGI.preStopSeconds,
      },
    },
  };
}
