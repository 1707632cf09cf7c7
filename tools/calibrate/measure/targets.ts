import { type HpaBehavior, tolerancesOf } from "../../../autoscaling/hpa/behavior";
import { isGpuStrategy, METRIC_STRATEGIES, type MetricStrategy } from "../../../autoscaling/metricStrategy";
import { formatProblem } from "../../../config/problem";
import { checkConfig, mostRequests } from "../../../config/rules";
import type { StackConfig } from "../../../config/stackConfig";
import { OBJECTIVE } from "../../simulate/contend";
import { type FoundTarget, largestTarget, type TargetSearch } from "../../simulate/largestTarget";
import type { Scenario } from "../../simulate/scenario";
import { TRAINING_OBJECTIVE, tune } from "../../simulate/tune";
import type { StageFigures } from "../contract";

/** What a strategy's target should be, after a calibration. */
export interface TargetAdvice {
  readonly strategy: MetricStrategy;
  readonly unit: "requests" | "percent of one GPU";
  /** Mean of the signal at the knee; undefined where it was not measured. */
  readonly atKnee: number | undefined;
  /** Largest target with which the HPA acts before the knee is passed; undefined where the signal does not tell. */
  readonly ceiling: number | undefined;
  /** Up to the ceiling, with head-room for the signal's delay and a cold start; undefined where no target holds. */
  readonly recommended: number | undefined;
  /** With which it holds, where the stack has none of its own; undefined for Kubernetes' own, or the stack's. */
  readonly behavior: HpaBehavior | undefined;
  /** What the simulation was tried with, and what it attained; undefined where nothing was simulated. */
  readonly simulated: SimulatedTarget | undefined;
  /** A sentence on the tolerance, and one on the head-room; where there is no target, why. */
  readonly tolerance: string;
  readonly headRoom: string;
}

export interface SimulatedTarget {
  readonly target: number;
  readonly samples: number;
  /** Of all requests, on the samples that it was chosen on, and on others. */
  readonly attained: number;
  readonly attainedHeldOut: number;
  /** Mean of the samples that are held out. */
  readonly gpuHours: number;
  readonly holds: boolean;
}

export interface TargetsOptions {
  /** All that was measured. */
  readonly stages: readonly StageFigures[];
  /** The highest load that meets the SLO, an open-loop one if there is one. */
  readonly knee: StageFigures;
  /** The stack, with the step times that were fitted, under its traffic. */
  readonly scenario: Scenario;
  /** First of the simulated samples' seeds. */
  readonly seed: number;
  /** Only these; all of them without it. */
  readonly strategies?: readonly MetricStrategy[];
  readonly progress?: (share: number, what: string) => void;
}

/** A GPU that is as busy as this has nothing more to say. */
const SATURATED_PERCENT = 97;
/** Of the knee's throughput: a load that is clearly below it. */
const WELL_BELOW = 0.75;
/** The smallest step of a target, and the most such steps that one is lowered by until the stack's rules admit it. */
const STEP = 0.001;
const MOST_STEPS = 3;

/** Recommends a target for every strategy. */
export function targets(options: TargetsOptions): readonly TargetAdvice[] {
  const { strategies = METRIC_STRATEGIES, progress } = options;
  return strategies.map((strategy, index) =>
    adviceOf(strategy, options, (share) => progress?.((index + share) / strategies.length, strategy)),
  );
}

function adviceOf(strategy: MetricStrategy, options: TargetsOptions, progress: (share: number) => void): TargetAdvice {
  const { scenario, knee, seed } = options;
  const { config } = scenario;
  const { up } = tolerancesOf(config.autoscaler.behavior);
  const atKnee = signalAt(knee, strategy);
  const unit = isGpuStrategy(strategy) ? "percent of one GPU" : "requests";
  const silent = silenceOf(strategy, atKnee, options);
  const none = {
    strategy,
    unit,
    atKnee,
    ceiling: undefined,
    recommended: undefined,
    behavior: undefined,
    simulated: undefined,
  } as const;
  if (silent !== undefined || atKnee === undefined) {
    return { ...none, tolerance: silent ?? "The signal was not measured.", headRoom: "Nothing was simulated." };
  }
  // A rounding error must not make the difference to a whole number.
  const ceiling = Number((atKnee / (1 + up)).toFixed(6));
  const percent = `${show(up * 100)} %`;
  const tolerance = `The HPA adds a replica only above target × ${show(1 + up)} (it tolerates ${percent}), and the signal is ${show(atKnee)} at the knee: a target above ${show(ceiling)} acts too late.`;
  const largest = admissible(strategy, Math.min(ceiling, endOf(strategy, config) / (1 + up)), config);
  if (typeof largest === "string") {
    return {
      ...none,
      ceiling,
      tolerance,
      headRoom: `No target up to the ceiling may stand in the stack file: ${largest}`,
    };
  }
  const found = search(scenario, { strategy, ceiling: largest, seed, rounded: roundedDown, progress });
  return {
    ...{ ...none, ceiling, tolerance },
    recommended: found.holds ? found.best.setting.target : undefined,
    behavior: config.autoscaler.behavior === undefined ? found.best.setting.behavior : undefined,
    simulated: simulatedOf(found),
    headRoom: headRoomOf(found, ceiling, scenario),
  };
}

/** Looks for a target; for a behavior too, where the stack has none of its own. */
function search(scenario: Scenario, wanted: TargetSearch): FoundTarget {
  const { metrics, behavior } = scenario.config.autoscaler;
  if (behavior !== undefined) return largestTarget(scenario, wanted);
  const { strategy, ceiling, seed, progress } = wanted;
  const { best, heldOut } = tune(scenario, {
    ...{ strategies: [strategy], mostTarget: ceiling, seed },
    others: metrics.slice(1).filter((metric) => metric.strategy !== strategy),
    ...(progress === undefined ? {} : { progress }),
  });
  return {
    ...{ best, heldOut },
    holds: best.attained >= TRAINING_OBJECTIVE,
    holdsOut: heldOut.attained >= OBJECTIVE,
  };
}

/** Mean of the signal under a load, for one replica (one GPU of it). */
function signalAt(stage: StageFigures, strategy: MetricStrategy): number | undefined {
  switch (strategy) {
    case "queue-size":
      return stage.queue;
    case "batch-size":
      return stage.batch;
    case "gke-duty-cycle":
    case "dcgm-gpu-util":
      return stage.dutyCycle;
  }
}

/** Why a signal does not tell the knee; undefined where it does. */
function silenceOf(strategy: MetricStrategy, atKnee: number | undefined, { stages, knee }: TargetsOptions) {
  if (atKnee === undefined) {
    return `No samples of ${strategy} fall into the measured times of the knee: give some, or scale on another signal.`;
  }
  if (!(atKnee >= STEP)) return `${strategy} is 0 at the knee: it says nothing of a load that the server holds.`;
  if (!isGpuStrategy(strategy)) return undefined;
  const below = stages.find(
    ({ requestsPerSecond, dutyCycle }) =>
      dutyCycle !== undefined &&
      dutyCycle >= SATURATED_PERCENT &&
      requestsPerSecond.mean <= WELL_BELOW * knee.requestsPerSecond.mean,
  );
  if (below === undefined) return undefined;
  const rate = (stage: StageFigures) => `${show(stage.requestsPerSecond.mean)} requests/s`;
  return `${strategy} cannot tell the knee: it is ${show(below.dutyCycle ?? 0)} % at ${rate(below)} already, and the knee is at ${rate(knee)}.`;
}

/** The most that the signal can show. */
function endOf(strategy: MetricStrategy, { server }: StackConfig): number {
  return isGpuStrategy(strategy) ? 100 : mostRequests(strategy, server).count;
}

/** The largest target up to a ceiling that the rules of the configuration admit; else what they say. */
function admissible(strategy: MetricStrategy, ceiling: number, config: StackConfig): number | string {
  let said = `it would be below ${STEP}.`;
  for (let step = 0; step <= MOST_STEPS; step += 1) {
    const target = roundedDown(ceiling - step * unitOf(ceiling));
    if (!(target >= STEP)) return said;
    const problems = problemsWith(strategy, target, config);
    if (problems.length === 0) return target;
    said = problems.join(" ");
  }
  return said;
}

/** What the rules say of the stack with another target: `--write` would be refused with it. */
function problemsWith(strategy: MetricStrategy, target: number, config: StackConfig): readonly string[] {
  const others = config.autoscaler.metrics.slice(1).filter((metric) => metric.strategy !== strategy);
  const autoscaler = { ...config.autoscaler, metrics: [{ strategy, target }, ...others] as const };
  return checkConfig({ ...config, autoscaler }).problems.map(formatProblem);
}

/** To two digits, a stack file is for people, and at most three decimals, which is what the HPA counts in. */
function roundedDown(target: number): number {
  const unit = unitOf(target);
  return Number((Math.floor(target / unit + 1e-9) * unit).toFixed(3));
}

function unitOf(target: number): number {
  return Math.max(STEP, 10 ** (Math.floor(Math.log10(target)) - 1));
}

function simulatedOf({ best, heldOut, holds }: FoundTarget): SimulatedTarget {
  return {
    target: best.setting.target,
    samples: best.results.length,
    attained: best.attained,
    attainedHeldOut: heldOut.attained,
    gpuHours: heldOut.gpuHours,
    holds,
  };
}

function headRoomOf(found: FoundTarget, ceiling: number, { traffic, config, coldStart }: Scenario): string {
  const { best, heldOut, holds, holdsOut } = found;
  const { target, behavior } = best.setting;
  const withIt = behavior === undefined || config.autoscaler.behavior !== undefined ? "" : ", with a scaleBehavior,";
  const where = `on ${traffic.name}, with ${config.autoscaler.maxReplicas} replicas at most and a cold start of ${coldStart.description}`;
  if (!holds) {
    return `Simulated ${where}, no target up to the ceiling attains ${share(OBJECTIVE)}: ${target}${withIt} comes nearest, with ${share(best.attained)}. More replicas or a faster start may help.`;
  }
  const room = share(1 - target / ceiling);
  const held = `${share(heldOut.attained)} on traffic that it was not chosen on${holdsOut ? "" : `, which is less than ${share(OBJECTIVE)}`}`;
  return `${target}${withIt} is the cheapest target that holds when simulated ${where}: ${room} below the ceiling, room for the signal's delay and a cold start; it attains ${held}.`;
}

function share(value: number): string {
  return `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;
}

function show(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
