import type { MetricSeries, RunSeries } from "../../tools/report/series";

/** Entries of a day, one for each 15 s. */
export const DAY = 5760;

/** A run in which every series looks different: waves of load, a spike, replicas that follow late. */
export function fakeRun(entries: number, changes: Partial<RunSeries> = {}): RunSeries {
  const of = (value: (share: number, index: number) => number) =>
    Float64Array.from({ length: entries }, (_, index) => value(index / entries, index));
  const wave = (share: number) => 3 + 2 * Math.sin(2 * Math.PI * share);
  const noise = (index: number) => ((index * 7919) % 101) / 101;
  return {
    label: "queue-size at 10",
    at: of((_, index) => (index + 1) * 15),
    load: of((share, index) => wave(share) + noise(index)),
    wanted: of((share) => Math.round(wave(share))),
    ready: of((share) => Math.round(wave(Math.max(0, share - 0.02)))),
    metric: fakeMetric({ average: of((share, index) => 3 * wave(share) + 4 * noise(index)) }),
    misses: of((share, index) => (share > 0.4 && share < 0.42 ? Math.round(20 * noise(index)) : 0)),
    ...changes,
  };
}

export function fakeMetric(changes: Partial<MetricSeries> = {}): MetricSeries {
  return { name: "tgi_queue_size", unit: "requests", average: [], target: 10, low: 9, high: 11, ...changes };
}
