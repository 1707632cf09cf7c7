import type { MetricStrategy } from "../../autoscaling/metricStrategy";
import type { StepTimes } from "../../autoscaling/roofline";
import type { Fit, Load, StageFigures } from "../calibrate/contract";
import type { Slo } from "../simulate/world/figures";

/** Where a server is loaded as far as it goes while the SLO is still met. */
export interface Knee {
  readonly load: Load;
  /** Requests a second at it: what the server answered under a closed load, what came under an open one. */
  readonly requestsPerSecond: number;
  /** Requests that the server had at once, on average: those that wait and those in the batch. */
  readonly inFlight: number;
  /** That one server holds for hours, simulated with the fitted step times; undefined where nothing was fitted. */
  readonly simulatedRequestsPerSecond: number | undefined;
  /** Why it is there, in one sentence. */
  readonly why: string;
}

/** Without a knee: why there is none, in one sentence, such as that every load met the SLO. */
export interface NoKnee {
  readonly load: undefined;
  readonly why: string;
}

/** What one strategy's target follows from. All in its unit; not a number where it was not measured. */
export interface CalibratedTarget {
  readonly strategy: MetricStrategy;
  /** Whether the stack file names this strategy. */
  readonly isOwn: boolean;
  /** `requests`, or `%` of one GPU. */
  readonly unit: string;
  /** The signal's mean at the knee. */
  readonly atKnee: number;
  /** Largest target with which the HPA acts, beyond its tolerance, before a steady load passes the knee. */
  readonly ceiling: number;
  readonly target: number;
  /** Ends of the tolerance band: between them the HPA does nothing. */
  readonly low: number;
  readonly high: number;
  /** How the target follows from the rest, or why there is none. */
  readonly sentence: string;
}

/** The result of a load test of one server, as a page, a terminal and a program are told it. */
export interface CalibrationReport {
  /** What was put under load: a real server, or the stand-in, whose step times are simulated. */
  readonly origin: "measured" | "stand-in";
  readonly title: string;
  /** Which server, model, GPUs, traffic and SLO. */
  readonly subtitle: string;
  /** The answer in one sentence. */
  readonly headline: string;
  /** Why the run ended before its plan did. Undefined: it did not. */
  readonly partialBecause?: string | undefined;
  readonly slo: Slo;
  /** Share of the requests, from 0 to 1, that must meet the SLO. */
  readonly attainmentGoal: number;
  /** Closed loads, then open ones, the lightest of each first. */
  readonly stages: readonly StageFigures[];
  readonly knee: Knee | NoKnee;
  readonly targets: readonly CalibratedTarget[];
  /** What they have in common, in a sentence or two. */
  readonly targetsNote?: string | undefined;
  /** Undefined where too little was measured to fit anything. */
  readonly fit?: Fit | undefined;
  /** What the simulator would have taken without measurements; undefined for a model that is not in the catalogue. */
  readonly roofline?: StepTimes | undefined;
  /** Where client and server disagree, a line each. Empty: nowhere. */
  readonly checks: readonly string[];
  readonly assumptions: readonly string[];
  readonly notes?: readonly string[] | undefined;
  /** Lines for the stack file, as they are to stand there. Empty: there is nothing to change. */
  readonly stackFile: readonly string[];
}
