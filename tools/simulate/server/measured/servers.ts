import { warmupReserveGb } from "../../../../autoscaling/capacity";
import { gibToGb } from "../../../../catalog/gke";
import { TGI } from "../../../../catalog/tgi";
import type { ServerLimits } from "../limits";
import type { Lengths } from "./point";
import type { Gpu, MeasuredModel } from "./shapes";

const UNLIMITED = Number.MAX_SAFE_INTEGER;

/** TGI with its router's rules. */
export function tgi(
  maxBatchTotalTokens: number,
  maxBatchPrefillTokens: number,
  waitingServedRatio: number = TGI.waitingServedRatio,
): ServerLimits {
  return {
    maxInputTokens: maxBatchPrefillTokens,
    maxTotalTokens: maxBatchTotalTokens,
    maxBatchPrefillTokens,
    maxBatchTotalTokens,
    // The clients of the benchmarks are fewer.
    maxConcurrentRequests: UNLIMITED,
    waitingServedRatio,
    maxWaitingTokens: TGI.maxWaitingTokens,
    drainSeconds: TGI.drainSeconds,
  };
}

/** Share of the memory left after the warm-up that TGI 2.0 gives to KV blocks; 2.4.0 gives 0.9. */
const TGI_2_0_KV_SHARE = 0.95;

/** KV cache of TGI 2.0 on one whole GPU, in tokens: `capacity.ts`' estimate with that version's share. */
export function tgi20KvTokens(gpu: Gpu, model: MeasuredModel, maxBatchPrefillTokens: number): number {
  const freeGb = gibToGb(gpu.memoryGib) - model.residentGb - warmupReserveGb(model, maxBatchPrefillTokens);
  return Math.floor((freeGb * TGI_2_0_KV_SHARE * 1e9) / model.kvBytesPerToken);
}

/** Share of a GPU's memory that vLLM takes, and what it needs beside weights and cache, in GB a GPU [estimate]. */
const VLLM_MEMORY_SHARE = 0.9;
const VLLM_BESIDE_GB = 1.5;
const VLLM_PREFILL_TOKENS = 8192;
/** Sequences that vLLM decodes together by default. */
const VLLM_BATCH = 256;

/**
 * vLLM in the same machine: newcomers join before the next step, whatever the batch. It takes cache as a sequence grows
 * where TGI reserves all of it at once: with half of the output there on average, that many more fit.
 */
export function vllm(gpu: Gpu, gpus: number, model: MeasuredModel, input: Lengths, output: Lengths): ServerLimits {
  const memoryGb = gibToGb(gpu.memoryGib) * VLLM_MEMORY_SHARE * gpus;
  const cacheGb = memoryGb - model.residentGb - VLLM_BESIDE_GB * gpus;
  const growth = (input.mean + output.mean) / (input.mean + output.mean / 2);
  const fitting = Math.floor(((cacheGb * 1e9) / model.kvBytesPerToken) * growth);
  const tokens = Math.min(fitting, VLLM_BATCH * (input.mean + output.mean));
  return tgi(tokens, VLLM_PREFILL_TOKENS, 0);
}
