import { mean, variance } from "d3-array";
import { stringify } from "yaml";
import { TGI } from "../../../catalog/tgi";
import type { Slo } from "../../simulate/world/figures";
import type { Lengths, Load, ServerInfo } from "../contract";

/** The release whose configuration this writes. Source: kubernetes-sigs/inference-perf v0.6.1, `inference_perf/config`. */
export const INFERENCE_PERF_VERSION = "v0.6.1";

/** A load that is to be held there too. `StageFigures` are such. */
export interface ExportedStage {
  readonly load: Load;
  /** Measured, without the warm-up. */
  readonly seconds: number;
  /** Requests of it: inference-perf ends a closed load after so many, not after a time. */
  readonly requests: number;
}

/** What the same load test needs to know of ours. */
export interface InferencePerfInput {
  /** Such as `http://localhost:8000`. */
  readonly url: string;
  readonly api: ServerInfo["api"];
  /** Its Hugging Face id: the tokenizer is loaded by it, too. */
  readonly model: string;
  /** A sample of the traffic's lengths, some thousands. */
  readonly lengths: readonly Lengths[];
  readonly stages: readonly ExportedStage[];
  readonly slo: Slo;
  readonly seed: number;
  /** Where Managed Service for Prometheus scrapes the server; without it there are no figures of the server. */
  readonly managedPrometheus?: { readonly namespace: string } | undefined;
}

/** One configuration: inference-perf holds loads of one kind in a run. */
export interface InferencePerfFile {
  readonly kind: Load["kind"];
  /** YAML. */
  readonly text: string;
}

/**
 * Streams that one of its processes may hold: as many as its documentation thinks a CPU capable of. With its default,
 * 100, a heavy open load would wait for itself. Of no matter to closed loads.
 */
const WORKER_STREAMS = 1000;
/** Lengths are drawn once, and each request takes the next: more than the mean, lest they run out. */
const SPARE_SHARE = 0.1;
const SPARE_REQUESTS = 100;

/**
 * The same loads for kubernetes-sigs/inference-perf, to be held against ours: `inference-perf --config_file FILE`.
 *
 * @returns a file for closed loads and one for open ones, as far as there are such.
 * @throws RangeError without lengths, or with a length below 1.
 */
export function inferencePerfConfigs(input: InferencePerfInput): readonly InferencePerfFile[] {
  const { lengths, stages } = input;
  if (lengths.length === 0) throw new RangeError("inference-perf needs a sample of the traffic's lengths");
  if (lengths.some(({ inputTokens, outputTokens }) => !(inputTokens >= 1 && outputTokens >= 1))) {
    throw new RangeError("inference-perf has no requests or answers without tokens");
  }
  const kinds = ["closed", "open"] as const;
  return kinds.flatMap((kind) => {
    const some = stages.filter(({ load, seconds }) => load.kind === kind && seconds > 0);
    return some.length === 0 ? [] : [{ kind, text: comments(kind) + stringify(configOf(input, kind, some)) }];
  });
}

function configOf(input: InferencePerfInput, kind: Load["kind"], stages: readonly ExportedStage[]) {
  const { url, api, model, lengths, slo, seed, managedPrometheus } = input;
  const expected = stages.reduce((sum, stage) => sum + requestsOf(stage), 0);
  const total = Math.ceil(expected * (1 + SPARE_SHARE)) + SPARE_REQUESTS;
  return {
    // Its generators of random lengths know no chat.
    api: { type: "completion", streaming: true },
    data: {
      type: "random",
      input_distribution: distributionOf(
        lengths.map(({ inputTokens }) => inputTokens),
        total,
      ),
      output_distribution: distributionOf(
        lengths.map(({ outputTokens }) => outputTokens),
        total,
      ),
    },
    load: {
      type: kind === "closed" ? "concurrent" : "poisson",
      stages: stages.map(stageOf),
      worker_max_concurrency: WORKER_STREAMS,
      base_seed: seed,
    },
    server: { type: serverType(api), model_name: model, base_url: url, ignore_eos: true },
    tokenizer: { pretrained_model_name_or_path: model },
    ...(managedPrometheus === undefined ? {} : { metrics: metricsOf(managedPrometheus.namespace) }),
    report: {
      request_lifecycle: { summary: true, per_stage: true, percentiles: [50, 95, 99], use_server_output_tokens: true },
      goodput: { constraints: { ttft: slo.ttftSeconds, tpot: slo.tpotSeconds } },
    },
  };
}

function serverType(api: ServerInfo["api"]): "tgi" | "vllm" {
  switch (api) {
    case "tgi":
      return "tgi";
    case "openai":
      return "vllm";
  }
}

function requestsOf({ load, seconds, requests }: ExportedStage): number {
  return load.kind === "open" ? load.requestsPerSecond * seconds : Math.max(1, requests);
}

function stageOf(stage: ExportedStage) {
  const { load, seconds } = stage;
  switch (load.kind) {
    case "closed":
      return { num_requests: requestsOf(stage), concurrency_level: load.concurrency };
    case "open":
      return { rate: load.requestsPerSecond, duration: Math.max(1, Math.round(seconds)) };
  }
}

/**
 * A log-normal with mean and deviation of the sample. Theirs begins at the smallest length and is cut at the largest, so
 * that its mean is a little below ours where the tail is long.
 */
function distributionOf(tokens: readonly number[], total: number) {
  const average = mean(tokens) ?? 0;
  const deviation = Math.sqrt(variance(tokens) ?? 0);
  const [least, most] = tokens.reduce(([low, high], each) => [Math.min(low, each), Math.max(high, each)], [
    Number.POSITIVE_INFINITY,
    0,
  ] as readonly [number, number]);
  return {
    type: deviation === 0 ? "fixed" : "lognormal",
    ...{ min: Math.floor(least), max: Math.ceil(most) },
    ...{ mean: rounded(average), std_dev: rounded(deviation) },
    total_count: total,
  };
}

function metricsOf(namespace: string) {
  return {
    type: "prometheus",
    prometheus: {
      google_managed: true,
      scrape_interval: TGI.scrapeIntervalSeconds,
      filters: [`namespace="${namespace}"`, `container="${TGI.containerName}"`],
    },
  };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function comments(kind: Load["kind"]): string {
  return `# The ${kind} loads for kubernetes-sigs/inference-perf ${INFERENCE_PERF_VERSION}: inference-perf --config_file FILE
# Not the same as in our run:
# - Lengths are log-normal with our mean and deviation, and output does not depend on input.
# - There is no warm-up, and a load is over when its last request is answered.
# - TGI does not know ignore_eos: answers may end earlier than they were asked to.
# It loads the model's tokenizer from Hugging Face: HF_TOKEN must be set for a gated model.
`;
}
