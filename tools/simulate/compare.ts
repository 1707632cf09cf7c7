import { METRIC_STRATEGIES, type StrategyTarget } from "../../autoscaling/metricStrategy";
import { TGI } from "../../catalog/tgi";
import { derivedTarget } from "../../config/build";
import type { StackConfig } from "../../config/stackConfig";
import { clairvoyant, type Plan, smallestFixedFleet, startingReplicas } from "./clairvoyant";
import { attainment, contend } from "./contend";
import { hpaScaler, type Scenario } from "./scenario";
import type { RunResult } from "./world/run";

/** One who took part. */
export interface Contender {
  readonly label: string;
  readonly result: RunResult;
  /** Of its first metric; undefined for one that reads none. */
  readonly metric: StrategyTarget | undefined;
}

export interface Comparison {
  /** The stack as it is comes first. */
  readonly contenders: readonly Contender[];
  /** Which of them never scales, the smallest that meets the SLO; undefined where none does. */
  readonly fixedFleet: Contender | undefined;
  readonly plan: Plan;
}

/** What the tutorial's HPA has, whatever the stack. */
const TUTORIAL = {
  metrics: [{ strategy: "queue-size", target: 10 }],
  minReplicas: 1,
  maxReplicas: 5,
  behavior: undefined,
} as const;
/** Kubernetes' own grace period, which Google's sample leaves as it is. */
const DEFAULT_GRACE_SECONDS = 30;

/** The stack, and what it is held against. */
export function compare(
  scenario: Scenario,
  { seed, progress }: { readonly seed: number; readonly progress?: (share: number, what: string) => void },
): Comparison {
  const { config } = scenario;
  const { maxReplicas } = config.autoscaler;
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
  const plan = clairvoyant(scenario, { seed, progress: watch("clairvoyant") });
  const initialReplicas = startingReplicas(scenario, seed);
  const contest = { seed, initialReplicas, maxReplicas };
  const contenders: Contender[] = strategies.map((metrics) => ({
    label: metrics.map(({ strategy, target }) => `${strategy} at ${target}`).join(", "),
    metric: metrics[0],
    result: contend(scenario, hpaScaler(config, { metrics }), { ...contest, progress: watch(metrics[0].strategy) }),
  }));
  contenders.push({
    label: "the tutorial as written",
    metric: TUTORIAL.metrics[0],
    result: contend(asInTutorial(scenario), hpaScaler(config, TUTORIAL), {
      seed,
      initialReplicas: Math.min(TUTORIAL.maxReplicas, initialReplicas),
      maxReplicas: TUTORIAL.maxReplicas,
      progress: watch("tutorial"),
    }),
  });
  const most = Math.max(...plan.needs) * 2;
  const fixed = smallestFixedFleet(scenario, { seed, progress: watch("fixed fleet") }, most);
  const fixedFleet =
    fixed && ({ label: `a fixed fleet of ${fixed.replicas}`, metric: undefined, result: fixed.result } as const);
  if (fixedFleet !== undefined) contenders.push(fixedFleet);
  contenders.push({ label: "clairvoyant", metric: undefined, result: plan.result });
  return { contenders, fixedFleet, plan };
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

/** Whether a contender meets the SLO and what it takes, against the clairvoyant. */
export function standing({ result }: Contender, { result: best }: Plan): { attained: number; ratio: number } {
  return { attained: attainment(result), ratio: result.gpuHours / best.gpuHours };
}
