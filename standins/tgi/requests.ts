import { z } from "zod";

/** What Rust's `serde` makes of a JSON body in TGI 2.4.0 (`router/src/lib.rs`): unknown fields do not matter. */

const u32 = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);
const count = z.number().int().min(0);
/** An `Option`: null is as good as nothing. */
const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
const flag = z.boolean().default(false);

const parameters = z.object({
  best_of: maybe(count),
  temperature: maybe(z.number()),
  repetition_penalty: maybe(z.number()),
  frequency_penalty: maybe(z.number()),
  top_k: maybe(
    z
      .number()
      .int()
      .min(-(2 ** 31))
      .max(2 ** 31 - 1),
  ),
  top_p: maybe(z.number()),
  typical_p: maybe(z.number()),
  do_sample: flag,
  /** Null is as many as still fit; nothing is 100. */
  max_new_tokens: u32.nullable().default(100),
  return_full_text: maybe(z.boolean()),
  stop: z.array(z.string()).default([]),
  truncate: maybe(count),
  watermark: flag,
  details: flag,
  decoder_input_details: flag,
  seed: maybe(count),
  top_n_tokens: maybe(u32),
  grammar: maybe(z.unknown()),
  adapter_id: maybe(z.string()),
});

/** TGI samples where a request has no parameters at all. */
const NO_PARAMETERS = parameters.parse({ do_sample: true });

export type Parameters = z.infer<typeof parameters>;

/** `/generate` and `/generate_stream`. */
export const GENERATE = z.object({
  inputs: z.string(),
  parameters: parameters.default(NO_PARAMETERS),
});

/** `/`, which streams where it is asked to. */
export const COMPATIBLE = GENERATE.extend({ stream: flag });

const chunk = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text"), text: z.string() }),
  z.object({ type: z.literal("image_url"), image_url: z.object({ url: z.string() }) }),
]);

/** `/v1/chat/completions`. */
export const CHAT = z.object({
  model: maybe(z.string()),
  messages: z.array(
    z.object({ role: z.string(), content: z.union([z.string(), z.array(chunk)]), name: maybe(z.string()) }),
  ),
  frequency_penalty: maybe(z.number()),
  logprobs: maybe(z.boolean()),
  top_logprobs: maybe(u32),
  max_tokens: maybe(u32),
  presence_penalty: maybe(z.number()),
  stop: maybe(z.array(z.string())),
  stream: flag,
  seed: maybe(count),
  temperature: maybe(z.number()),
  top_p: maybe(z.number()),
  tools: maybe(z.array(z.unknown())),
  response_format: maybe(z.unknown()),
  stream_options: maybe(z.object({ include_usage: z.boolean() })),
});

export type ChatRequest = z.infer<typeof CHAT>;

/** A request for one answer, whichever door it came through. */
export interface GenerateRequest {
  readonly inputs: string;
  /** Tokens of the whole prompt. */
  readonly inputTokens: number;
  readonly parameters: Parameters;
}

/** The parameters that a chat request comes to. */
export function chatParameters(chat: ChatRequest): Parameters {
  const isGreedy = chat.temperature === 0;
  return {
    ...NO_PARAMETERS,
    do_sample: !isGreedy,
    temperature: isGreedy ? undefined : chat.temperature,
    repetition_penalty: chat.presence_penalty === undefined ? undefined : chat.presence_penalty + 2,
    frequency_penalty: chat.frequency_penalty,
    top_p: chat.top_p,
    max_new_tokens: chat.max_tokens ?? 100,
    stop: chat.stop ?? [],
    details: true,
    decoder_input_details: !chat.stream,
    seed: chat.seed,
    top_n_tokens: chat.top_logprobs,
    grammar: chat.response_format,
  };
}
