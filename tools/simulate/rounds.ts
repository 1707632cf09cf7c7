import { type Contest, OBJECTIVE, pooledAttainment } from "./contend";
import type { Scenario } from "./scenario";
import type { Traffic } from "./traffic/arrival";
import type { RunResult } from "./world/run";

/** One sample of the traffic, and what everybody begins with on it. */
export interface Round {
  readonly scenario: Scenario;
  readonly contest: Contest;
}

/** So many samples as make so many hours, within bounds. */
export interface Wanted {
  readonly hours: number;
  readonly fewest: number;
  readonly most: number;
}

/** One hour of traffic says little: a generator gives as many as one likes. A trace is one sample, at its own rate. */
export function samplesOf({ kind, durationSeconds }: Traffic, { hours, fewest, most }: Wanted): number {
  if (kind === "recorded") return 1;
  return Math.min(most, Math.max(fewest, Math.round((hours * 3600) / durationSeconds)));
}

/** What comes of every round. Their contests hear of the progress over all of them. */
export function onEach<T>(
  rounds: readonly Round[],
  progress: ((share: number) => void) | undefined,
  run: (round: Round, sample: number) => T,
): T[] {
  return rounds.map(({ scenario, contest }, index) =>
    run({ scenario, contest: { ...contest, progress: (share) => progress?.((index + share) / rounds.length) } }, index),
  );
}

/** What one scaler makes of several samples of the traffic. */
export interface Outcome {
  /** One for each sample. */
  readonly results: readonly RunResult[];
  /** Of all requests of all samples. */
  readonly attained: number;
  /** Mean of the samples. */
  readonly gpuHours: number;
}

export function outcomeOf(results: readonly RunResult[]): Outcome {
  return { results, attained: pooledAttainment(results), gpuHours: mean(results.map(({ gpuHours }) => gpuHours)) };
}

/** Whether the SLO is met. */
export function holds({ attained }: Pick<Outcome, "attained">): boolean {
  return attained >= OBJECTIVE;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
