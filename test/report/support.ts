import type { RunSeries } from "../../tools/report/series";

/** A run with an entry every 15 s, whose load swings and whose metric has gaps. */
export function run(entries: number, label = "queue-size at 10", more: Partial<RunSeries> = {}): RunSeries {
  const indices = Array.from({ length: entries }, (_, index) => index);
  return {
    label,
    at: indices.map((index) => 15 * (index + 1)),
    load: indices.map((index) => 5 + 4 * Math.sin(index / 40)),
    wanted: indices.map((index) => 1 + (Math.floor(index / 30) % 5)),
    ready: indices.map((index) => 1 + (Math.floor((index - 5) / 30) % 5)),
    misses: indices.map((index) => (index % 50 === 0 ? 7 : 0)),
    metric: {
      name: "queue-size",
      unit: "requests",
      average: indices.map((index) => (index % 20 === 0 ? Number.NaN : 10 + 3 * Math.sin(index / 10))),
      target: 10,
      low: 9,
      high: 11,
    },
    ...more,
  };
}
