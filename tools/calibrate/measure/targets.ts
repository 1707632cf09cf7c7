import { type HpaBehavior, tolerancesOf } from "../../../autoscaling/hpa/behavior";
import { isGpuStrategy, METRIC_STRATEGIES, type MetricStrategy } from "../../../autoscaling/metricStrategy";
import { formatProblem } from "../../../config/problem";
import { checkConfig } from "../../../config/rules";
import type { StackConfig } from "../../../config/stackConfig";
import { OBJECTIVE } from "../../simulate/contend";
import type { Scenario } from "../../simulate/scenario";
import { LEAST_TARGET, targetsEnd } from "../../simulate/settings";
import { neverScaled, TRAINING_OBJECTIVE } from "../../simulate/tune";
import type { StageFigures } from "../contract";
import { type Found, othersThan, searchTarget, steadied, WORTH_SHARE } from "./targetSearch";

/** What a strategy's target should be, after a calibration. */
export interface TargetAdvice {
  readonly strategy: MetricStrategy;
  readonly unit: "requests" | "percent of one GPU";
  /** Mean of the signal at the knee; undefined where it was not measured. */
  readonly atKnee: number | undefined;
  /** Largest target with which the HPA acts on a steady load before the knee is passed; undefined without a signal. */
  readonly ceiling: number | undefined;
  /** That holds under the simulated traffic, and is the cheapest, or nearly; undefined where there is none. */
  readonly recommended: number | undefined;
  /** With which it holds, where the stack has none of its own; undefined for Kubernetes' own, or the stack's. */
  readonly behavior: HpaBehavior | undefined;
  /** What the simulation was tried with, and what it attained; undefined where nothing was simulated. */
  readonly simulated: SimulatedTarget | undefined;
  /** How the target follows, and its head-room; where there is no target, why. */
  readonly sentence: string;
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
/** A target must be below the largest one, not equal to it. */
const BELOW = 1e-6;

/**
 * Recommends a target for every strategy: the knee says up to where it is safe under a load that stands still, the
 * simulation of the whole stack, with the step times that were fitted, what it comes to under the traffic.
 */
export function targets(options: TargetsOptions): readonly TargetAdvice[] {
  const { strategies = METRIC_STRATEGIES, progress } = options;
  return strategies.map((strategy, index) =>
    adviceOf(strategy, options, (share) => progress?.((index + share) / strategies.length, strategy)),
  );
}

/** What all targets have in common, in a sentence. */
export function toleranceText({ autoscaler }: StackConfig): string {
  const { up } = tolerancesOf(autoscaler.behavior);
  return `The HPA adds a replica only above target × ${show(1 + up)} (it tolerates ${show(up * 100)} %). With a target up to the ceiling, which is the signal at the knee ÷ ${show(1 + up)}, even a load that stands still does not stay past the knee.`;
}

function adviceOf(strategy: MetricStrategy, options: TargetsOptions, progress: (share: number) => void): TargetAdvice {
  const { scenario, knee } = options;
  const { config } = scenario;
  const atKnee = signalAt(knee, strategy);
  const none: Omit<TargetAdvice, "sentence"> = {
    ...{ strategy, atKnee, unit: isGpuStrategy(strategy) ? "percent of one GPU" : "requests" },
    ...{ ceiling: undefined, recommended: undefined, behavior: undefined, simulated: undefined },
  };
  const silent = silenceOf(strategy, atKnee, options);
  if (silent !== undefined || atKnee === undefined) {
    return { ...none, sentence: silent ?? "The signal was not measured." };
  }
  // A rounding error must not make the difference to a whole number.
  const ceiling = Number((atKnee / (1 + tolerancesOf(config.autoscaler.behavior).up)).toFixed(6));
  // The search ends below the largest target that the rules admit: what they say of the smallest, they say of all.
  const barred = problemsWith(strategy, LEAST_TARGET, config);
  if (barred.length > 0) {
    return { ...none, ceiling, sentence: `No target may stand in the stack file: ${barred.join(" ")}` };
  }
  const searched = searchTarget(strategy, { scenario, batchAtKnee: knee.batch, seed: options.seed, progress });
  const admitted = targetsEnd(searched.best.setting, scenario) * (1 - BELOW);
  const found = steadied(searched, roundedDown(Math.min(ceiling, admitted)), config.autoscaler.behavior);
  const { target, behavior } = found.best.setting;
  const isAdvised = found.holds && (!neverScaled(found.best) || found.ceilingBecause !== undefined);
  return {
    ...{ ...none, ceiling, simulated: simulatedOf(found) },
    recommended: isAdvised ? target : undefined,
    behavior: isAdvised && config.autoscaler.behavior === undefined ? behavior : undefined,
    sentence: sentenceOf(found, ceiling, scenario),
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
  if (!isGpuStrategy(strategy)) return undefined;
  if (atKnee === undefined) {
    return `No samples of ${strategy} fall into the measured times of the knee: give some with --duty-cycle, or scale on another signal.`;
  }
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

/** What the rules say of the stack with another target: `--write` would be refused with it. */
function problemsWith(strategy: MetricStrategy, target: number, config: StackConfig): readonly string[] {
  const metrics = [{ strategy, target }, ...othersThan(strategy, config)] as const;
  const autoscaler = { ...config.autoscaler, metrics };
  return checkConfig({ ...config, autoscaler }).problems.map(formatProblem);
}

/** To two digits, a stack file is for people, and at most three decimals, which is what the HPA counts in. */
function roundedDown(target: number): number {
  const unit = target > 0 ? Math.max(LEAST_TARGET, 10 ** (Math.floor(Math.log10(target)) - 1)) : LEAST_TARGET;
  return Number((Math.floor(target / unit + 1e-9) * unit).toFixed(3));
}

function simulatedOf({ best, heldOut, holds }: Found): SimulatedTarget {
  return {
    target: best.setting.target,
    samples: best.results.length,
    attained: best.attained,
    attainedHeldOut: heldOut.attained,
    gpuHours: heldOut.gpuHours,
    holds,
  };
}

const IDLE =
  "no replica has to be added to those of the beginning: nothing follows for a target. --rate simulates more requests.";

function sentenceOf(found: Found, ceiling: number, { traffic, config, coldStart }: Scenario): string {
  const { best, heldOut, holds, ceilingBecause } = found;
  const { target, behavior } = best.setting;
  const withIt = behavior === undefined || config.autoscaler.behavior !== undefined ? "" : ", with a scaleBehavior,";
  const where = `on ${traffic.name}, with ${config.autoscaler.maxReplicas} replicas at most and a cold start of ${coldStart.description}`;
  if (!holds) {
    return `Simulated ${where}, no target meets the SLO for ${share(TRAINING_OBJECTIVE)} (${share(OBJECTIVE)}, and a little for having been chosen): ${target}${withIt} comes nearest, with ${share(best.attained)}. More replicas or a faster start may help.`;
  }
  if (neverScaled(found.best) && ceilingBecause === undefined) {
    return `Simulated ${where}, ${IDLE}`;
  }
  const missed = heldOut.attained >= OBJECTIVE ? "" : `, which is less than ${share(OBJECTIVE)}`;
  const met = `${share(heldOut.attained)} met the SLO on traffic that it was not chosen on${missed}`;
  switch (ceilingBecause) {
    case undefined:
      return `${target}${withIt} is the cheapest target that holds when simulated ${where}: ${met}. ${roomOf(target, ceiling)}`;
    case "cheap":
      return `${target}${withIt} is the ceiling, rounded down. It holds when simulated ${where}: ${met}. A larger target would save less than ${share(WORTH_SHARE)} of the GPU-hours.`;
    case "idle":
      return `${target}${withIt} is the ceiling, rounded down. It holds when simulated ${where}: ${met}. But ${IDLE}`;
  }
}

function roomOf(target: number, ceiling: number): string {
  if (target <= ceiling) {
    return `It is ${share(1 - target / ceiling)} below the ceiling, for the signal's delay and a cold start.`;
  }
  if (!(ceiling >= LEAST_TARGET)) {
    return "The signal is 0 at the knee: under a load that stands still, it acts only past the knee.";
  }
  return `It is above the ceiling, ${show(ceiling)}: traffic that comes and goes keeps the average below the target most of the time. Where yours can stand still for long, take the ceiling.`;
}

function share(value: number): string {
  return `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;
}

function show(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 3 });
}
