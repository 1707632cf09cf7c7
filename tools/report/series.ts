/** Numbers over time: an array or a typed array. */
export type Values = ArrayLike<number>;

/** What the autoscaler looked at, and what it compared it with. */
export interface MetricSeries {
  readonly name: string;
  /** What one of it is, such as `requests` or `%`. */
  readonly unit: string;
  /** Average per replica; NaN where the HPA had none. */
  readonly average: Values;
  readonly target: number;
  /** Ends of the tolerance band: between them the HPA does nothing. */
  readonly low: number;
  readonly high: number;
}

/** What a run looked like over time. The arrays are of one length, with one entry for each sync of the HPA. */
export interface RunSeries {
  /** What sets this run apart from others, such as `queue-size at 10`. */
  readonly label: string;
  /** Seconds since the start, ascending. */
  readonly at: Values;
  /** Arrivals per second since the last entry. */
  readonly load: Values;
  readonly wanted: Values;
  readonly ready: Values;
  readonly metric?: MetricSeries;
  /** Requests that arrived since the last entry and missed the objective. */
  readonly misses: Values;
}

/** What a table of figures shows; the first column names the row. */
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The result of a simulation, as a page shows it. */
export interface SimulationReport {
  readonly title: string;
  /** Which stack, which load, how long. */
  readonly subtitle: string;
  /** The answer in one sentence. */
  readonly headline: string;
  readonly assumptions: readonly string[];
  readonly table: Table;
  /** One: drawn large. Several: small multiples. */
  readonly runs: readonly RunSeries[];
  readonly notes?: readonly string[];
}
