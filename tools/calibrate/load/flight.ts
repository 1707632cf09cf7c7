import type { Lengths, LoadObserver, Outcome, Result } from "../contract";
import type { AnswerSink, Ending } from "./sending";

/** What is known of a request when it is sent. */
export interface LaunchedRequest {
  readonly id: number;
  readonly isMeasured: boolean;
  readonly planned: Lengths;
  readonly intendedAt: number;
  readonly sentAt: number;
}

/** What hears of a request in flight. */
export interface FlightOwner {
  ended(ending: Ending): void;
  /** The observer has thrown: that is nobody's answer, and must not be lost in a stream's error handling. */
  failed(error: unknown): void;
  /** The server is there: a token has come. */
  reached(): void;
}

/** One request in flight. */
export class Flight implements AnswerSink {
  private firstTokenAt: number | undefined;
  private lastTokenAt: number | undefined;
  private tokensSeen = 0;
  /** Whether the server has seen it, or may have. */
  wasSent = true;
  /** Ends it early. */
  cancel: () => void = () => {};

  constructor(
    readonly request: LaunchedRequest,
    private readonly observer: LoadObserver,
    private readonly owner: FlightOwner,
  ) {}

  tokens(count: number, at: number): void {
    this.firstTokenAt ??= at;
    this.lastTokenAt = at;
    this.tokensSeen += count;
    this.owner.reached();
    try {
      this.observer.tokens?.(this.request.id, count, at);
    } catch (error) {
      this.owner.failed(error);
    }
  }

  ended(ending: Ending): void {
    try {
      this.owner.ended(ending);
    } catch (error) {
      this.owner.failed(error);
    }
  }

  outcome(ending: Omit<Ending, "result"> & { readonly result: Result }): Outcome {
    const { firstTokenAt, lastTokenAt, tokensSeen } = this;
    const { at, inputTokens, outputTokens = tokensSeen, result, error } = ending;
    return {
      ...this.request,
      firstTokenAt,
      lastTokenAt,
      endedAt: at,
      inputTokens,
      outputTokens,
      result,
      ...(error === undefined ? {} : { error }),
    };
  }
}
