import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { OBSERVED, SERIES } from "../../catalog/metrics";
import type { TokenLimits } from "../../config/stackConfig";

/** Why a request failed, as `tgi_request_failure` has it. */
export type FailureReason = "overloaded" | "validation" | "template" | "dropped";

/** Methods of the shards, as the labels have them. */
export type Method = "prefill" | "decode";

/** One request that has succeeded; seconds and tokens. */
export interface RequestTimes {
  readonly total: number;
  readonly validation: number;
  readonly queue: number;
  readonly inference: number;
  readonly generatedTokens: number;
}

/** One prefill or decode step that has ended; seconds. */
export interface StepSeconds {
  /** All of it. */
  readonly inference: number;
  /** The host's part: sampling and detokenising, which TGI calls decoding. The rest is the forward pass. */
  readonly decoding: number;
}

/**
 * TGI's metrics, with the names, types, texts and bounds of `router/src/server.rs` at v2.4.0. As with its exporter, a
 * series appears when something is first recorded in it: a server that never served has none. Left out are
 * `tgi_request_skipped_tokens` (of speculation), `tgi_batch_concat_duration` and `tgi_batch_filter_duration`.
 */
export class TgiMetrics {
  private readonly registry = new Registry();
  private readonly counters = new Map<string, Counter>();
  private readonly gauges = new Map<string, Gauge>();
  private readonly histograms = new Map<string, Histogram>();

  /** @param limits the tokens that the bounds of the histograms of tokens follow from. */
  constructor(private readonly limits: Pick<TokenLimits, "maxInputTokens" | "maxTotalTokens">) {}

  requestCame(): void {
    this.count(OBSERVED.tgiRequestCount.name, "Total number of requests");
  }

  requestFailed(err: FailureReason): void {
    this.count(OBSERVED.tgiRequestFailure.name, "Number of failed requests", { err });
  }

  requestIsValid(inputTokens: number, maxNewTokens: number): void {
    const { maxInputTokens, maxTotalTokens } = this.limits;
    this.observe("tgi_request_input_length", "Input token length per request", inputTokens, hundredths(maxInputTokens));
    this.observe(
      "tgi_request_max_new_tokens",
      "Maximum new tokens per request",
      maxNewTokens,
      hundredths(maxTotalTokens),
    );
  }

  requestSucceeded({ total, validation, queue, inference, generatedTokens }: RequestTimes): void {
    this.count(OBSERVED.tgiRequestSuccess.name, "Number of successful requests");
    this.observe(OBSERVED.tgiRequestDuration.name, "Request duration", total);
    this.observe("tgi_request_validation_duration", "Request validation duration", validation);
    this.observe("tgi_request_queue_duration", "Request queue duration", queue);
    this.observe("tgi_request_inference_duration", "Request inference duration", inference);
    const perToken = inference / generatedTokens;
    this.observe(OBSERVED.tgiTimePerToken.name, "Mean time per token per request", perToken);
    const bounds = hundredths(this.limits.maxTotalTokens);
    this.observe("tgi_request_generated_tokens", "Generated tokens per request", generatedTokens, bounds);
  }

  batchTaken(size: number): void {
    this.observe("tgi_batch_next_size", "Batch size of the next batch", size, BATCH_SIZES);
  }

  batchJoined(reason: "backpressure" | "wait_exceeded"): void {
    this.count("tgi_batch_concat", "Batches that joined a running one", { reason });
  }

  stepBegins(method: Method): void {
    const help = "Inference calls per method (prefill or decode)";
    this.count("tgi_batch_inference_count", help, { method });
  }

  stepEnded(method: Method, { inference, decoding }: StepSeconds): void {
    const per = "per method (prefill or decode)";
    this.count("tgi_batch_inference_success", `Number of successful inference calls ${per}`, { method });
    const record = (name: string, help: string, value: number) =>
      this.observe(name, help, value, DURATIONS, { method });
    record("tgi_batch_inference_duration", "Batch inference duration", inference);
    record("tgi_batch_forward_duration", `Batch forward duration ${per}`, inference - decoding);
    record("tgi_batch_decode_duration", `Time spent decoding a batch ${per}`, decoding);
  }

  queueIs(size: number): void {
    this.set(SERIES.tgiQueueSize.name, "Current queue size", size);
  }

  batchIs(size: number, reservedTokens: number): void {
    this.set(SERIES.tgiBatchCurrentSize.name, "Current batch size", size);
    this.set("tgi_batch_current_max_tokens", "Maximum tokens for the current batch", reservedTokens);
  }

  /** In the text format of Prometheus. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  private count(name: string, help: string, labels: Labels = {}): void {
    const make = () => new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
    memo(this.counters, name, make).inc(labels);
  }

  private set(name: string, help: string, value: number): void {
    memo(this.gauges, name, () => new Gauge({ name, help, registers: [this.registry] })).set(value);
  }

  private observe(name: string, help: string, value: number, buckets = DURATIONS, labels: Labels = {}): void {
    const options = () => ({ name, help, buckets: [...buckets], labelNames: Object.keys(labels) });
    const make = () => new Histogram({ ...options(), registers: [this.registry] });
    memo(this.histograms, name, make).observe(labels, value);
  }
}

type Labels = Readonly<Record<string, string>>;

function memo<T>(made: Map<string, T>, name: string, make: () => T): T {
  const known = made.get(name);
  if (known !== undefined) return known;
  const value = make();
  made.set(name, value);
  return value;
}

/** A geometric sequence, multiplied up as TGI does it, so that the bounds agree to the last digit. */
const DURATIONS: readonly number[] = (() => {
  const bounds: number[] = [];
  let value = 0.0001;
  for (let i = 0; i < 35; i += 1) {
    value *= 1.5;
    bounds.push(value);
  }
  return bounds;
})();

const BATCH_SIZES: readonly number[] = Array.from({ length: 1024 }, (_, i) => i + 1);

function hundredths(most: number): readonly number[] {
  return Array.from({ length: 100 }, (_, i) => (most / 100) * (i + 1));
}
