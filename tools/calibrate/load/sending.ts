import type { Lengths, Result } from "../contract";

/** How the answer to one request ended, as its sender saw it. */
export interface Ending {
  readonly at: number;
  readonly result: Exclude<Result, "unfinished">;
  readonly error?: string;
  /** As the server counted them; undefined where it did not say. */
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** No server was there: no connection, or one that was closed before an answer began. */
  readonly isUnreachable?: boolean;
  /** What ends the whole load: going on would only measure it. */
  readonly fault?: Error;
}

/** Hears of one answer. */
export interface AnswerSink {
  tokens(count: number, at: number): void;
  /** Once, at the end, and nothing after it. */
  ended(ending: Ending): void;
}

/**
 * Sends one request.
 *
 * @param sink may be called before this returns.
 * @returns what ends it early: after it, the sink hears no more.
 */
export type Send = (planned: Lengths, sink: AnswerSink) => () => void;
