import type { TokenLimits } from "../../config/stackConfig";
import { validate } from "../../tools/simulate/server/limits";
import type { GenerateRequest } from "./requests";

/** What the launcher of TGI 2.4.0 sets where nothing is said. */
export const REQUEST_LIMITS = { bestOf: 2, stopSequences: 4, topTokens: 5 } as const;

/** A request that the router lets through. */
export interface ValidRequest {
  readonly inputTokens: number;
  readonly maxNewTokens: number;
}

/**
 * What TGI's router (`router/src/validation.rs`, v2.4.0) says of a request, in its words and its order.
 *
 * @returns the rule that it breaks, or what it comes to.
 */
export function validateRequest(request: GenerateRequest, limits: TokenLimits): string | ValidRequest {
  return brokenRule(request, limits) ?? lengths(request, limits);
}

function brokenRule({ inputs, parameters: it }: GenerateRequest, limits: TokenLimits): string | undefined {
  const isSampling =
    it.do_sample || [it.temperature, it.top_k, it.top_p, it.typical_p].some((value) => value !== undefined);
  const bestOf = it.best_of ?? 1;
  if (bestOf > 1 && !isSampling) return "you must use sampling when `best_of` is > 1";
  if ((it.temperature ?? 1) <= 0) return "`temperature` must be strictly positive";
  if ((it.repetition_penalty ?? 1) <= 0) return "`repetition_penalty` must be strictly positive";
  if (Math.abs(it.frequency_penalty ?? 0) > 2) return "`frequency_penalty` must be >= -2.0 and <= 2.0";
  if (!isShare(it.top_p)) return "`top_p` must be > 0.0 and < 1.0";
  if (!isShare(it.typical_p)) return "`typical_p` must be > 0.0 and < 1.0";
  if ((it.top_k ?? 1) <= 0) return "`top_k` must be strictly positive";
  if (it.max_new_tokens === 0) return "`max_new_tokens` must be strictly positive";
  const { stopSequences, topTokens } = REQUEST_LIMITS;
  if (it.stop.length > stopSequences) {
    return `\`stop\` supports up to ${stopSequences} stop sequences. Given: ${it.stop.length}`;
  }
  if (bestOf > 1 && it.seed !== undefined) return "`seed` must not be set when `best_of` > 1";
  if ((it.top_n_tokens ?? 0) > topTokens) {
    return `\`top_n_tokens\` must be >= 0 and <= ${topTokens}. Given: ${it.top_n_tokens}`;
  }
  if (inputs === "") return "`inputs` cannot be empty";
  const { truncate } = it;
  if (truncate === 0 || (truncate ?? 0) > limits.maxInputTokens) {
    return `\`truncate\` must be strictly positive and less than ${limits.maxInputTokens}. Given: ${truncate}`;
  }
  // Nothing that the stand-in says could obey a grammar.
  return it.grammar === undefined ? undefined : "grammar is not supported";
}

function lengths({ inputTokens: all, parameters }: GenerateRequest, limits: TokenLimits): string | ValidRequest {
  const { maxInputTokens, maxTotalTokens } = limits;
  const inputTokens = Math.min(all, parameters.truncate ?? all);
  const maxNewTokens = parameters.max_new_tokens ?? Math.max(0, maxTotalTokens - inputTokens);
  if (inputTokens + maxNewTokens > maxTotalTokens) {
    return `\`inputs\` tokens + \`max_new_tokens\` must be <= ${maxTotalTokens}. Given: ${inputTokens} \`inputs\` tokens and ${maxNewTokens} \`max_new_tokens\``;
  }
  if (validate(limits, inputTokens, maxNewTokens) !== undefined) {
    return `\`inputs\` must have less than ${maxInputTokens} tokens. Given: ${inputTokens}`;
  }
  return { inputTokens, maxNewTokens };
}

function isShare(value: number | undefined): boolean {
  return value === undefined || (value > 0 && value < 1);
}
