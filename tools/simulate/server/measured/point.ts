import type { GpuSpeed, ModelShape } from "../../../../autoscaling/roofline";
import type { ServerLimits } from "../limits";

/** A model or a GPU with the name that the table shows. */
export type Named<T> = T & { readonly name: string };

/** Token counts spread evenly over `mean × (1 ± spread)`. */
export interface Lengths {
  readonly mean: number;
  readonly spread: number;
}

/**
 * - `closed`: so many clients, each of which sends the next request when it has the answer. Measured over the first
 *   `requests` answers, the start from an empty server included; without them, when it has run for a while.
 * - `burst`: all at once, once.
 * - `open`: `requests` at random moments (Poisson), then quiet.
 */
export type Load =
  | { readonly kind: "closed"; readonly clients: number; readonly requests?: number }
  | { readonly kind: "burst"; readonly requests: number }
  | { readonly kind: "open"; readonly perSecond: number; readonly requests: number };

export const METRICS = ["ttftMs", "tpotMs", "latencyPerTokenMs", "tokensPerSecond"] as const;

/**
 * What a benchmark reports: time to first token, time per output token after it, whole latency ÷ output tokens, output
 * tokens of all requests a second.
 */
export type Metric = (typeof METRICS)[number];

/** One server under one load, and what it was measured to do. */
export interface Experiment {
  readonly gpu: Named<GpuSpeed>;
  readonly gpus: number;
  readonly model: Named<ModelShape>;
  /** Name and version. */
  readonly server: string;
  readonly limits: ServerLimits;
  readonly load: Load;
  readonly input: Lengths;
  readonly output: Lengths;
  readonly measured: Readonly<Partial<Record<Metric, number>>>;
  /** Metrics that a constant of the roofline was fitted to: they verify nothing. */
  readonly fitted?: readonly Metric[];
}

/** Experiments of one publication. */
export interface Source {
  readonly title: string;
  /** Where it is, and which version of it. */
  readonly origin: string;
  /** What it reports over requests. */
  readonly statistic: "mean" | "median";
  /** What a reader of the errors has to know. */
  readonly remarks: readonly string[];
  readonly experiments: readonly Experiment[];
}
