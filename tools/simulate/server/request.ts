/** What the server has to know of a request. The rest of the simulator may hang its own fields on it. */
export interface ServerRequest {
  /** Tokens of the prompt. */
  readonly inputTokens: number;
  /** Tokens that will be generated, at least 1 and at most `maxNewTokens`. The server does not know it beforehand. */
  readonly outputTokens: number;
  /** Tokens that the client allows, which is what the server reserves memory for. */
  readonly maxNewTokens: number;
}

/** What became of a request; times in seconds on the simulator's clock. */
export interface Served<R extends ServerRequest> {
  readonly request: R;
  /** When the server accepted it. */
  readonly arrivedAt: number;
  /** End of its prefill, which makes the first token. */
  readonly firstTokenAt: number;
  readonly finishedAt: number;
}

/** Time to first token, in seconds, from the arrival at this server: queueing and prefill. */
export function ttftSeconds(served: Pick<Served<ServerRequest>, "arrivedAt" | "firstTokenAt">): number {
  return served.firstTokenAt - served.arrivedAt;
}

/** Time per output token after the first, in seconds; undefined where there is only one. Other prefills count in. */
export function tpotSeconds(served: Served<ServerRequest>): number | undefined {
  const later = served.request.outputTokens - 1;
  return later > 0 ? (served.finishedAt - served.firstTokenAt) / later : undefined;
}
