import { kvCacheTokens } from "../../../autoscaling/capacity";
import { TGI } from "../../../catalog/tgi";
import type { StackConfig, TokenLimits } from "../../../config/stackConfig";

/** What one server is configured with, in tokens, requests and seconds. */
export interface ServerLimits extends TokenLimits {
  /** Requests in queue and batch together; one more is answered with HTTP 429. */
  readonly maxConcurrentRequests: number;
  /** Tokens that the KV cache holds: what the server measures when it warms up. */
  readonly maxBatchTotalTokens: number;
  /** Newcomers that a running batch is interrupted for, as a share of the batch. */
  readonly waitingServedRatio: number;
  /** Decode steps, the last prefill counted in, after which one newcomer is enough. */
  readonly maxWaitingTokens: number;
  /** How long it goes on after SIGTERM with what it has accepted. */
  readonly drainSeconds: number;
}

/**
 * The limits of a stack's server.
 *
 * @param maxBatchTotalTokens what a real server has measured; without it, the estimate of `capacity.ts`.
 * @throws when the model is not in the catalogue and nothing was measured, or the server would not start.
 */
export function serverLimits(
  { server, gpuPool }: Pick<StackConfig, "server" | "gpuPool">,
  maxBatchTotalTokens: number | undefined = undefined,
): ServerLimits {
  const { model, gpus, limits } = server;
  const replica = model === undefined ? undefined : { model, accelerator: gpuPool.accelerator, gpus };
  const tokens = maxBatchTotalTokens ?? (replica && kvCacheTokens(replica, limits.maxBatchPrefillTokens));
  if (tokens === undefined) {
    throw new Error(`${server.modelId} is not in the catalogue: only a calibration file tells its maxBatchTotalTokens`);
  }
  return startable(
    withTgiRules({
      ...limits,
      maxConcurrentRequests: server.maxConcurrentRequests,
      maxBatchTotalTokens: tokens,
    }),
  );
}

/** Limits that a server is given, with what TGI does where nothing is said. */
export function withTgiRules(
  given: TokenLimits & Pick<ServerLimits, "maxConcurrentRequests" | "maxBatchTotalTokens">,
): ServerLimits {
  const { waitingServedRatio, maxWaitingTokens, drainSeconds } = TGI;
  return { ...given, waitingServedRatio, maxWaitingTokens, drainSeconds };
}

/**
 * Limits with which TGI starts, and with which every valid request is admitted one day.
 *
 * @throws naming the limits that contradict each other.
 */
export function startable(limits: ServerLimits): ServerLimits {
  const { maxInputTokens, maxTotalTokens, maxBatchPrefillTokens, maxBatchTotalTokens } = limits;
  const problems = [
    maxInputTokens < maxTotalTokens ? [] : `maxInputTokens (${maxInputTokens}) must be below maxTotalTokens`,
    maxInputTokens <= maxBatchPrefillTokens ? [] : `maxBatchPrefillTokens (${maxBatchPrefillTokens}) is too small`,
    maxTotalTokens <= maxBatchTotalTokens ? [] : `the KV cache (${maxBatchTotalTokens} tokens) holds no full request`,
  ].flat();
  if (problems.length > 0) throw new Error(`the server would not start: ${problems.join("; ")}`);
  return limits;
}

/** Why the router refuses a request (HTTP 422), or nothing. It never reaches the queue, and is none of its load. */
export function validate(
  limits: Pick<TokenLimits, "maxInputTokens" | "maxTotalTokens">,
  inputTokens: number,
  maxNewTokens: number,
): "input-too-long" | "total-too-long" | undefined {
  if (inputTokens > limits.maxInputTokens) return "input-too-long";
  return inputTokens + maxNewTokens > limits.maxTotalTokens ? "total-too-long" : undefined;
}
