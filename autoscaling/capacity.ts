import { ACCELERATORS } from "../catalog/accelerators";
import { gibToGb } from "../catalog/gke";
import { type Model, TYPICAL_CHAT } from "../catalog/models";
import { TGI } from "../catalog/tgi";
import { type Replica, rooflineStepTimes } from "./roofline";

export type { Replica } from "./roofline";

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
export function warmupReserveGb(model: Pick<Model, "vocabulary">, prefillTokens: number): number {
  const logitsGb = (2 * model.vocabulary * prefillTokens) / 1e9;
  return TGI.warmupReserveGb + TGI.warmupLogitsCopies * logitsGb;
}

/** Typical chats that decode together when the KV cache is what limits them. */
export function batchCapacity(kvTokens: number): number {
  return Math.floor(kvTokens / (TYPICAL_CHAT.inputTokens + TYPICAL_CHAT.outputTokens));
}

/**
 * Seconds of one decode step with `batch` typical chats, half generated on average [roofline]: the bytes alone. What a
 * sequence costs beyond them is the simulator's matter: targets and limits derived from this are upper bounds.
 */
export function decodeStepSeconds(replica: Replica, batch: number): number {
  const { decodeBaseSeconds, decodePerKvTokenSeconds } = rooflineStepTimes(replica);
  const context = TYPICAL_CHAT.inputTokens + TYPICAL_CHAT.outputTokens / 2;
  return decodeBaseSeconds + batch * context * decodePerKvTokenSeconds;
}

/** Seconds that the prefill of one typical chat keeps the GPUs busy [roofline]: two FLOPs a parameter and token. */
export function prefillSeconds(replica: Replica): number {
  return TYPICAL_CHAT.inputTokens * rooflineStepTimes(replica).prefillPerTokenSeconds;
}

/** Typical chats that a replica with a full batch completes in a second [roofline]. */
export function requestsPerSecond(replica: Replica, batch: number): number {
  const decode = (TYPICAL_CHAT.outputTokens * decodeStepSeconds(replica, batch)) / batch;
  return 1 / (prefillSeconds(replica) + decode);
}
