import { type Answer, type Protocol, refusalOf } from "./protocol";

/** An event of an OpenAI stream, as far as it is read. */
interface ChatEvent {
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null; readonly reasoning_content?: string | null };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
  readonly error?: string | { readonly message?: string; readonly code?: unknown };
}

const END = "[DONE]";

/**
 * OpenAI's API for chats, as TGI and vLLM have it. An event may bring several tokens, or none: only `usage`, at the
 * end, counts them. It is in the event with the finish reason (TGI), or in one of its own after it (vLLM).
 *
 * `ignore_eos` has vLLM and SGLang write answers of exactly the planned length; TGI 2.4.0 takes no notice of it. TGI
 * swallows errors here: a refused request is a stream without a token.
 *
 * Source: huggingface/text-generation-inference v2.4.0 `router/src/server.rs` (`chat_completions`).
 */
export function openaiProtocol(model: string): Protocol {
  return {
    path: "/v1/chat/completions",

    body: (prompt, maxNewTokens) =>
      JSON.stringify({
        model,
        messages: [{ role: "user", content: prompt }],
        max_tokens: maxNewTokens,
        temperature: 0,
        ignore_eos: true,
        stream: true,
        stream_options: { include_usage: true },
      }),

    read(data: string, answer: Answer): number {
      if (data === END) return 0;
      const event: ChatEvent = JSON.parse(data);
      if (event.error !== undefined) {
        const { error } = event;
        const said = typeof error === "string" ? error : (error.message ?? JSON.stringify(error));
        const status = typeof error === "string" ? Number.NaN : Number(error.code);
        const { result } = refusalOf(status, said);
        answer.refusal = { result, error: said };
        return 0;
      }
      if (event.usage !== null && event.usage !== undefined) {
        answer.inputTokens = event.usage.prompt_tokens;
        answer.outputTokens = event.usage.completion_tokens;
      }
      const choice = event.choices?.[0];
      if (choice === undefined) return 0;
      if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") answer.isWhole = true;
      const { content, reasoning_content: reasoning } = choice.delta ?? {};
      // vLLM begins with an event that has nothing but the role.
      return (content ?? "") !== "" || (reasoning ?? "") !== "" ? 1 : 0;
    },
  };
}
