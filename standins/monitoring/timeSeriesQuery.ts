import { type AggregatedSeries, type Aggregation, aggregate, alignerOf, type Interval, reducerOf } from "./align";
import { parseFilter } from "./filter";
import { InvalidArgument } from "./invalidArgument";
import type { MetricDescriptor, SeriesStore } from "./store";

const PARAMETERS = {
  filter: "filter",
  start: "interval.startTime",
  end: "interval.endTime",
  aligner: "aggregation.perSeriesAligner",
  period: "aggregation.alignmentPeriod",
  reducer: "aggregation.crossSeriesReducer",
  groups: "aggregation.groupByFields",
  view: "view",
} as const;

/** Google's least period, in milliseconds. */
const LEAST_PERIOD_MS = 60_000;

/**
 * Answers `projects.timeSeries.list` in Google's form: `{}` where nothing matches.
 *
 * @throws InvalidArgument for a query that Google would refuse, or that is not played here.
 */
export function listTimeSeries(store: SeriesStore, project: string, query: URLSearchParams): object {
  refuseOthers(query, Object.values(PARAMETERS));
  const view = query.get(PARAMETERS.view) ?? "FULL";
  if (view !== "FULL") throw new InvalidArgument(`view: ${view} is not played here`);
  const filter = parseFilter(query.get(PARAMETERS.filter) ?? "");
  if (filter.metricType === undefined) throw new InvalidArgument('filter: must demand one metric.type = "…"');
  const interval = intervalOf(query);
  const aggregation = aggregationOf(query);
  const series = store.read(project, filter.admits, interval.start, interval.end);
  return listed("timeSeries", aggregate(series, interval, aggregation).map(seriesJson));
}

/**
 * Answers `projects.metricDescriptors.list`: what was written by series that the filter admits.
 *
 * @throws InvalidArgument for a query that Google would refuse, or that is not played here.
 */
export function listDescriptors(store: SeriesStore, project: string, query: URLSearchParams): object {
  refuseOthers(query, [PARAMETERS.filter]);
  const { admits } = parseFilter(query.get(PARAMETERS.filter) ?? "");
  return listed(
    "metricDescriptors",
    store.descriptors(project, admits).map((descriptor) => descriptorJson(project, descriptor)),
  );
}

/** A descriptor in Google's form. */
export function descriptorJson(project: string, descriptor: MetricDescriptor): object {
  return { name: `projects/${project}/metricDescriptors/${descriptor.type}`, ...descriptor };
}

/** Google leaves out lists that are empty. */
function listed(name: string, items: readonly unknown[]): object {
  return items.length === 0 ? {} : { [name]: items };
}

/** What every method of Google's APIs takes and Google's clients send, without a meaning here. */
const COMMON_PARAMETERS: readonly string[] = ["alt", "prettyPrint", "key", "quotaUser"];

/** @throws InvalidArgument for a parameter that would be passed over: its sender counts on it. */
export function refuseOthers(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (!known.includes(name) && !COMMON_PARAMETERS.includes(name)) {
      throw new InvalidArgument(`Unknown name "${name}": it is no query parameter that is played here`);
    }
  }
}

function intervalOf(query: URLSearchParams): Interval {
  const start = timeOf(query, PARAMETERS.start);
  const end = timeOf(query, PARAMETERS.end);
  if (start >= end) throw new InvalidArgument(`${PARAMETERS.start} must be earlier than ${PARAMETERS.end}`);
  return { start, end };
}

function timeOf(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? "";
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(time)) throw new InvalidArgument(`${name}: ${JSON.stringify(text)} is no RFC 3339 time`);
  return time;
}

function aggregationOf(query: URLSearchParams): Aggregation {
  const aligner = alignerOf(query.get(PARAMETERS.aligner) ?? "ALIGN_NONE");
  const reducer = reducerOf(query.get(PARAMETERS.reducer) ?? "REDUCE_NONE");
  const groupByFields = query.getAll(PARAMETERS.groups);
  if (aligner === "ALIGN_NONE" && reducer !== "REDUCE_NONE") {
    throw new InvalidArgument(`${PARAMETERS.reducer}: ${reducer} needs an aligner other than ALIGN_NONE`);
  }
  if (reducer === "REDUCE_NONE" && groupByFields.length > 0) {
    throw new InvalidArgument(`${PARAMETERS.groups}: needs a reducer other than REDUCE_NONE`);
  }
  const alignmentPeriod = aligner === "ALIGN_NONE" ? 0 : periodOf(query.get(PARAMETERS.period) ?? "");
  return { aligner, alignmentPeriod, reducer, groupByFields };
}

function periodOf(text: string): number {
  const [, seconds] = /^(\d+(?:\.\d{1,9})?)s$/.exec(text) ?? [];
  const period = Number(seconds) * 1000;
  if (!(period >= LEAST_PERIOD_MS)) {
    throw new InvalidArgument(`${PARAMETERS.period}: ${JSON.stringify(text)} is not 60s or more`);
  }
  return period;
}

function seriesJson({ metric, resource, metricKind, valueType, points }: AggregatedSeries): object {
  return {
    metric: labelledJson(metric),
    resource: labelledJson(resource),
    metricKind,
    valueType,
    points: points.map(({ at, value }) => ({
      interval: { startTime: timestamp(at), endTime: timestamp(at) },
      // 64 bits do not fit into a JSON number: Google writes them as text.
      value: valueType === "INT64" ? { int64Value: String(value) } : { doubleValue: value },
    })),
  };
}

function labelledJson({ type, labels }: AggregatedSeries["metric"]): object {
  return Object.keys(labels).length === 0 ? { type } : { type, labels };
}

/** RFC 3339, with a fraction only where there is one, as Google writes times. */
function timestamp(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
