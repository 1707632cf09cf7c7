import { roofline } from "../../../../autoscaling/roofline";
import { ACCELMARK } from "./accelmark";
import { LLMPERF_A10G, LLMPERF_BENCH } from "./llmperf";
import { median, play } from "./play";
import { type Experiment, METRICS, type Metric, type Source } from "./point";
import { QUICKSTART } from "./quickstart";

/** Every public measurement that the model is held against, the hopeless ones included. */
export const SOURCES: readonly Source[] = [LLMPERF_BENCH, LLMPERF_A10G, QUICKSTART, ACCELMARK];

/** One measured figure and what the model says instead. */
export interface Verification {
  readonly source: Source;
  readonly experiment: Experiment;
  readonly metric: Metric;
  readonly measured: number;
  readonly predicted: number;
  /** Predicted ÷ measured − 1. */
  readonly error: number;
  /** Whether a constant was fitted to this figure. */
  readonly isFitted: boolean;
}

/** Plays every experiment with the roofline's step times. */
export function verify(sources: readonly Source[] = SOURCES): readonly Verification[] {
  return sources.flatMap((source) =>
    source.experiments.flatMap((experiment) => {
      const times = roofline(experiment.model, experiment.gpu, experiment.gpus);
      const outcome = play(experiment, times, source.statistic);
      return METRICS.flatMap((metric): Verification[] => {
        const measured = experiment.measured[metric];
        if (measured === undefined) return [];
        const predicted = outcome[metric];
        const isFitted = experiment.fitted?.includes(metric) ?? false;
        return [{ source, experiment, metric, measured, predicted, error: predicted / measured - 1, isFitted }];
      });
    }),
  );
}

/** The median size of the errors. */
export function medianError(verifications: readonly Verification[]): number {
  return median(verifications.map((it) => Math.abs(it.error)));
}
