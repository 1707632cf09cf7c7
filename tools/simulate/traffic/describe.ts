import type { Arrival } from "./arrival";
import { type Quantiles, quantileOf } from "./quantiles";

/** What traffic looks like: the figures that a profile is fitted to and held against. */
export interface Description {
  readonly requests: number;
  /** Mean rate × duration = requests. */
  readonly durationSeconds: number;
  /** Variance over mean of the counts in windows of so many seconds; 1 is a Poisson process. */
  readonly dispersion: { readonly second: number; readonly tenSeconds: number; readonly minute: number };
  /** Requests of the busiest whole minute over those of the mean minute. */
  readonly busiestMinute: number;
  readonly input: Quantiles;
  readonly output: Quantiles;
  /** Output for each tenth of the requests, from the shortest input to the longest. */
  readonly outputByInput: readonly Quantiles[];
  /** Spearman's, of input and output. */
  readonly rankCorrelation: number;
  /** Lengths of the runs of whole seconds with requests, and of those without. */
  readonly busySeconds: Quantiles;
  readonly silentSeconds: Quantiles;
}

const TWENTIETHS = Array.from({ length: 19 }, (_, index) => (index + 1) / 20);

/** The probabilities at which lengths are described, */
export const FINE = [0, 0.005, 0.01, 0.02, ...TWENTIETHS, 0.98, 0.99, 0.995, 0.999, 1];

/** at which the output of a tenth is, */
export const COARSE = [0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 1];
/** and at which busy and silent runs are. */
export const RUNS = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
const TENTHS = 10;

/** Describes requests that span the given time. Keeps them all in memory: it is for an hour or a day, not for a month. */
export function describeTraffic(arrivals: Iterable<Arrival>, durationSeconds: number): Description {
  const all = [...arrivals];
  const byInput = [...all].sort((a, b) => a.inputTokens - b.inputTokens);
  const inputs = all.map(({ inputTokens }) => inputTokens);
  const outputs = all.map(({ outputTokens }) => outputTokens);
  const minutes = counts(all, 60, durationSeconds);
  const runs = runLengths(counts(all, 1, durationSeconds));
  return {
    requests: all.length,
    durationSeconds,
    dispersion: {
      second: dispersion(counts(all, 1, durationSeconds)),
      tenSeconds: dispersion(counts(all, 10, durationSeconds)),
      minute: dispersion(minutes),
    },
    busiestMinute: Math.max(...minutes) / ((60 * all.length) / durationSeconds),
    input: quantiles(inputs, FINE),
    output: quantiles(outputs, FINE),
    outputByInput: Array.from({ length: TENTHS }, (_, tenth) => {
      const [from, to] = [tenth, tenth + 1].map((index) => Math.floor((index * all.length) / TENTHS));
      return quantiles(
        byInput.slice(from, to).map(({ outputTokens }) => outputTokens),
        COARSE,
      );
    }),
    rankCorrelation: correlation(ranks(inputs), ranks(outputs)),
    busySeconds: quantiles(runs.busy, RUNS),
    silentSeconds: quantiles(runs.silent, RUNS),
  };
}

function quantiles(values: readonly number[], probabilities: readonly number[]): Quantiles {
  const sorted = Float64Array.from(values).sort();
  return { probabilities, values: probabilities.map((probability) => quantileOf(sorted, probability)) };
}

/** Requests in each whole window of the time. */
function counts(arrivals: readonly Arrival[], windowSeconds: number, durationSeconds: number): readonly number[] {
  const windows = new Array<number>(Math.floor(durationSeconds / windowSeconds)).fill(0);
  for (const { at } of arrivals) {
    const window = Math.floor(at / windowSeconds);
    if (window < windows.length) windows[window] = (windows[window] ?? 0) + 1;
  }
  return windows;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function dispersion(values: readonly number[]): number {
  const center = mean(values);
  return mean(values.map((value) => (value - center) ** 2)) / center;
}

function runLengths(seconds: readonly number[]): { busy: number[]; silent: number[] } {
  const runs = { busy: [] as number[], silent: [] as number[] };
  let start = 0;
  for (let second = 1; second <= seconds.length; second++) {
    const busy = seconds[start] !== 0;
    if (second < seconds.length && (seconds[second] !== 0) === busy) continue;
    (busy ? runs.busy : runs.silent).push(second - start);
    start = second;
  }
  return runs;
}

/** Equal values share their mean rank. */
function ranks(values: readonly number[]): readonly number[] {
  const order = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const ranked = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to] ?? 0] === values[order[from] ?? 0]) to++;
    for (const index of order.slice(from, to)) ranked[index] = (from + to - 1) / 2;
    from = to;
  }
  return ranked;
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  const deviations = a.map((value, index) => [value - meanA, (b[index] ?? 0) - meanB] as const);
  const covariance = mean(deviations.map(([x, y]) => x * y));
  return covariance / Math.sqrt(mean(deviations.map(([x]) => x * x)) * mean(deviations.map(([, y]) => y * y)));
}
