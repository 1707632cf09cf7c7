/** Decode steps in a row that nothing came between, as one: the model is a straight line, so sums obey it too. */
export interface DecodeSpan {
  readonly steps: number;
  /** Sum over the steps of the sequences that took part. */
  readonly sequences: number;
  /** Sum over the steps of the tokens whose keys and values were read. */
  readonly kvTokens: number;
  readonly seconds: number;
}

/**
 * Prefills, one or several.
 *
 * - `joining`: of newcomers while others wait, from the others' last token to the newcomers' first: nothing but it.
 * - `idle`: of a request that found the server idle, from sending it to its first token: with the request's overhead.
 * - `server`: what `tgi_batch_inference_duration{method="prefill"}` grew by.
 */
export interface PrefillSpan {
  readonly kind: "joining" | "idle" | "server";
  readonly prefills: number;
  /** Tokens of the prompts. */
  readonly tokens: number;
  readonly seconds: number;
}

/** What requests that found the server idle waited for beyond their prefills, as the server measured those. */
export interface Overhead {
  readonly requests: number;
  readonly seconds: number;
}

/** What the server says of its decode steps, and what the client knows of the same ones. */
export interface DecodeCheck {
  readonly serverSteps: number;
  readonly serverSeconds: number;
  readonly steps: number;
  readonly sequences: number;
  readonly kvTokens: number;
}

/** All that a fit is made of. Samples where there was too much of it. */
export interface Observations {
  readonly decode: readonly DecodeSpan[];
  /** Decode steps one by one, to say how well single ones are explained. */
  readonly singleSteps: readonly DecodeSpan[];
  readonly prefill: readonly PrefillSpan[];
  /** Undefined where the server does not say how long its prefills took. */
  readonly overhead: Overhead | undefined;
  /** Seen, before any sampling. */
  readonly decodeSteps: number;
  readonly prefills: number;
  readonly decodeCheck: DecodeCheck | undefined;
  /** Largest reservation of KV cache of all: the server has at least as much. */
  readonly largestKvTokens: number | undefined;
  /** Largest reservation of KV cache while the server left a request waiting that it would else have taken in. */
  readonly fullKvTokens: number | undefined;
  /** Who says so: the server's own gauge, or the client's count. */
  readonly fullKvSource: "server" | "client" | undefined;
}
