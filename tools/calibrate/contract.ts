import type { StepTimes } from "../../autoscaling/roofline";
import type { Quantiles } from "../simulate/world/figures";

/** How much is asked of the server with one request, in tokens. */
export interface Lengths {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * How requests come. `closed`: so many clients, each of which sends the next request when it has the answer to the last.
 * `open`: a Poisson process that does not care how the server is doing.
 */
export type Load =
  | { readonly kind: "closed"; readonly concurrency: number }
  | { readonly kind: "open"; readonly requestsPerSecond: number };

/** One load, held for a while. */
export interface Stage {
  readonly load: Load;
  /** Requests that are meant for this time do not count. */
  readonly warmUpSeconds: number;
  /** Requests that are meant for this time, after the warm-up, are measured. */
  readonly seconds: number;
  /** Of the arrivals and of the order of lengths. */
  readonly seed: number;
}

/**
 * - `served`: answered whole.
 * - `overloaded`: HTTP 429.
 * - `rejected`: HTTP 422, longer than the server's limits.
 * - `unfinished`: not answered when the stage had to end.
 * - `failed`: anything else; `error` says what.
 */
export type Result = "served" | "overloaded" | "rejected" | "unfinished" | "failed";

/** What the client saw of one request. Times in seconds on one monotonic clock. */
export interface Outcome {
  /** Counted up over a whole run. */
  readonly id: number;
  /** Whether it was meant for the measured part of the stage. */
  readonly isMeasured: boolean;
  readonly planned: Lengths;
  /** When it was to be sent: latencies count from here, so a late client does not flatter the server. */
  readonly intendedAt: number;
  readonly sentAt: number;
  /** Undefined where no token came. */
  readonly firstTokenAt: number | undefined;
  readonly lastTokenAt: number | undefined;
  readonly endedAt: number;
  /** Tokens as the server counted them; undefined where it did not say. */
  readonly inputTokens: number | undefined;
  /** As the server counted them, else as the client did. */
  readonly outputTokens: number;
  readonly result: Result;
  readonly error?: string;
}

/** Hears of everything at the moment at which it happens; nothing is kept for it. */
export interface LoadObserver {
  sent?(id: number, planned: Lengths, at: number): void;
  /** Tokens have come, nearly always one. */
  tokens?(id: number, count: number, at: number): void;
  ended?(outcome: Outcome): void;
  /** The server's metrics, about once a second. */
  scraped?(sample: ServerSample): void;
}

/** Sums and counts since the server started, of one of its histograms. */
export interface Sum {
  readonly sum: number;
  readonly count: number;
}

/** What a server says about itself on `/metrics`; what it does not say is undefined. */
export interface ServerSample {
  /** Seconds, on the client's clock. */
  readonly at: number;
  /** `tgi_queue_size`. */
  readonly queue?: number | undefined;
  /** `tgi_batch_current_size`. */
  readonly batch?: number | undefined;
  /** `tgi_batch_current_max_tokens`: tokens of KV cache that the running batch has reserved. */
  readonly reservedTokens?: number | undefined;
  /** `tgi_request_success`. */
  readonly succeeded?: number | undefined;
  /** `tgi_request_failure{err="overloaded"}`. */
  readonly overloaded?: number | undefined;
  /** `tgi_batch_inference_duration{method="prefill"}`, seconds: whole prefills. */
  readonly prefill?: Sum | undefined;
  /** `tgi_batch_inference_duration{method="decode"}`, seconds: whole decode steps. */
  readonly decode?: Sum | undefined;
  /** `tgi_request_queue_duration`, seconds, of requests that succeeded. */
  readonly queueDuration?: Sum | undefined;
  /** `tgi_request_inference_duration`, seconds, of requests that succeeded. */
  readonly inferenceDuration?: Sum | undefined;
  /** `tgi_request_generated_tokens`, of requests that succeeded. */
  readonly generatedTokens?: Sum | undefined;
}

/** A server that can be put under load. In a run it is one over HTTP; in tests it may be a model. */
export interface LoadedServer {
  /**
   * Holds a load, and comes back when the measured requests are answered or given up.
   *
   * @param lengths never ends.
   * @throws ServerLost when the server does not answer any more.
   */
  run(stage: Stage, lengths: Iterator<Lengths>, observer: LoadObserver, signal: AbortSignal): Promise<void>;
}

/** The server died, or its address leads nowhere any more: what was measured before still counts. */
export class ServerLost extends Error {
  override readonly name = "ServerLost";
}

/** What the server is, as far as it says so. */
export interface ServerInfo {
  readonly api: "tgi" | "openai";
  readonly modelId: string | undefined;
  readonly version: string | undefined;
  readonly maxConcurrentRequests: number | undefined;
  readonly maxInputTokens: number | undefined;
  readonly maxTotalTokens: number | undefined;
  /** Whether it is the stand-in of this project, whose step times are simulated. */
  readonly isStandIn: boolean;
  /** Whether `/metrics` has TGI's metrics. */
  readonly hasMetrics: boolean;
}

/** A figure with its 95 % confidence interval; the ends are not numbers where one repetition says nothing of them. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** What was measured under one load, all its repetitions together. */
export interface StageFigures {
  readonly load: Load;
  readonly repetitions: number;
  /** Seconds measured, of all repetitions. */
  readonly seconds: number;
  /** Requests that were meant for the measured time. */
  readonly requests: number;
  readonly results: Readonly<Record<Result, number>>;
  /** Share of the requests (but `rejected` ones) that were served within both limits of the SLO. */
  readonly attainment: Estimate;
  /** Served requests a second. */
  readonly requestsPerSecond: Estimate;
  /** Output tokens a second, of all streams, in the measured time. */
  readonly tokensPerSecond: Estimate;
  /** Seconds, from the intended moment of sending. */
  readonly ttft: Quantiles;
  readonly ttftP95: Estimate;
  /** Seconds a token after the first. */
  readonly tpot: Quantiles;
  readonly tpotP95: Estimate;
  /** Mean, as the server says; as the client knows it where the server says nothing. */
  readonly queue: number;
  readonly batch: number;
  /** As the client knows them: streams without, and with, a first token. */
  readonly clientQueue: number;
  readonly clientBatch: number;
  /** Mean tokens of served requests. */
  readonly achieved: Lengths;
  readonly planned: Lengths;
  /** Percent, from the samples that were given; undefined where there are none in this time. */
  readonly dutyCycle?: number | undefined;
  /** When it was measured, in seconds since 1970, to find samples of other clocks. */
  readonly from: number;
  readonly to: number;
}

/** Step times that were fitted, and how well they explain what was measured. */
export interface Fit {
  readonly times: StepTimes;
  /** Relative standard error of each constant; not a number where it was not to be told from the measurements. */
  readonly relativeErrors: Readonly<Record<keyof StepTimes, number>>;
  /** Median absolute relative error of the fitted model on single prefills and decode steps. */
  readonly prefillError: number;
  readonly decodeError: number;
  readonly prefills: number;
  readonly decodeSteps: number;
  /** Seconds of a request that are neither queue nor prefill: network, router, client. The simulator knows none. */
  readonly overheadSeconds: number;
  /** Tokens of KV cache that the server was seen to have reserved while requests waited; undefined where none did. */
  readonly maxBatchTotalTokens: number | undefined;
}
