/** A type and the labels that tell one of its kind from another. */
export interface Labelled {
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What tells one time series of Cloud Monitoring from another. */
export interface SeriesKey {
  readonly project: string;
  readonly metric: Labelled;
  readonly resource: Labelled;
  /** System metadata labels of the resource: they can be asked for, and tell no series from another. */
  readonly systemLabels?: Readonly<Record<string, string>>;
}

/** How the points of a metric relate to each other, and what their values are: Google's names. */
export type MetricKind = "GAUGE" | "DELTA" | "CUMULATIVE";
export type ValueType = "DOUBLE" | "INT64";

/** What Cloud Monitoring knows of a metric type of a project. */
export interface MetricDescriptor {
  readonly type: string;
  readonly metricKind: MetricKind;
  readonly valueType: ValueType;
}

/** A sample. Times are in milliseconds since the epoch. */
export interface Point {
  readonly value: number;
  /** When it was taken. */
  readonly at: number;
  /** From when on it can be read: ingestion takes its time. */
  readonly visibleAt: number;
}

export interface TimeSeries extends SeriesKey {
  readonly descriptor: MetricDescriptor;
  /** The newest last. */
  readonly points: readonly Point[];
}

/** What is to be written; a metric is a gauge of floating-point numbers unless its first write says otherwise. */
export type WrittenSeries = SeriesKey & Partial<Pick<MetricDescriptor, "metricKind" | "valueType">>;

/** Points older than this, in milliseconds, are forgotten: nobody who scales looks back so far. */
const KEPT_MS = 60 * 60_000;

/**
 * The series of a stand-in for Cloud Monitoring, of as many projects and clusters as write into it. A metric that was
 * never written has no descriptor, and a point that was written is not seen before its time.
 */
export class SeriesStore {
  private readonly series = new Map<string, SeriesKey & { points: Point[] }>();
  private readonly byProject = new Map<string, Map<string, MetricDescriptor>>();

  /** @param now milliseconds since the epoch; a test, or a profile that plays faster, brings its own. */
  constructor(readonly now: () => number = Date.now) {}

  /**
   * Adds a point. A second one of the same time takes the first one's place.
   *
   * @throws for a value that its type does not hold, and when the metric was written as something else before.
   */
  write(written: WrittenSeries, point: Point): void {
    const { project, metric, resource, systemLabels } = written;
    const { valueType } = this.describe(written);
    if (valueType === "INT64" ? !Number.isSafeInteger(point.value) : !Number.isFinite(point.value)) {
      throw new Error(`${point.value} is no ${valueType}, which ${metric.type} consists of`);
    }
    const key = JSON.stringify([project, metric.type, sorted(metric.labels), resource.type, sorted(resource.labels)]);
    const series = this.series.get(key) ?? { project, metric, resource, systemLabels, points: [] };
    this.series.set(key, series);
    const oldest = this.now() - KEPT_MS;
    series.points = [...series.points.filter(({ at }) => at !== point.at && at >= oldest), point].sort(
      (a, b) => a.at - b.at,
    );
  }

  /** Series of a project that have a visible point in `(start, end]`, and those points. */
  read(project: string, admits: (series: SeriesKey) => boolean, start: number, end: number): readonly TimeSeries[] {
    const now = this.now();
    return this.of(project, admits).flatMap((series) => {
      const points = series.points.filter(({ at, visibleAt }) => at > start && at <= end && visibleAt <= now);
      const descriptor = this.descriptor(project, series.metric.type);
      return points.length === 0 || descriptor === undefined ? [] : [{ ...series, descriptor, points }];
    });
  }

  /** The descriptor of a metric type, which exists from the first write on; undefined when there was none. */
  descriptor(project: string, type: string): MetricDescriptor | undefined {
    return this.byProject.get(project)?.get(type);
  }

  /** Descriptors of a project that have an admitted series, in the order in which they were first written. */
  descriptors(project: string, admits: (series: SeriesKey) => boolean = () => true): readonly MetricDescriptor[] {
    const types = new Set(this.of(project, admits).map(({ metric }) => metric.type));
    return [...(this.byProject.get(project)?.values() ?? [])].filter(({ type }) => types.has(type));
  }

  private of(project: string, admits: (series: SeriesKey) => boolean): readonly (SeriesKey & { points: Point[] })[] {
    return [...this.series.values()].filter((series) => series.project === project && admits(series));
  }

  private describe({ project, metric: { type }, metricKind, valueType }: WrittenSeries): MetricDescriptor {
    const known = this.descriptor(project, type);
    const descriptor = {
      type,
      metricKind: metricKind ?? known?.metricKind ?? "GAUGE",
      valueType: valueType ?? known?.valueType ?? "DOUBLE",
    };
    if (known === undefined) {
      const descriptors = this.byProject.get(project) ?? new Map<string, MetricDescriptor>();
      this.byProject.set(project, descriptors.set(type, descriptor));
    } else if (known.metricKind !== descriptor.metricKind || known.valueType !== descriptor.valueType) {
      throw new Error(`${type} is ${known.metricKind} of ${known.valueType}, which cannot change`);
    }
    return descriptor;
  }
}

function sorted(labels: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
}
