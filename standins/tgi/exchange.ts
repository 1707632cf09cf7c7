import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { z } from "zod";
import { type BadBody, readBody } from "./body";
import type { Failure } from "./failure";

/** Silence on a stream after which axum sends a comment, in milliseconds. */
const KEEP_ALIVE_MS = 15_000;

/** A request, and its answer. */
export class Exchange {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
  ) {}

  /** Reads the body; undefined where the client has gone, or has been told what is wrong. */
  async body<T>(schema: z.ZodType<T>): Promise<T | undefined> {
    const body = await readBody(this.request, schema);
    if (body === undefined) return undefined;
    if ("value" in body) return body.value;
    this.bad(body.bad);
    return undefined;
  }

  json(value: unknown, headers: OutgoingHttpHeaders = {}, status = 200): void {
    this.send(status, { "content-type": "application/json", ...headers }, JSON.stringify(value));
  }

  text(text: string, status = 200): void {
    this.send(status, { "content-type": "text/plain; charset=utf-8" }, text);
  }

  empty(status: number, headers: OutgoingHttpHeaders = {}): void {
    this.send(status, headers, "");
  }

  fail({ status, body }: Failure): void {
    this.json(body, {}, status);
  }

  /** Breaks the connection off, as where nobody listens. */
  cut(): void {
    this.response.destroy();
  }

  /** Calls when the client hangs up before it has the whole answer. */
  onLeave(call: () => void): void {
    this.response.once("close", () => {
      if (!this.response.writableFinished) call();
    });
  }

  /** Begins a stream of server-sent events. */
  events(headers: OutgoingHttpHeaders): EventStream {
    const { response } = this;
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache", ...headers });
    response.flushHeaders();
    const timer = setInterval(() => response.write(":\n\n"), KEEP_ALIVE_MS);
    response.once("close", () => clearInterval(timer));
    return {
      send: (data) => {
        response.write(`data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`);
        timer.refresh();
      },
      end: () => response.end(),
    };
  }

  private bad({ status, text }: BadBody): void {
    this.text(text, status);
  }

  private send(status: number, headers: OutgoingHttpHeaders, body: string): void {
    if (this.response.destroyed) return;
    this.response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    this.response.end(body);
  }
}

/** A stream of server-sent events, as axum writes it. After the client has gone it takes everything and sends nothing. */
export interface EventStream {
  /** Text as it is, everything else as JSON. */
  send(data: unknown): void;
  end(): void;
}
