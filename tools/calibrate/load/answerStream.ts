import { createParser } from "eventsource-parser";
import type { Dispatcher } from "undici";
import { BURST_GAP_SECONDS } from "./buffering";
import type { Clock } from "./clock";
import { describeError, lastingFault, unauthorized } from "./faults";
import { emptyAnswer, excerpt, type Protocol, refusalOf } from "./protocol";
import type { AnswerSink, Ending } from "./sending";

/** What a stream needs to know of the server that it is from, the same for all of its streams. */
export interface StreamContext {
  /** The server's address, for messages. */
  readonly where: string;
  readonly protocol: Protocol;
  readonly clock: Clock;
  /** An answer has come whole: how many tokens the client saw, and in how many bursts. Returns what that is a fault of. */
  readonly whole: (tokens: number, bursts: number) => Error | undefined;
}

/** Characters that are kept of an answer that is not a stream, to say what it was. */
const KEPT = 2048;
/** Answers of a gateway that has found no server behind it. */
const UNREACHABLE = new Set([502, 503, 504]);

/**
 * One answer on its way in. Undici calls it for every piece that comes: no promise, no timer and no listener for
 * a token, and nothing that outlives the answer.
 */
export class AnswerStream implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | undefined;
  private readonly answer = emptyAnswer();
  private status: number | undefined;
  /** Undefined as long as the answer is a stream of events. */
  private text: string | undefined;
  private isOver = false;
  private tokens = 0;
  private bursts = 0;
  private lastTokenAt = Number.NEGATIVE_INFINITY;
  /** Tokens of the piece at hand. */
  private arrived = 0;
  private readonly parser = createParser({
    onEvent: ({ data }) => {
      this.arrived += this.context.protocol.read(data, this.answer);
    },
  });

  constructor(
    private readonly context: StreamContext,
    private readonly sink: AnswerSink,
  ) {}

  /** Ends the stream at once; the sink hears no more. */
  cancel(): void {
    this.isOver = true;
    this.controller?.abort(new Error("cancelled"));
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    // It was cancelled before it had a connection.
    if (this.isOver) controller.abort(new Error("cancelled"));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.status = status;
    const type = String(headers["content-type"] ?? "");
    if (status !== 200 || !type.startsWith("text/event-stream")) this.text = "";
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.isOver) return;
    const at = this.context.clock.now();
    if (this.text !== undefined) {
      if (this.text.length < KEPT) this.text += chunk.toString("utf8");
      return;
    }
    this.arrived = 0;
    try {
      // A byte a character: it is cheaper, never splits one, and leaves everything that is looked at as it was.
      this.parser.feed(chunk.toString("latin1"));
    } catch (error) {
      this.end(at, { result: "failed", error: `an event that is not JSON: ${describeError(error)}` });
      this.controller?.abort(new Error("not understood"));
      return;
    }
    if (this.arrived > 0) this.count(this.arrived, at);
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    const at = this.context.clock.now();
    const { answer, status, text, tokens } = this;
    if (status !== undefined && text !== undefined) {
      this.endWithoutStream(at, status, text);
    } else if (answer.refusal !== undefined) {
      const { result, error } = answer.refusal;
      this.end(at, { result, error: Buffer.from(error, "latin1").toString("utf8") });
    } else if (!answer.isWhole) {
      const seen = tokens === 0 ? "without a token" : `after ${tokens} tokens, before it was whole`;
      const hint =
        tokens === 0 ? "; TGI 2.4.0 ends refused requests so on its OpenAI API, and says why on its own" : "";
      this.end(at, { result: "failed", error: `the stream ended ${seen}${hint}` });
    } else {
      // Events may have brought several tokens each: now the server has said how many there were.
      const missing = (answer.outputTokens ?? 0) - tokens;
      const { bursts } = this;
      if (missing > 0) this.count(missing, tokens === 0 ? at : this.lastTokenAt);
      const fault = this.context.whole(tokens, bursts);
      this.end(at, { result: "served", ...(fault === undefined ? {} : { fault }) });
    }
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.isOver) return;
    const isUnreachable = this.status === undefined;
    const fault = isUnreachable ? lastingFault(this.context.where, error) : undefined;
    this.end(this.context.clock.now(), {
      ...{ result: "failed", isUnreachable },
      error: this.tokens === 0 ? describeError(error) : `${describeError(error)}, after ${this.tokens} tokens`,
      ...(fault === undefined ? {} : { fault }),
    });
  }

  private endWithoutStream(at: number, status: number, text: string): void {
    if (status === 200) {
      this.end(at, { result: "failed", error: `not a stream of events: ${excerpt(text)}` });
    } else if (status === 401 || status === 403) {
      const fault = unauthorized(this.context.where, status);
      this.end(at, { ...refusalOf(status, text), fault });
    } else {
      this.end(at, { ...refusalOf(status, text), isUnreachable: UNREACHABLE.has(status) });
    }
  }

  private count(tokens: number, at: number): void {
    if (at - this.lastTokenAt >= BURST_GAP_SECONDS) this.bursts += 1;
    this.lastTokenAt = at;
    this.tokens += tokens;
    this.sink.tokens(tokens, at);
  }

  private end(at: number, ending: Omit<Ending, "at" | "inputTokens" | "outputTokens">): void {
    this.isOver = true;
    const { inputTokens, outputTokens } = this.answer;
    this.sink.ended({ at, inputTokens, outputTokens, ...ending });
  }
}
