import type { Sequence } from "./batch";
import type { ServerRequest } from "./request";

/** A prefill that begins. */
export interface PrefillStep<R extends ServerRequest> {
  readonly newcomers: readonly Sequence<R>[];
  /** Tokens of their prompts. */
  readonly tokens: number;
  /** Why a running batch is interrupted for them, in TGI's words; undefined for the prefill of an empty server. */
  readonly joins: "backpressure" | "wait_exceeded" | undefined;
  /** Tokens of KV cache that the batch has reserved, the newcomers left out. */
  readonly reservedTokens: number;
}

/** A decode step that begins. */
export interface DecodeStep {
  readonly sequences: number;
  /** Tokens whose keys and values it reads, of all sequences together. */
  readonly contextTokens: number;
  readonly reservedTokens: number;
}

/**
 * Has a server go step by step where it would jump over many: for a server in real time, which sends each token when it
 * is made. It says how long each step takes, and hears of it. What is decided is the same either way. It must not call
 * the server back.
 */
export interface Stepper<R extends ServerRequest> {
  /** A prefill begins. @returns how long it takes, in seconds. */
  prefill(step: PrefillStep<R>, at: number): number;
  /** A decode step begins. @returns how long it takes, in seconds. */
  decode(step: DecodeStep, at: number): number;
  /** A step has ended: each of these has a token more. It comes before the sink hears of it. */
  tokens(sequences: readonly Sequence<R>[], at: number): void;
  /** Whether the client has hung up: TGI sees it at the next token, or when the request's turn comes. */
  hasLeft(request: R): boolean;
}
