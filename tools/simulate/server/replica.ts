import type { StepTimes } from "../../../autoscaling/roofline";
import type { Sequence } from "./batch";
import { BatchingTask } from "./batchingTask";
import { type ServerLimits, validate } from "./limits";
import type { Served, ServerRequest } from "./request";
import type { Stepper } from "./stepper";

/** Hears what becomes of the requests. It must not call the replica back: what it wants to offer, it offers after. */
export interface ReplicaSink<R extends ServerRequest> {
  /** The prefill is over; `finishedAt` is not known yet. */
  firstToken?(served: Served<R>): void;
  finished(served: Served<R>): void;
  /** The server has ended before the request had; or the client had left, and now the server has seen it. */
  dropped(request: R, at: number): void;
}

/** `overloaded`: HTTP 429. `refused`: the server drains or is gone, and takes no connection. */
export type Offered = "accepted" | "overloaded" | "refused";

/**
 * One TGI server on the simulator's clock, in seconds: what its clients and its metrics see. Which requests it works on
 * is `BatchingTask`'s matter. It only moves when told to, and never back: `offer`, `advance` and `drain` take moments
 * that do not fall. What it does at a moment sees the requests that were offered for it before `advance` reached it.
 */
export class Replica<R extends ServerRequest> {
  private readonly task: BatchingTask<R>;
  private now = 0;
  private accepted = 0;
  private open = 0;
  private isDraining = false;
  private dropsAt = Number.POSITIVE_INFINITY;

  /** @param stepper for a server that is to be followed step by step. */
  constructor(
    private readonly limits: ServerLimits,
    times: StepTimes,
    private readonly sink: ReplicaSink<R>,
    stepper: Stepper<R> | undefined = undefined,
  ) {
    const tokens = {
      firstToken: (sequence: Served<R>) => sink.firstToken?.(sequence),
      finished: (sequence: Sequence<R>) => this.finish(sequence),
      abandoned: ({ request }: Served<R>, at: number) => sink.dropped(request, at),
    };
    this.task = new BatchingTask(limits, times, tokens, stepper);
  }

  /** The next moment at which something happens without being told to; infinite when there is none. */
  get nextEventAt(): number {
    return Math.min(this.task.nextEventAt, this.dropsAt);
  }

  /** `tgi_queue_size`: requests that wait to be admitted. */
  get queueSize(): number {
    return this.task.queueSize;
  }

  /** `tgi_batch_current_size`: requests that decode together. */
  get batchSize(): number {
    return this.task.batchSize(this.now);
  }

  /** Requests that it has accepted and not answered: what the concurrency limit counts. */
  get openRequests(): number {
    return this.open;
  }

  /** Whether it has accepted a request since it started. Before, TGI has no gauges, and a scrape brings nothing. */
  get hasServed(): boolean {
    return this.accepted > 0;
  }

  get lifecycle(): "serving" | "draining" | "ended" {
    if (!this.isDraining) return "serving";
    return this.open > 0 ? "draining" : "ended";
  }

  /** Seconds for which the GPUs have worked until a moment that is not beyond the next event. */
  busySeconds(at: number = this.now): number {
    return this.task.busySeconds(at);
  }

  /**
   * A request arrives.
   *
   * @throws when it exceeds the limits: the router answers those (`validate`), they never reach the queue.
   */
  offer(request: R, at: number): Offered {
    while (this.nextEventAt < at) this.handleEvent();
    this.now = at;
    if (this.isDraining) return "refused";
    const problem = validate(this.limits, request.inputTokens, request.maxNewTokens);
    if (problem !== undefined) throw new Error(`a request that the router refuses was offered: ${problem}`);
    if (this.open >= this.limits.maxConcurrentRequests) return "overloaded";
    const order = this.accepted;
    this.accepted += 1;
    this.open += 1;
    this.task.enqueue({ request, arrivedAt: at, firstTokenAt: 0, finishedAt: 0, lastStep: 0, order }, at);
    return "accepted";
  }

  /** Lets the time pass up to a moment, what happens at it included. */
  advance(to: number): void {
    while (this.nextEventAt <= to) this.handleEvent();
    this.now = to;
  }

  /** SIGTERM: takes no more, goes on with what it has for at most `drainSeconds`, then drops what is left. */
  drain(at: number): void {
    this.advance(at);
    if (this.isDraining) return;
    this.isDraining = true;
    if (this.open > 0) this.dropsAt = at + this.limits.drainSeconds;
  }

  /** A client hangs up: its place counts no more, at once; the stepper says whose it was. */
  release(at: number): void {
    this.advance(at);
    this.close();
  }

  /** Its machine is taken away: it takes no more, and drops what it has accepted and not answered. */
  kill(at: number): void {
    this.advance(at);
    this.isDraining = true;
    if (this.open > 0) this.drop(at);
  }

  private handleEvent(): void {
    if (this.task.nextEventAt <= this.dropsAt) this.task.handleEvent();
    else this.drop(this.dropsAt);
  }

  private finish(sequence: Sequence<R>): void {
    this.close();
    this.sink.finished(sequence);
  }

  private close(): void {
    this.open -= 1;
    if (this.open === 0) this.dropsAt = Number.POSITIVE_INFINITY;
  }

  private drop(at: number): void {
    this.dropsAt = Number.POSITIVE_INFINITY;
    this.open = 0;
    for (const { request } of this.task.abandon(at)) this.sink.dropped(request, at);
  }
}
