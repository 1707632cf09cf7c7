import type { Result } from "../contract";

/** What has been read of one answer. */
export interface Answer {
  /** Tokens of the prompt, as the server counted them. */
  inputTokens: number | undefined;
  /** Tokens of the answer, as the server counted them. */
  outputTokens: number | undefined;
  /** The server has said that the answer is whole. */
  isWhole: boolean;
  /** What the server said in place of the answer, or of the rest of it. */
  refusal: Refusal | undefined;
}

export interface Refusal {
  readonly result: Extract<Result, "overloaded" | "rejected" | "failed">;
  readonly error: string;
}

/** One of the APIs under which a server streams answers. */
export interface Protocol {
  readonly path: string;
  /** Body of a request. */
  body(prompt: string, maxNewTokens: number): string;
  /**
   * Reads one event of the stream into the answer.
   *
   * @returns the tokens that it has brought, as far as the client can tell.
   * @throws SyntaxError when it is not JSON.
   */
  read(data: string, answer: Answer): number;
}

export function emptyAnswer(): Answer {
  return { inputTokens: undefined, outputTokens: undefined, isWhole: false, refusal: undefined };
}

/** Servers other than TGI reject what is too long with HTTP 400, and say why in words only. */
const TOO_LONG = /context length|max_(?:new_)?tokens|max_model_len|too long/i;

/** What an answer without a stream means. */
export function refusalOf(status: number, body: string): Refusal {
  const error = `HTTP ${status}: ${excerpt(body)}`;
  if (status === 429) return { result: "overloaded", error };
  if (status === 422 || status === 413 || (status === 400 && TOO_LONG.test(body))) return { result: "rejected", error };
  return { result: "failed", error };
}

const EXCERPT = 200;

/** What was seen, short enough for a message. */
export function excerpt(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  if (line === "") return "(nothing)";
  return line.length > EXCERPT ? `${line.slice(0, EXCERPT)}…` : line;
}
