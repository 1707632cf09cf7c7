import type { Answer, Protocol, Refusal } from "./protocol";

/** An event of TGI's stream, as far as it is read. */
interface TgiEvent {
  readonly token?: object;
  readonly details?: { readonly generated_tokens?: number; readonly input_length?: number } | null;
  readonly error?: string;
  readonly error_type?: string;
}

/**
 * How the event of every token but the last ends: no text of a token can, as quotes in it are escaped. Knowing it by
 * that saves making objects for a token of which nothing is looked at.
 */
const PLAIN_TOKEN = '"details":null}';

/**
 * TGI's own API. One event is one token; the last one has the counts. Every answer begins with HTTP 200: a full server
 * (429 elsewhere) and a request that is too long (422 elsewhere) are told by an event in the stream, and nothing else.
 * Without sampling, which is the default, models go on for longest.
 *
 * Source: huggingface/text-generation-inference v2.4.0 `router/src/server.rs` (`generate_stream`), `infer/mod.rs`.
 */
export const TGI_PROTOCOL: Protocol = {
  path: "/generate_stream",

  body: (prompt, maxNewTokens) =>
    JSON.stringify({ inputs: prompt, parameters: { max_new_tokens: maxNewTokens, details: true } }),

  read(data: string, answer: Answer): number {
    if (data.endsWith(PLAIN_TOKEN)) return 1;
    const event: TgiEvent = JSON.parse(data);
    if (event.error !== undefined) {
      answer.refusal = refusalOfType(event.error_type, event.error);
      return 0;
    }
    if (event.details !== null && event.details !== undefined) {
      answer.isWhole = true;
      answer.outputTokens = event.details.generated_tokens;
      answer.inputTokens = event.details.input_length;
    }
    return event.token === undefined ? 0 : 1;
  },
};

function refusalOfType(type: string | undefined, error: string): Refusal {
  switch (type) {
    case "overloaded":
      return { result: "overloaded", error };
    case "validation":
      return { result: "rejected", error };
    default:
      return { result: "failed", error: type === undefined ? error : `${error} (${type})` };
  }
}
