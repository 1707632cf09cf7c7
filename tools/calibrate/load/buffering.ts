import { ServerFault } from "./faults";

/** Tokens from which on an answer says something about the way it came. */
const LONG_ANSWER = 32;
/**
 * Tokens at a time from which on an answer was held back. A server that speculates sends a handful at a time, and
 * a client that was busy for a moment sees the tokens of that moment at once.
 */
const BURST = 16;
const ANSWERS = 3;

/** Seconds between two tokens from which on they came one after the other: no model takes less. */
export const BURST_GAP_SECONDS = 0.001;

/**
 * Notices that something between server and client collects tokens before it passes them on, as a proxy that buffers
 * does: then the first token comes when the buffer is full, and no latency is the server's.
 */
export class BufferingWatch {
  private inRow = 0;

  /**
   * An answer has come whole.
   *
   * @param bursts times at which tokens came, those closer together than {@link BURST_GAP_SECONDS} taken as one.
   * @returns the fault, when several answers in a row came so.
   */
  answered(where: string, tokens: number, bursts: number): ServerFault | undefined {
    if (tokens < LONG_ANSWER) return undefined;
    this.inRow = tokens >= bursts * BURST ? this.inRow + 1 : 0;
    if (this.inRow < ANSWERS) return undefined;
    return new ServerFault(
      "buffered-stream",
      `${where}: ${ANSWERS} answers in a row came in bursts of ${Math.round(tokens / bursts)} tokens, where each token must come as it is made. A proxy on the way collects them: turn its response buffering off (nginx: proxy_buffering off), or go past it with kubectl port-forward.`,
    );
  }
}
