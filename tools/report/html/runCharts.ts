import { type Axis, intervalOf, largestOf, timeAxis, timeLabel, timesOf, valueAxis } from "../axis";
import type { MetricSeries, RunSeries, Values } from "../series";
import { short } from "../text";
import type { Chart } from "./chart";
import type { Layer } from "./layer";

/** A metric is shown up to so many times its target. */
const SHOWN_TARGETS = 5;

/** Heights of the charts in pixels, and how many pixels across are drawn. */
export interface Size {
  readonly columns: number;
  readonly load: number;
  readonly replicas: number;
  readonly metric: number;
  readonly misses: number;
  /** Labels of the vertical axes, about. */
  readonly ticks: number;
  /** Labels of the time axis, about. */
  readonly times: number;
}

export const LARGE: Size = { columns: 800, load: 100, replicas: 120, metric: 150, misses: 70, ticks: 4, times: 8 };
export const SMALL: Size = { columns: 380, load: 50, replicas: 70, metric: 90, misses: 50, ticks: 2, times: 5 };

/** The axes that charts of one kind share, so that they can be compared at a glance. */
export interface SharedAxes {
  readonly time: Axis;
  readonly load: Axis;
  readonly replicas: Axis;
  readonly misses: Axis;
  /** By name and unit: metrics of two kinds have nothing to share. */
  readonly metric: (metric: MetricSeries) => Axis;
}

/** How much of a metric a chart shows: all that there is, up to where it would hide the tolerance band. */
function shownOf({ average, target, high }: MetricSeries): number {
  return Math.max(high, Math.min(largestOf(average), SHOWN_TARGETS * target));
}

export function sharedAxes(runs: readonly RunSeries[], { ticks, times }: Size): SharedAxes {
  const axis = (of: (run: RunSeries) => readonly Values[], count: number, whole = false) =>
    valueAxis(largestOf(...runs.flatMap(of)), count, whole);
  // The low ones have less room for labels.
  const few = Math.max(2, ticks - 1);
  return {
    time: timeAxis(timesOf(runs), times),
    load: axis(({ load }) => [load], few),
    replicas: axis(({ wanted, ready }) => [wanted, ready], ticks, true),
    misses: axis(({ misses }) => [misses], few, true),
    metric: (metric) => {
      const alike = runs.flatMap(({ metric: other }) =>
        other?.name === metric.name && other.unit === metric.unit ? [other] : [],
      );
      return valueAxis(largestOf(alike.map(shownOf)), ticks);
    },
  };
}

/** The charts of a run by kind, to be put over one another in this order. */
export interface RunCharts {
  readonly load: Chart;
  readonly replicas: Chart;
  readonly metric: Chart | undefined;
  readonly misses: Chart;
}

export function runCharts(run: RunSeries, axes: SharedAxes, size: Size): RunCharts {
  const chart = (kind: "load" | "replicas" | "metric" | "misses", own: Own): Chart => ({
    height: size[kind],
    columns: size.columns,
    x: axes.time,
    y: kind === "metric" ? axes.metric(run.metric ?? NO_METRIC) : axes[kind],
    ...own,
    description: `${own.description} Over ${timeLabel(axes.time.domain[1])}.`,
  });
  const every = `${short(intervalOf(run))} s`;
  return {
    load: chart("load", {
      title: "Load",
      unit: "requests per second",
      description: `Arrivals per second: ${extent(run.load)}.`,
      layers: [
        {
          kind: "spread",
          color: "blue",
          points: pointsOf(run, run.load),
          label: `mean; shaded: lowest to highest ${every}`,
        },
      ],
    }),
    replicas: chart("replicas", {
      title: "Replicas",
      unit: "",
      description: `Wanted: ${extent(run.wanted)}. Ready: ${extent(run.ready)}.`,
      layers: [
        { kind: "area", color: "green", steps: true, points: pointsOf(run, run.ready), label: "ready", end: "ready" },
        {
          kind: "line",
          color: "orange",
          steps: true,
          points: pointsOf(run, run.wanted),
          label: "wanted",
          end: "wanted",
        },
      ],
    }),
    metric: run.metric === undefined ? undefined : chart("metric", metricChart(run, run.metric, axes)),
    misses: chart("misses", {
      title: "Missed the objective",
      unit: `requests of ${every}`,
      description: `Requests that missed the objective, by arrival: ${extent(run.misses)} in ${every}.`,
      layers: [{ kind: "area", color: "purple", steps: true, points: pointsOf(run, run.misses), label: "missed" }],
    }),
  };
}

type Own = Pick<Chart, "title" | "unit" | "description" | "layers">;

const NO_METRIC: MetricSeries = { name: "", unit: "", average: [], target: 0, low: 0, high: 0 };

function metricChart(run: RunSeries, metric: MetricSeries, axes: SharedAxes): Own {
  const { name, unit, average, target, low, high } = metric;
  const beyond = largestOf(average) > axes.metric(metric).domain[1];
  const layers: readonly Layer[] = [
    { kind: "band", low, high, label: `tolerated: ${short(low)} to ${short(high)}` },
    { kind: "spread", color: "blue", points: pointsOf(run, average), label: "average per replica", end: "average" },
    { kind: "level", at: target, label: `target ${short(target)}`, end: `target ${short(target)}` },
  ];
  const description = `Average per replica: ${extent(average)}. Target ${short(target)}, tolerated ${short(low)} to ${short(high)}.`;
  return {
    title: name,
    unit: beyond ? `${unit}, ↑ up to ${short(largestOf(average))}` : unit,
    description,
    layers,
  };
}

function pointsOf({ at }: RunSeries, values: Values) {
  return { x: at, y: values };
}

function extent(values: Values): string {
  const some = Array.from(values).filter((value) => !Number.isNaN(value));
  if (some.length === 0) return "none";
  return `${short(some.reduce((a, b) => Math.min(a, b)))} to ${short(largestOf(some))}`;
}
