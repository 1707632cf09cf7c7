import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { close, listen } from "../../../standins/loopback";
import type { Lengths, Outcome, ServerInfo, Stage } from "../../../tools/calibrate/contract";
import type { Clock } from "../../../tools/calibrate/load/clock";

/** A clock on which nothing takes time but waiting. */
export class VirtualClock implements Clock {
  private timers: {
    readonly at: number;
    readonly wait: number;
    readonly order: number;
    readonly callback: () => void;
  }[] = [];
  private order = 0;
  private time = 0;

  now(): number {
    return this.time;
  }

  at(seconds: number, callback: () => void): () => void {
    this.order += 1;
    const at = Math.max(seconds, this.time);
    const timer = { at, wait: at - this.time, order: this.order, callback };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((it) => it !== timer);
    };
  }

  /**
   * Lets time pass until a promise is settled.
   *
   * @param longest seconds of the longest wait that passes: what waits longer does so for real input and output, which
   * take none of this time.
   */
  async until<T>(promise: Promise<T>, longest = Number.POSITIVE_INFINITY): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) return settled;
      const [next] = this.timers.filter(({ wait }) => wait <= longest).sort((a, b) => a.at - b.at || a.order - b.order);
      if (next === undefined) continue;
      this.timers.splice(this.timers.indexOf(next), 1);
      this.time = Math.max(this.time, next.at);
      next.callback();
    }
  }

  get waiting(): number {
    return this.timers.length;
  }
}

export function* always(lengths: Lengths): Generator<Lengths, never> {
  for (;;) yield lengths;
}

export const UNKNOWN: ServerInfo = {
  ...{ api: "tgi", modelId: undefined, version: undefined, isStandIn: false, hasMetrics: false },
  ...{ maxConcurrentRequests: undefined, maxInputTokens: undefined, maxTotalTokens: undefined },
};

export function closed(concurrency: number, stage: Partial<Stage> = {}): Stage {
  return { load: { kind: "closed", concurrency }, warmUpSeconds: 0, seconds: 60, seed: 1, ...stage };
}

export const NEVER = new AbortController().signal;

/** Hears of a load until so many requests have ended, and then ends it. */
export class Enough {
  readonly outcomes: Outcome[] = [];
  private readonly controller = new AbortController();
  readonly signal = this.controller.signal;

  constructor(private readonly requests: number) {}

  ended(outcome: Outcome): void {
    if (this.outcomes.length < this.requests) this.outcomes.push(outcome);
    if (this.outcomes.length === this.requests) this.controller.abort(new Error("enough"));
  }

  /** The outcomes, when the load has ended for that reason. */
  async of(run: Promise<void>): Promise<readonly Outcome[]> {
    await run.catch((error) => {
      if (!this.signal.aborted) throw error;
    });
    return this.outcomes;
  }
}

export interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The request's body, as JSON where it has one. */
  readonly body: { readonly [key: string]: unknown };
}

export type Handler = (asked: Asked) => void;

/** Servers of a test, ended after it. */
export class Loopback {
  private readonly servers: Server[] = [];

  /** @returns the address. */
  async serve(handler: Handler): Promise<string> {
    const server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("data", (piece) => pieces.push(piece));
      request.on("end", () => {
        const text = Buffer.concat(pieces).toString();
        handler({ request, response, body: text === "" ? {} : JSON.parse(text) });
      });
    });
    this.servers.push(server);
    return `http://127.0.0.1:${await listen(server)}`;
  }

  async end(): Promise<void> {
    await Promise.all(this.servers.splice(0).map(close));
  }
}

/** Events as TGI 2.4.0 writes them. */
export function tgiEvents(tokens: number, inputTokens: number): string {
  return Array.from({ length: tokens }, (_, index) => tgiEvent(index + 1, tokens, inputTokens)).join("");
}

export function tgiEvent(index: number, tokens: number, inputTokens: number): string {
  const isLast = index === tokens;
  const token = { id: 7, text: "é", logprob: -0.25, special: false };
  const details = isLast
    ? { finish_reason: "length", generated_tokens: tokens, seed: null, input_length: inputTokens }
    : null;
  return `data:${JSON.stringify({ index, token, generated_text: isLast ? "…" : null, details })}\n\n`;
}

export function stream(response: ServerResponse, text?: string): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  if (text !== undefined) response.end(text);
}

export const TGI_INFO = {
  ...{ model_id: "google/gemma-2-2b-it", model_sha: null, model_pipeline_tag: null, max_concurrent_requests: 128 },
  ...{ max_best_of: 2, max_stop_sequences: 4, max_input_tokens: 4096, max_total_tokens: 8192, validation_workers: 2 },
  ...{ max_client_batch_size: 4, router: "text-generation-router", version: "2.4.0", sha: null, docker_label: null },
};

/** Words of a prompt, for tokenizers of tests. */
export function wordsIn(prompt: string): number {
  return prompt.split(/\s+/).filter((word) => word !== "").length;
}
