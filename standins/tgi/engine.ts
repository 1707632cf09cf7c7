import { decodeSeconds, prefillSeconds, type StepTimes } from "../../autoscaling/roofline";
import { TGI } from "../../catalog/tgi";
import type { ServerLimits } from "../../tools/simulate/server/limits";
import { Replica } from "../../tools/simulate/server/replica";
import type { Served, ServerRequest } from "../../tools/simulate/server/request";
import type { DecodeStep, PrefillStep, Stepper } from "../../tools/simulate/server/stepper";
import { Agenda } from "./agenda";
import type { Clock } from "./clock";
import type { Method, TgiMetrics } from "./metrics";

/** What a request takes before it is in the queue: router, tokenizer, network. Seconds. */
export interface Overhead {
  readonly perRequestSeconds: number;
  /** For each token of the prompt. */
  readonly perTokenSeconds: number;
}

export interface EngineOptions {
  readonly limits: ServerLimits;
  readonly times: StepTimes;
  /** So many times as fast as `times`, `overhead` and `limits` say. */
  readonly timeScale: number;
  readonly overhead: Overhead;
  /** Gives the factor by which the next step is longer. */
  readonly jitter: () => number;
  readonly metrics: TgiMetrics;
  readonly clock: Clock;
}

/** Hears what becomes of a request. It must not call the engine back. */
export interface Listener {
  /** It is in the queue. */
  queued?(): void;
  token(place: number): void;
  /** After the last token. */
  finished(timings: Timings): void;
}

/** Seconds of a request, on the client's clock. */
export interface Timings {
  readonly total: number;
  readonly validation: number;
  readonly queue: number;
  /** From its admission to a batch. */
  readonly inference: number;
}

/** One of the places that the concurrency limit gives out: held from before validation to the last token. */
export interface Permit {
  readonly acceptedAt: number;
}

/** A request in the engine. */
interface Work extends ServerRequest {
  readonly permit: Permit;
  readonly listener: Listener;
  admittedAt: number;
  generated: number;
  state: "coming" | "accepted" | "left" | "done";
}

/** Ends a request whose client has hung up. Without effect where the request has ended. */
export type Leave = () => void;

/** What the host takes for a sequence's token; forward passes are the rest of a step. */
const HOST_SECONDS = TGI.sequenceOverheadMs / 1000;

/**
 * The simulator's server in real time. Its own clock is the model's, in seconds: `timeScale` times as fast as the
 * real one. What happens at a moment is reckoned for that moment, however late the timer was that woke the engine:
 * lateness does not add up, and steps shorter than a timer's tick are right on average.
 */
export class Engine implements Stepper<Work> {
  private readonly replica: Replica<Work>;
  private readonly agenda = new Agenda();
  /** Permits of requests that are not in the queue yet. */
  private validating = 0;
  private step = { method: "prefill" as Method, startedAt: 0, hostSeconds: 0 };
  /** TGI's gauge, which is set before every decode step but the one after a joining prefill. */
  private reservedTokens: number | undefined;
  private isJoining = false;

  constructor(private readonly options: EngineOptions) {
    const { limits, times } = options;
    const sink = {
      finished: (served: Served<Work>) => this.finish(served),
      dropped: (work: Work) => this.drop(work),
    };
    this.replica = new Replica<Work>(limits, times, sink, this);
  }

  /** Permits that are out. */
  get openRequests(): number {
    return this.validating + this.replica.openRequests;
  }

  /** A place for a request; undefined where all are taken, which TGI answers with HTTP 429. */
  acquire(): Permit | undefined {
    const acceptedAt = this.catchUp();
    if (this.openRequests >= this.options.limits.maxConcurrentRequests) return undefined;
    this.validating += 1;
    return { acceptedAt };
  }

  /** Gives a place back when the tokenizer has seen the prompt: the request is refused. */
  refuse(permit: Permit, inputTokens: number, call: () => void): void {
    this.afterOverhead(permit, inputTokens, () => {
      this.validating -= 1;
      call();
    });
  }

  /** Takes a valid request. @param maxNewTokens are what it makes, too. */
  submit(permit: Permit, lengths: { inputTokens: number; maxNewTokens: number }, listener: Listener): Leave {
    const work: Work = {
      ...{ permit, listener, ...lengths, outputTokens: lengths.maxNewTokens },
      ...{ admittedAt: 0, generated: 0, state: "coming" },
    };
    this.afterOverhead(permit, lengths.inputTokens, (at) => {
      if (work.state === "left") return;
      this.validating -= 1;
      if (this.replica.offer(work, at) !== "accepted") throw new Error("a request with a permit was not accepted");
      work.state = "accepted";
      listener.queued?.();
    });
    return () => this.leave(work);
  }

  /** Sets the gauges as TGI has them at this moment. */
  setGauges(): void {
    this.catchUp();
    const { metrics } = this.options;
    if (this.replica.hasServed) metrics.queueIs(this.replica.queueSize);
    if (this.reservedTokens === undefined) return;
    const { batchSize } = this.replica;
    metrics.batchIs(batchSize, batchSize > 0 ? this.reservedTokens : 0);
  }

  /** Drops all that it has, for good. Nobody is told: their connections end, too. */
  kill(): void {
    this.replica.kill(this.catchUp());
    this.options.clock.stop();
  }

  prefill({ newcomers, tokens, joins, reservedTokens }: PrefillStep<Work>, at: number): number {
    const { metrics, times, jitter } = this.options;
    for (const { request } of newcomers) request.admittedAt = at;
    metrics.batchTaken(newcomers.length);
    if (joins !== undefined) {
      metrics.batchJoined(joins);
      this.reservedTokens = reservedTokens;
      this.isJoining = true;
    }
    return this.begin("prefill", at, newcomers.length, prefillSeconds(times, tokens), jitter());
  }

  decode({ sequences, contextTokens, reservedTokens }: DecodeStep, at: number): number {
    if (!this.isJoining) this.reservedTokens = reservedTokens;
    this.isJoining = false;
    const seconds = decodeSeconds(this.options.times, sequences, contextTokens);
    return this.begin("decode", at, sequences, seconds, this.options.jitter());
  }

  tokens(sequences: readonly { request: Work }[], at: number): void {
    const { method, startedAt, hostSeconds } = this.step;
    const inference = this.real(at - startedAt);
    this.options.metrics.stepEnded(method, { inference, decoding: this.real(hostSeconds) });
    this.reservedTokens ??= 0;
    for (const { request } of sequences) {
      request.listener.token(request.generated);
      request.generated += 1;
    }
  }

  hasLeft(work: Work): boolean {
    return work.state === "left";
  }

  private begin(method: Method, at: number, sequences: number, seconds: number, factor: number): number {
    this.options.metrics.stepBegins(method);
    const hostSeconds = Math.min(seconds, sequences * HOST_SECONDS) * factor;
    this.step = { method, startedAt: at, hostSeconds };
    return seconds * factor;
  }

  private leave(work: Work): void {
    const now = this.catchUp();
    if (work.state === "accepted") this.replica.release(now);
    else if (work.state === "coming") this.validating -= 1;
    if (work.state !== "done") work.state = "left";
  }

  private finish({ request: work, arrivedAt, finishedAt }: Served<Work>): void {
    work.state = "done";
    const { acceptedAt } = work.permit;
    work.listener.finished({
      total: this.real(finishedAt - acceptedAt),
      validation: this.real(arrivedAt - acceptedAt),
      queue: this.real(work.admittedAt - arrivedAt),
      inference: this.real(finishedAt - work.admittedAt),
    });
  }

  private drop(work: Work): void {
    if (work.state === "left") this.options.metrics.requestFailed("dropped");
    work.state = "done";
  }

  private afterOverhead({ acceptedAt }: Permit, inputTokens: number, call: (at: number) => void): void {
    const { perRequestSeconds, perTokenSeconds } = this.options.overhead;
    this.agenda.add(acceptedAt + perRequestSeconds + inputTokens * perTokenSeconds, call);
    this.catchUp();
  }

  /** Does all that was due until now, in its order. @returns now. */
  private catchUp(): number {
    const now = this.now();
    this.agenda.advance(now);
    this.replica.advance(now);
    this.sleep();
    return now;
  }

  private sleep(): void {
    const next = Math.min(this.agenda.nextAt, this.replica.nextEventAt);
    if (next === Number.POSITIVE_INFINITY) this.options.clock.stop();
    else this.options.clock.wake(this.real(next - this.now()), () => this.catchUp());
  }

  private now(): number {
    return this.options.clock.now() * this.options.timeScale;
  }

  private real(seconds: number): number {
    return seconds / this.options.timeScale;
  }
}
