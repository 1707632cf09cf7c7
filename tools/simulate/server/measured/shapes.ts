import type { GpuSpeed, ModelShape } from "../../../../autoscaling/roofline";
import { ACCELERATORS } from "../../../../catalog/accelerators";
import { MODELS, type Model } from "../../../../catalog/models";
import type { Named } from "./point";

/** A catalogue GPU, or one that was only measured, with the memory that CUDA sees. */
export type Gpu = Named<GpuSpeed & { readonly memoryGib: number }>;

/** `residentGb`: all weights. `weightsGb` of a model that does not tie its embeddings is without the input's. */
export type MeasuredModel = Named<ModelShape & Pick<Model, "vocabulary"> & { readonly residentGb: number }>;

export const L4: Gpu = { ...ACCELERATORS["nvidia-l4"], name: "L4" };
export const A100_40: Gpu = { ...ACCELERATORS["nvidia-tesla-a100"], name: "A100-40" };
export const A100_80: Gpu = { ...ACCELERATORS["nvidia-a100-80gb"], name: "A100-80" };

/**
 * AWS's A10G, which GKE does not offer: NVIDIA's A10 (125 dense TFLOPS) with its own memory. The shares are fitted to
 * the measurements of one request at a time below.
 */
export const A10G: Gpu = {
  name: "A10G",
  memoryGib: 22.5,
  bandwidthGBps: 600,
  bf16Tflops: 125,
  decodeBandwidthShare: 0.9,
  decodeOverheadMs: 2,
  prefillFlopsShare: 0.58,
  tensorParallelEfficiency: { 1: 1 },
};

/** 8.03 B parameters, 0.525 B of which are the input's embeddings; 32 layers with 8 key/value heads of 128. */
export const LLAMA_3_8B: MeasuredModel = {
  name: "Llama-3-8B",
  residentGb: 16.06,
  weightsGb: 15.01,
  parametersB: 7.504,
  vocabulary: 128_256,
  kvBytesPerToken: 131_072,
};

/** 70.6 B parameters, 1.05 B of which are the input's embeddings; 80 layers with 8 key/value heads of 128. */
export const LLAMA_3_70B: MeasuredModel = {
  name: "Llama-3-70B",
  residentGb: 141.1,
  weightsGb: 139,
  parametersB: 69.5,
  vocabulary: 128_256,
  kvBytesPerToken: 327_680,
};

/** 7.24 B parameters, 0.131 B of which are the input's embeddings; 32 layers with 8 key/value heads of 128. */
export const MISTRAL_7B: MeasuredModel = {
  name: "Mistral-7B",
  residentGb: 14.48,
  weightsGb: 14.22,
  parametersB: 7.11,
  vocabulary: 32_000,
  kvBytesPerToken: 131_072,
};

/** 0.494 B parameters, embeddings tied; 24 layers with 2 key/value heads of 64. */
export const QWEN_HALF_B: MeasuredModel = {
  name: "Qwen2.5-0.5B",
  residentGb: 0.988,
  weightsGb: 0.988,
  parametersB: 0.494,
  vocabulary: 151_936,
  kvBytesPerToken: 12_288,
};

export const GEMMA_2_27B: MeasuredModel = named("gemma-2-27b-it");

function named(name: string): MeasuredModel {
  const model = MODELS.get(`google/${name}`);
  if (model === undefined) throw new Error(`the catalogue has no ${name}`);
  return { ...model, name, residentGb: model.weightsGb };
}
