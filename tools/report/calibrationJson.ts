import type { MetricStrategy } from "../../autoscaling/metricStrategy";
import type { StepTimes } from "../../autoscaling/roofline";
import type { Estimate, Fit, Lengths, Load, Result, StageFigures } from "../calibrate/contract";
import type { Slo } from "../simulate/world/figures";
import type { CalibratedTarget, CalibrationReport, Knee } from "./calibration";

/** A number, or null where it could not be measured: JSON has no NaN, and 0 would be a lie. */
export type Figure = number | null;

type Nullable<Numbers> = { readonly [Key in keyof Numbers]: Figure };

/** A mean with the ends of its 95 % confidence interval; both ends are null where one repetition says nothing of them. */
export type EstimateJson = Nullable<Estimate>;

/** Quantiles of a latency in seconds; null where nothing was served. `p95Interval` is the interval of `p95`. */
export interface LatencyJson {
  readonly p50: Figure;
  readonly p95: Figure;
  readonly p99: Figure;
  readonly p95Interval: EstimateJson;
}

/** What was measured under one load. */
export interface StageJson {
  readonly load: Load;
  readonly repetitions: number;
  readonly measuredSeconds: number;
  /** Meant for the measured time. */
  readonly requests: number;
  readonly results: Readonly<Record<Result, number>>;
  /** Share of 0 to 1 that was served within the SLO. */
  readonly attainment: EstimateJson;
  readonly requestsPerSecond: EstimateJson;
  readonly outputTokensPerSecond: EstimateJson;
  readonly timeToFirstTokenSeconds: LatencyJson;
  /** Per output token after the first. */
  readonly timePerTokenSeconds: LatencyJson;
  /** Requests, on average, as the server says, and as clients know it. */
  readonly queue: { readonly server: Figure; readonly client: Figure };
  readonly batch: { readonly server: Figure; readonly client: Figure };
  /** Mean tokens of a request. `achieved` is null where nothing was served. */
  readonly plannedLengths: Nullable<Lengths>;
  readonly achievedLengths: Nullable<Lengths>;
  /** Of one GPU; null where no samples were given. */
  readonly dutyCyclePercent: Figure;
  /** ISO 8601, in UTC. */
  readonly from: string;
  readonly to: string;
}

/** A strategy's target; what was not measured is null. */
export interface TargetJson {
  readonly strategy: MetricStrategy;
  readonly isOwn: boolean;
  readonly unit: string;
  readonly atKnee: Figure;
  readonly ceiling: Figure;
  readonly target: Figure;
  /** Ends of the tolerance band. */
  readonly low: Figure;
  readonly high: Figure;
  readonly sentence: string;
}

/** Fitted step times. `relativeErrors` are null for constants that were not to be told. */
export interface FitJson {
  readonly times: StepTimes;
  readonly relativeErrors: Readonly<Record<keyof StepTimes, Figure>>;
  /** Median absolute relative errors; null where there was nothing of the kind. */
  readonly prefillError: Figure;
  readonly decodeError: Figure;
  readonly prefills: number;
  readonly decodeSteps: number;
  readonly overheadSeconds: Figure;
  /** Null where no request waited for KV cache. */
  readonly maxBatchTotalTokens: Figure;
}

/** The answer of a calibration for programs: the same as the page, without what follows from it. */
export interface CalibrationJson {
  /** `stand-in`: no GPU ran, and the step times are simulated. */
  readonly origin: CalibrationReport["origin"];
  readonly headline: string;
  /** Null for a run that did what it was to do. */
  readonly partialBecause: string | null;
  readonly slo: Slo;
  readonly attainmentGoal: number;
  readonly stages: readonly StageJson[];
  /** Null where there is none; `kneeBecause` says why there is one, or none. */
  readonly knee: (Nullable<Omit<Knee, "load" | "why">> & { readonly load: Load }) | null;
  readonly kneeBecause: string;
  readonly targets: readonly TargetJson[];
  /** What the targets have in common; null without targets. */
  readonly targetsNote: string | null;
  /** Null where too little was measured. */
  readonly fit: FitJson | null;
  /** Null for a model that is not in the catalogue. */
  readonly roofline: StepTimes | null;
  readonly checks: readonly string[];
  readonly notes: readonly string[];
  readonly assumptions: readonly string[];
  readonly stackFile: readonly string[];
}

/** The report as `JSON.stringify` takes it: whatever is not a number is an explicit null. */
export function calibrationJson(report: CalibrationReport): CalibrationJson {
  const { origin, headline, partialBecause, slo, attainmentGoal, knee, fit, roofline } = report;
  const { checks, notes = [], assumptions, stackFile } = report;
  return {
    ...{ origin, headline, slo, attainmentGoal },
    partialBecause: partialBecause ?? null,
    stages: report.stages.map(stageJson),
    knee:
      knee.load === undefined
        ? null
        : {
            load: knee.load,
            requestsPerSecond: figure(knee.requestsPerSecond),
            inFlight: figure(knee.inFlight),
            simulatedRequestsPerSecond: figure(knee.simulatedRequestsPerSecond),
          },
    kneeBecause: knee.why,
    targets: report.targets.map(targetJson),
    targetsNote: report.targetsNote ?? null,
    fit: fit === undefined ? null : fitJson(fit),
    roofline: roofline ?? null,
    ...{ checks, notes, assumptions, stackFile },
  };
}

function stageJson(stage: StageFigures): StageJson {
  const { load, repetitions, requests, results } = stage;
  return {
    ...{ load, repetitions, requests, results },
    measuredSeconds: stage.seconds,
    attainment: estimate(stage.attainment),
    requestsPerSecond: estimate(stage.requestsPerSecond),
    outputTokensPerSecond: estimate(stage.tokensPerSecond),
    timeToFirstTokenSeconds: latency(stage.ttft, stage.ttftP95),
    timePerTokenSeconds: latency(stage.tpot, stage.tpotP95),
    queue: { server: figure(stage.queue), client: figure(stage.clientQueue) },
    batch: { server: figure(stage.batch), client: figure(stage.clientBatch) },
    plannedLengths: lengths(stage.planned),
    achievedLengths: lengths(stage.achieved),
    dutyCyclePercent: figure(stage.dutyCycle),
    from: new Date(stage.from * 1000).toISOString(),
    to: new Date(stage.to * 1000).toISOString(),
  };
}

function targetJson({ strategy, isOwn, unit, sentence, ...target }: CalibratedTarget): TargetJson {
  return {
    ...{ strategy, isOwn, unit },
    atKnee: figure(target.atKnee),
    ceiling: figure(target.ceiling),
    target: figure(target.target),
    low: figure(target.low),
    high: figure(target.high),
    sentence,
  };
}

function fitJson({ times, relativeErrors, prefills, decodeSteps, ...fit }: Fit): FitJson {
  return {
    times,
    relativeErrors: {
      prefillBaseSeconds: figure(relativeErrors.prefillBaseSeconds),
      prefillPerTokenSeconds: figure(relativeErrors.prefillPerTokenSeconds),
      decodeBaseSeconds: figure(relativeErrors.decodeBaseSeconds),
      decodePerSequenceSeconds: figure(relativeErrors.decodePerSequenceSeconds),
      decodePerKvTokenSeconds: figure(relativeErrors.decodePerKvTokenSeconds),
    },
    prefillError: figure(fit.prefillError),
    decodeError: figure(fit.decodeError),
    ...{ prefills, decodeSteps },
    overheadSeconds: figure(fit.overheadSeconds),
    maxBatchTotalTokens: figure(fit.maxBatchTotalTokens),
  };
}

function latency({ p50, p95, p99 }: StageFigures["ttft"], interval: Estimate): LatencyJson {
  return { p50: figure(p50), p95: figure(p95), p99: figure(p99), p95Interval: estimate(interval) };
}

function estimate({ mean, low, high }: Estimate): EstimateJson {
  return { mean: figure(mean), low: figure(low), high: figure(high) };
}

function lengths({ inputTokens, outputTokens }: Lengths): Nullable<Lengths> {
  return { inputTokens: figure(inputTokens), outputTokens: figure(outputTokens) };
}

function figure(value: number | undefined): Figure {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
