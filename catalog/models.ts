export interface Model {
  /** Size of the bf16 weights, in GB. A decode step reads them all: Gemma ties its embeddings. */
  readonly weightsGb: number;
  /** Parameters, in billions. */
  readonly parametersB: number;
  /** KV cache of one token, all shards together, in bytes. TGI allocates it for every layer, sliding window or not. */
  readonly kvBytesPerToken: number;
  /** Attention heads and key/value heads: tensor parallelism needs both to divide by the number of GPUs. */
  readonly attentionHeads: number;
  readonly keyValueHeads: number;
  /** Longest context, in tokens. */
  readonly contextTokens: number;
  /** Size of the vocabulary: TGI's warm-up computes logits over it for every prompt position. */
  readonly vocabulary: number;
  /** What Google's sample Deployment gives the server: CPUs, memory and ephemeral storage. */
  readonly serverCpu: number;
  readonly serverMemoryGib: number;
  readonly serverDiskGib: number;
}

const GEMMA = { contextTokens: 8192, vocabulary: 256_000 } as const;

const GEMMA_1_2B: Model = {
  ...GEMMA,
  weightsGb: 5.0,
  parametersB: 2.506,
  kvBytesPerToken: 18_432,
  attentionHeads: 8,
  keyValueHeads: 1,
  serverCpu: 2,
  serverMemoryGib: 7,
  serverDiskGib: 20,
};

const GEMMA_1_7B: Model = {
  ...GEMMA,
  weightsGb: 17.1,
  parametersB: 8.538,
  kvBytesPerToken: 458_752,
  attentionHeads: 16,
  keyValueHeads: 16,
  serverCpu: 2,
  serverMemoryGib: 25,
  serverDiskGib: 40,
};

const GEMMA_2_2B: Model = {
  ...GEMMA,
  weightsGb: 5.2,
  parametersB: 2.614,
  kvBytesPerToken: 106_496,
  attentionHeads: 8,
  keyValueHeads: 4,
  serverCpu: 2,
  serverMemoryGib: 10,
  serverDiskGib: 10,
};

const GEMMA_2_9B: Model = {
  ...GEMMA,
  weightsGb: 18.5,
  parametersB: 9.242,
  kvBytesPerToken: 344_064,
  attentionHeads: 16,
  keyValueHeads: 8,
  serverCpu: 4,
  serverMemoryGib: 30,
  serverDiskGib: 30,
};

const GEMMA_2_27B: Model = {
  ...GEMMA,
  weightsGb: 54.5,
  parametersB: 27.227,
  kvBytesPerToken: 376_832,
  attentionHeads: 32,
  keyValueHeads: 16,
  serverCpu: 10,
  serverMemoryGib: 80,
  serverDiskGib: 80,
};

/**
 * The Gemma models that TGI 2.4.0 serves, by Hugging Face id.
 *
 * Sources: shapes from google/gemma_pytorch `gemma/config.py`; weights and KV bytes computed from them for bf16;
 * server resources from the TGI samples in GoogleCloudPlatform/kubernetes-engine-samples. As of 2026-11.
 */
export const MODELS: ReadonlyMap<string, Model> = new Map([
  ["google/gemma-2b", GEMMA_1_2B],
  ["google/gemma-2b-it", GEMMA_1_2B],
  ["google/gemma-1.1-2b-it", { ...GEMMA_1_2B, serverDiskGib: 10 }],
  ["google/gemma-7b", GEMMA_1_7B],
  ["google/gemma-7b-it", GEMMA_1_7B],
  ["google/gemma-1.1-7b-it", GEMMA_1_7B],
  ["google/gemma-2-2b", GEMMA_2_2B],
  ["google/gemma-2-2b-it", GEMMA_2_2B],
  ["google/gemma-2-9b", GEMMA_2_9B],
  ["google/gemma-2-9b-it", GEMMA_2_9B],
  ["google/gemma-2-27b", GEMMA_2_27B],
  ["google/gemma-2-27b-it", GEMMA_2_27B],
]);

/**
 * A typical chat request, in tokens: the means of the "conversation" sample of the Azure LLM inference trace 2023
 * (Patel et al., "Splitwise", ISCA 2024). Capacity estimates count batches in requests of this size.
 */
export const TYPICAL_CHAT = { inputTokens: 1155, outputTokens: 211 } as const;
