import { ACCELERATORS, type AcceleratorName } from "../catalog/accelerators";
import { gibToGb } from "../catalog/gke";
import { type Model, TYPICAL_CHAT } from "../catalog/models";
import { TGI } from "../catalog/tgi";

/** One replica: a model on some GPUs of one kind. */
export interface Replica {
  readonly model: Model;
  readonly accelerator: AcceleratorName;
  readonly gpus: number;
}

/**
 * Tokens that the KV cache of a replica holds [estimate]: what is left of TGI's share of the GPUs' memory after the
 * weights and the warm-up's reserve, times the share that TGI 2.4.0 gives to KV blocks. Negative memory is no cache.
 *
 * @param prefillTokens MAX_BATCH_PREFILL_TOKENS: the reserve grows with it.
 */
export function kvCacheTokens({ model, accelerator, gpus }: Replica, prefillTokens: number): number {
  const usableGb = gibToGb(ACCELERATORS[accelerator].memoryGib) * TGI.cudaMemoryFraction * gpus;
  const cacheGb = (usableGb - model.weightsGb - warmupReserveGb(model, prefillTokens) * gpus) * TGI.kvCacheShare;
  return Math.max(0, Math.floor((cacheGb * 1e9) / model.kvBytesPerToken));
}

/** Memory that TGI's warm-up takes on each GPU, in GB: it computes logits for every position of a full prefill. */
export function warmupReserveGb(model: Model, prefillTokens: number): number {
  const logitsGb = (2 * model.vocabulary * prefillTokens) / 1e9;
  return TGI.warmupReserveGb + TGI.warmupLogitsCopies * logitsGb;
}

/** Typical chats that decode together when the KV cache is what limits them. */
export function batchCapacity(kvTokens: number): number {
  return Math.floor(kvTokens / (TYPICAL_CHAT.inputTokens + TYPICAL_CHAT.outputTokens));
}

/** GPUs' worth of speed that a replica has: tensor parallelism loses some of it to communication. */
function effectiveGpus({ accelerator, gpus }: Replica): number {
  return gpus * (ACCELERATORS[accelerator].tensorParallelEfficiency[gpus] ?? 1 / gpus);
}

/**
 * Seconds of one decode step with `batch` typical chats, half generated on average [roofline]: weights and KV cache
 * are read once, at the share of the memory bandwidth that servers reach.
 */
export function decodeStepSeconds(replica: Replica, batch: number): number {
  const gpu = ACCELERATORS[replica.accelerator];
  const context = TYPICAL_CHAT.inputTokens + TYPICAL_CHAT.outputTokens / 2;
  const bytes = replica.model.weightsGb * 1e9 + batch * context * replica.model.kvBytesPerToken;
  const bandwidth = gpu.bandwidthGBps * 1e9 * gpu.decodeBandwidthShare * effectiveGpus(replica);
  return gpu.decodeOverheadMs / 1000 + bytes / bandwidth;
}

/** Seconds that the prefill of one typical chat keeps the GPUs busy [roofline]: two FLOPs a parameter and token. */
export function prefillSeconds(replica: Replica): number {
  const gpu = ACCELERATORS[replica.accelerator];
  const flops = 2 * replica.model.parametersB * 1e9 * TYPICAL_CHAT.inputTokens;
  return flops / (gpu.bf16Tflops * 1e12 * gpu.prefillFlopsShare * effectiveGpus(replica));
}

/** Typical chats that a replica with a full batch completes in a second [roofline]. */
export function requestsPerSecond(replica: Replica, batch: number): number {
  const decode = (TYPICAL_CHAT.outputTokens * decodeStepSeconds(replica, batch)) / batch;
  return 1 / (prefillSeconds(replica) + decode);
}
