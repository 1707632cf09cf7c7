import { fieldReader } from "./filter";
import { InvalidArgument } from "./invalidArgument";
import type { Labelled, MetricKind, SeriesKey, TimeSeries, ValueType } from "./store";

/** The half-open interval `(start, end]` that is read, in milliseconds since the epoch. */
export interface Interval {
  readonly start: number;
  readonly end: number;
}

/** How points become fewer, then series; the names are Google's. */
export interface Aggregation {
  readonly aligner: Aligner;
  /** Milliseconds; of no meaning to `ALIGN_NONE`. */
  readonly alignmentPeriod: number;
  readonly reducer: Reducer;
  readonly groupByFields: readonly string[];
}

/** A series of an answer. */
export interface AggregatedSeries {
  readonly project: string;
  readonly metric: Labelled;
  readonly resource: Labelled;
  readonly metricKind: MetricKind;
  readonly valueType: ValueType;
  /** The newest first, as Google lists them. */
  readonly points: readonly { readonly at: number; readonly value: number }[];
}

const ALIGNERS = ["ALIGN_NONE", "ALIGN_NEXT_OLDER", "ALIGN_MEAN", "ALIGN_MAX"] as const;
const REDUCERS = ["REDUCE_NONE", "REDUCE_SUM", "REDUCE_MEAN", "REDUCE_MAX"] as const;
export type Aligner = (typeof ALIGNERS)[number];
export type Reducer = (typeof REDUCERS)[number];

/** @throws InvalidArgument for an aligner that is not played here, also where Google has it. */
export function alignerOf(name: string): Aligner {
  return ALIGNERS.find((aligner) => aligner === name) ?? refused("aggregation.perSeriesAligner", name, ALIGNERS);
}

/** @throws InvalidArgument for a reducer that is not played here, also where Google has it. */
export function reducerOf(name: string): Reducer {
  return REDUCERS.find((reducer) => reducer === name) ?? refused("aggregation.crossSeriesReducer", name, REDUCERS);
}

/**
 * Aligns every series, then reduces them to one for each group. Reduced series keep the labels that they are grouped
 * by, and the type and project of their resource; series of different resource types are never added up.
 *
 * Source: `Aggregation` in google/monitoring/v3/common.proto.
 *
 * @throws InvalidArgument for aligners that a metric's kind does not allow, and fields that nothing can be grouped by.
 */
export function aggregate(
  series: readonly TimeSeries[],
  interval: Interval,
  aggregation: Aggregation,
): readonly AggregatedSeries[] {
  const aligned = series.map((one) => align(one, interval, aggregation));
  const { reducer, groupByFields } = aggregation;
  if (reducer === "REDUCE_NONE") return aligned;
  const readers = groupByFields.map((field) => {
    const read = fieldReader(field);
    if (read === undefined) throw new InvalidArgument(`aggregation.groupByFields: ${field} is no field of a series`);
    return read;
  });
  const groups = new Map<string, AggregatedSeries[]>();
  for (const one of aligned) {
    const key = JSON.stringify([one.resource.type, ...readers.map((read) => read(one) ?? null)]);
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].flatMap((group) => reduce(group, reducer, groupByFields));
}

function align(series: TimeSeries, { start, end }: Interval, aggregation: Aggregation): AggregatedSeries {
  const { project, metric, resource, descriptor, points } = series;
  const { aligner, alignmentPeriod } = aggregation;
  const identity = { project, metric, resource, metricKind: descriptor.metricKind };
  if (aligner === "ALIGN_NONE") {
    return { ...identity, valueType: descriptor.valueType, points: [...points].reverse() };
  }
  if (!KINDS[aligner].includes(descriptor.metricKind)) {
    throw new InvalidArgument(`${aligner} is not valid for ${metric.type}, which is ${descriptor.metricKind}`);
  }
  // Periods are counted from the end of the interval; the oldest may reach beyond its start, its points may not.
  const periods = new Map<number, number[]>();
  for (const { at, value } of points) {
    if (at <= start || at > end) continue;
    const boundary = end - Math.floor((end - at) / alignmentPeriod) * alignmentPeriod;
    periods.set(boundary, [...(periods.get(boundary) ?? []), value]);
  }
  return {
    ...identity,
    valueType: aligner === "ALIGN_MEAN" ? "DOUBLE" : descriptor.valueType,
    points: byTime([...periods].map(([at, values]) => ({ at, value: aligned(values, aligner) }))),
  };
}

const KINDS: Readonly<Record<Exclude<Aligner, "ALIGN_NONE">, readonly MetricKind[]>> = {
  ALIGN_NEXT_OLDER: ["GAUGE"],
  ALIGN_MEAN: ["GAUGE", "DELTA"],
  ALIGN_MAX: ["GAUGE", "DELTA"],
};

/** @param values of one period, the newest last. */
function aligned(values: readonly number[], aligner: Exclude<Aligner, "ALIGN_NONE">): number {
  switch (aligner) {
    case "ALIGN_NEXT_OLDER":
      return values.at(-1) ?? 0;
    case "ALIGN_MEAN":
      return mean(values);
    case "ALIGN_MAX":
      return Math.max(...values);
  }
}

function reduce(
  group: readonly AggregatedSeries[],
  reducer: Exclude<Reducer, "REDUCE_NONE">,
  groupByFields: readonly string[],
): readonly AggregatedSeries[] {
  const [first] = group;
  if (first === undefined) return [];
  const moments = new Map<number, number[]>();
  for (const { at, value } of group.flatMap(({ points }) => points)) {
    moments.set(at, [...(moments.get(at) ?? []), value]);
  }
  return [
    {
      ...first,
      metric: { type: first.metric.type, labels: kept(first, "metric", groupByFields) },
      resource: { type: first.resource.type, labels: kept(first, "resource", groupByFields) },
      valueType: reducer === "REDUCE_MEAN" ? "DOUBLE" : first.valueType,
      points: byTime([...moments].map(([at, values]) => ({ at, value: reduced(values, reducer) }))),
    },
  ];
}

function reduced(values: readonly number[], reducer: Exclude<Reducer, "REDUCE_NONE">): number {
  switch (reducer) {
    case "REDUCE_SUM":
      return values.reduce((sum, value) => sum + value, 0);
    case "REDUCE_MEAN":
      return mean(values);
    case "REDUCE_MAX":
      return Math.max(...values);
  }
}

/** The labels of a group: those that it is grouped by, and the project, which Google always tells. */
function kept(series: SeriesKey, owner: "metric" | "resource", groupByFields: readonly string[]): Labelled["labels"] {
  const names = groupByFields.map((field) => new RegExp(`^${owner}\\.labels?\\.(\\w+)$`).exec(field)?.[1]);
  const wanted = new Set([...names, ...(owner === "resource" ? ["project_id"] : [])]);
  return Object.fromEntries(Object.entries(series[owner].labels).filter(([name]) => wanted.has(name)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function byTime<T extends { readonly at: number }>(points: readonly T[]): readonly T[] {
  return [...points].sort((a, b) => b.at - a.at);
}

function refused(parameter: string, name: string, known: readonly string[]): never {
  throw new InvalidArgument(`${parameter}: ${name} is not played here; ${known.join(", ")} are`);
}
