import type { Experiment, Metric, Source } from "./point";
import { tgi, tgi20KvTokens, vllm } from "./servers";
import { A10G, LLAMA_3_8B, type MeasuredModel, MISTRAL_7B } from "./shapes";

const PREFILL_TOKENS = 6144;

type Row = readonly [clients: number, ttftMs: number, latencyPerTokenMs: number, tokensPerSecond: number];

function experiments(rows: readonly Row[], rest: Omit<Experiment, "load" | "measured" | "gpu" | "gpus">): Experiment[] {
  return rows.map(([clients, ttftMs, latencyPerTokenMs, tokensPerSecond]) => ({
    ...{ ...rest, gpu: A10G, gpus: 1 },
    load: { kind: "closed", clients, requests: 100 },
    measured: { ttftMs, latencyPerTokenMs, tokensPerSecond },
    fitted: clients === 1 && rest.model === LLAMA_3_8B ? (["ttftMs", "latencyPerTokenMs"] as const) : ([] as Metric[]),
  }));
}

function tgi201(model: MeasuredModel, rows: readonly Row[]): Experiment[] {
  const [input, output] = [
    { mean: 750, spread: 0 },
    { mean: 150, spread: 0.1 },
  ];
  const limits = tgi(tgi20KvTokens(A10G, model, PREFILL_TOKENS), PREFILL_TOKENS, 1.2);
  return experiments(rows, { model, server: "TGI 2.0.1", limits, input, output });
}

const REMARKS = [
  "llmperf divides the whole latency, the first token's included, by the output tokens, and ends after 100 answers: with many clients it measures the start from an empty server.",
  "TGI 2.0.1 wants 1.2 × the batch to be waiting before it interrupts it, later versions 0.3 ×. That rule, and its end after 20 steps, is what the times to first token of 2 to 16 clients show.",
  "How large the KV cache was is not logged. The points of 32 clients and more hang on its estimate, which Llama-3-8B's say is too small: `capacity.ts` reserves more for the warm-up than that server did.",
];

export const LLMPERF_BENCH: Source = {
  title: "llmperf-bench",
  origin: "github.com/philschmid/llmperf-bench, commit e099ae4, results/2.0.1 (one GPU of 24 GB; by its speed an A10G)",
  statistic: "mean",
  remarks: REMARKS,
  experiments: [
    ...tgi201(LLAMA_3_8B, [
      [1, 158.1, 30.32, 30.43],
      [2, 182.1, 32.43, 56.38],
      [4, 291.8, 33.89, 105.1],
      [8, 547.7, 37.24, 187.3],
      [16, 1173.6, 45.97, 276.3],
      [32, 2991, 61.84, 310],
      [64, 7851, 92.6, 365.1],
      [128, 17_328, 148.9, 396.2],
    ]),
    ...tgi201(MISTRAL_7B, [
      [1, 190.8, 32.49, 29.58],
      [2, 228.2, 35.02, 54.29],
      [4, 356.4, 37.24, 100.1],
      [8, 677.3, 41.83, 171.4],
      [16, 1409, 52.35, 254],
      [32, 2736, 70.91, 347.8],
      [64, 5639, 110.7, 394.5],
      [128, 12_608, 168.9, 419.9],
    ]),
  ],
};

const [INPUT, OUTPUT] = [
  { mean: 550, spread: 0.47 },
  { mean: 150, spread: 0.12 },
];

export const LLMPERF_A10G: Source = {
  title: "Llama 3 8B on an A10G",
  origin: "“Benchmark: Llama 3 8b Instruct on NVIDIA A10G” (2024, in a fork of llmperf; EC2 g5.2xlarge)",
  statistic: "mean",
  remarks: [
    "The same client as above, on the same eight CPUs as the server, and the same estimate of the KV cache: for the larger prefill budget here it would leave the server no room to start.",
    "At 64 clients the measurement contradicts itself: by Little's law, 304 tokens a second at 60.6 ms a token are 18 requests at once, not 64, and all servers that were compared end at 301 to 311. The client was the limit; the prediction is for 64.",
  ],
  experiments: [
    ...experiments(
      [
        [1, 138.9, 29.86, 32.79],
        [4, 212.7, 33.6, 110.8],
        [16, 475.7, 42.96, 277.9],
        [64, 2371.6, 60.59, 304.4],
      ],
      {
        ...{ model: LLAMA_3_8B, server: "TGI 2.0.4", input: INPUT, output: OUTPUT },
        // For a prefill of 8,192 tokens the estimate leaves less than one request, which the server contradicts.
        limits: tgi(tgi20KvTokens(A10G, LLAMA_3_8B, PREFILL_TOKENS), 8192),
      },
    ),
    ...experiments(
      [
        [1, 137.3, 30.65, 31.92],
        [4, 171.4, 33.89, 110.9],
        [16, 302.7, 42.67, 289.9],
        [64, 1080.4, 61.73, 301.2],
      ],
      {
        ...{ model: LLAMA_3_8B, server: "vLLM 0.4.3", input: INPUT, output: OUTPUT },
        limits: vllm(A10G, 1, LLAMA_3_8B, INPUT, OUTPUT),
      },
    ),
  ],
};
