/** One request as it reaches the server. */
export interface Arrival {
  /** Seconds since the start of the run. */
  readonly at: number;
  /** Length of the prompt, tokens. */
  readonly inputTokens: number;
  /** Tokens that the server generates for it, if nothing cuts it short. */
  readonly outputTokens: number;
}

/** Requests over a stretch of time, as often as one likes: the same seed gives the same requests on every machine. */
export interface Traffic {
  /** As a report names it: the profile, or the file. */
  readonly name: string;
  /** `generated`: every seed is another sample. `recorded`: a trace; the seed matters only to one scaled in rate. */
  readonly kind: "generated" | "recorded";
  /** Length of the run, seconds. */
  readonly durationSeconds: number;
  /** Requests per second that are to be expected over the whole run. */
  readonly meanRate: number;
  /**
   * The requests in order of time, made one by one: memory does not grow with their number.
   *
   * @param seed a whole number from 0 to 2³² − 1
   */
  arrivals(seed: number): Iterable<Arrival>;
}

/** A recorded trace: the n-th request in each of the arrays. */
export interface Trace {
  /** The file, as it was named. */
  readonly name: string;
  /** Seconds since the first request, not falling. */
  readonly at: Float64Array;
  /** Tokens. */
  readonly input: Uint32Array;
  /** Tokens. */
  readonly output: Uint32Array;
}

/** Traffic that cannot be had: the message says what is wrong and what is expected. */
export class TrafficError extends Error {
  /** @param choices what can be chosen instead, where that is a list */
  constructor(
    message: string,
    readonly choices: readonly string[] = [],
  ) {
    super(message);
  }
}
