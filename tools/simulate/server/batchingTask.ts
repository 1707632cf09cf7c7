import { decodeSeconds, prefillSeconds, type StepTimes } from "../../../autoscaling/roofline";
import { countFitting, reservedTokens, takeLeft } from "./admission";
import { Batch, type Sequence } from "./batch";
import { DecodeSteps } from "./decodeSteps";
import { Fifo } from "./fifo";
import type { ServerLimits } from "./limits";
import type { ServerRequest } from "./request";
import type { Stepper } from "./stepper";

export interface TokenSink<R extends ServerRequest> {
  firstToken(sequence: Sequence<R>): void;
  finished(sequence: Sequence<R>): void;
  /** Its client had left, and now it is given up. Only a stepper tells. */
  abandoned(sequence: Sequence<R>, at: number): void;
}

/**
 * - `waking`: a request has come to an idle server; what else comes at the same moment joins its prefill.
 * - `first prefill`, `joining prefill`: of an empty server; of newcomers, while the running batch waits.
 */
type Phase = "idle" | "waking" | "first prefill" | "joining prefill" | "decode";

/**
 * What decides which requests the GPUs work on, as the router of TGI 2.4.0 does it without prefill chunking, which is
 * its default (`backends/v3/src/backend.rs`, `queue.rs`):
 *
 * - Requests wait in one queue and are admitted from its front, as long as `input + max_new_tokens − 1` of the whole
 *   batch fits the KV cache and the newcomers' prompts fit one prefill. The first that does not fit ends it.
 * - An empty server admits at once. Beside a running batch, newcomers must be at least `waitingServedRatio` of it,
 *   until `maxWaitingTokens` steps have passed since the last prefill; then one is enough.
 * - A prefill makes the newcomers' first token; the running batch waits for it, and decodes before the next prefill.
 *
 * Between such moments nothing is decided, so the model jumps from one to the next in closed form, unless a stepper
 * wants to see every step. Times in seconds.
 */
export class BatchingTask<R extends ServerRequest> {
  private readonly queue = new Fifo<Sequence<R>>();
  private readonly batch = new Batch<R>();
  private readonly steps = new DecodeSteps();
  private readonly newcomers: Sequence<R>[] = [];
  private phase: Phase = "idle";
  /** When the server does the next thing of its own accord; infinite when there is nothing to do. */
  nextEventAt = Number.POSITIVE_INFINITY;
  private reserved = 0;
  /** TGI's `waiting_tokens`: one for the last prefill, and one for every step since. */
  private waitingTokens = 1;
  /** The queue's front did not fit the budgets: until a sequence finishes, more requests change nothing. */
  private isFull = false;
  private gaugeBefore = 0;
  private gaugeChangesAt = 0;
  private busySince = 0;
  private busyBefore = 0;

  /** @param sink hears of tokens, and must not call back. */
  constructor(
    private readonly limits: ServerLimits,
    private readonly times: StepTimes,
    private readonly sink: TokenSink<R>,
    private readonly stepper: Stepper<R> | undefined = undefined,
  ) {}

  get queueSize(): number {
    return this.queue.length;
  }

  /** The batch as TGI's gauge has it, which is set before every decode step but the one after a joining prefill. */
  batchSize(at: number): number {
    return at < this.gaugeChangesAt ? this.gaugeBefore : this.batch.size;
  }

  /** Seconds for which the GPUs have worked until a moment that is not beyond the next event. */
  busySeconds(at: number): number {
    return this.busyBefore + (this.phase === "idle" ? 0 : at - this.busySince);
  }

  /** A request arrives, before what happens at the same moment. */
  enqueue(sequence: Sequence<R>, at: number): void {
    this.queue.push(sequence);
    if (this.phase === "idle") {
      this.busySince = at;
      this.enter("waking", at);
    } else if (this.phase === "decode" && !this.isFull) this.hasten(at);
  }

  /** Does what is due at `nextEventAt`. */
  handleEvent(): void {
    const at = this.nextEventAt;
    switch (this.phase) {
      case "idle":
        return;
      case "waking":
        break;
      case "first prefill":
        this.finishPrefill(at);
        break;
      case "joining prefill":
        this.gaugeBefore = this.batch.size;
        this.finishPrefill(at);
        // TGI decodes once before it looks at the queue again.
        this.decode(at, this.queue.length > 0 ? 1 : Number.POSITIVE_INFINITY);
        this.gaugeChangesAt = this.steps.firstEndsAt;
        return;
      case "decode":
        this.finishSteps(at);
        break;
    }
    this.decide(at);
  }

  /** Gives up everything, in the order of arrival, for good. */
  abandon(at: number): Sequence<R>[] {
    const left = [...this.batch.takeAll(), ...this.newcomers.splice(0), ...this.queue.takeAll()];
    if (this.phase !== "idle") this.rest(at);
    return left;
  }

  private enter(phase: Phase, until: number): void {
    this.phase = phase;
    this.nextEventAt = until;
  }

  private rest(at: number): void {
    this.busyBefore += at - this.busySince;
    this.enter("idle", Number.POSITIVE_INFINITY);
  }

  /** Between two steps: a prefill of newcomers, or the next step, or nothing to do. */
  private decide(at: number): void {
    if (this.admit(at)) return;
    if (this.batch.size === 0) {
      this.rest(at);
      return;
    }
    // Unless someone arrives or finishes, only the end of the newcomers' patience can change the answer.
    const patience = this.limits.maxWaitingTokens - this.waitingTokens;
    this.decode(at, this.queue.length > 0 && patience > 0 ? patience : Number.POSITIVE_INFINITY);
  }

  /** Newcomers without which a running batch is not interrupted. */
  private fewestNewcomers(): number {
    if (this.waitingTokens >= this.limits.maxWaitingTokens) return 1;
    return Math.max(1, Math.floor(this.batch.size * this.limits.waitingServedRatio));
  }

  private admit(at: number): boolean {
    const fewest = this.fewestNewcomers();
    if (this.queue.length < fewest) return false;
    const count = this.countFitting(at);
    this.isFull = count < fewest;
    if (this.isFull) return false;
    const reservedBefore = this.reserved;
    let tokens = 0;
    for (const newcomer of this.queue.take(count, this.newcomers)) {
      this.reserved += reservedTokens(newcomer.request);
      tokens += newcomer.request.inputTokens;
    }
    const phase = this.batch.size > 0 ? "joining prefill" : "first prefill";
    this.enter(phase, at + this.prefillSeconds(tokens, reservedBefore, at));
    return true;
  }

  /** TGI lets go of those that have left as it comes by them, and of no others. */
  private countFitting(at: number): number {
    for (;;) {
      const count = countFitting(this.queue, this.limits, this.reserved);
      if (this.stepper === undefined) return count;
      const left = takeLeft(this.queue, count + 1, this.stepper);
      if (left === undefined) return count;
      this.sink.abandoned(left, at);
    }
  }

  private prefillSeconds(tokens: number, reserved: number, at: number): number {
    if (this.stepper === undefined) return prefillSeconds(this.times, tokens);
    const isPatienceOver = this.waitingTokens >= this.limits.maxWaitingTokens;
    const joins = isPatienceOver ? "wait_exceeded" : "backpressure";
    return this.stepper.prefill(
      {
        ...{ newcomers: this.newcomers, tokens, reservedTokens: reserved },
        joins: this.batch.size > 0 ? joins : undefined,
      },
      at,
    );
  }

  private decode(at: number, mostSteps: number): void {
    const { size, contextTokens } = this.batch;
    if (this.stepper !== undefined) {
      const step = { sequences: size, contextTokens, reservedTokens: this.reserved };
      this.steps.start(at, 1, this.stepper.decode(step, at), 0);
      this.enter("decode", this.steps.endAt);
      return;
    }
    const count = Math.min(mostSteps, this.batch.stepsToNextFinish);
    const first = decodeSeconds(this.times, size, contextTokens);
    this.steps.start(at, count, first, size * this.times.decodePerKvTokenSeconds);
    this.enter("decode", this.steps.endAt);
  }

  /** Someone has come while steps are under way: they may end earlier, but never within a step. */
  private hasten(at: number): void {
    const step = this.steps.stepAt(at);
    const isEnough = this.queue.length >= this.fewestNewcomers();
    const until = isEnough ? step : Math.max(step, this.limits.maxWaitingTokens - this.waitingTokens);
    if (until >= this.steps.count) return;
    this.steps.count = until;
    this.nextEventAt = this.steps.endAt;
  }

  private finishPrefill(at: number): void {
    this.waitingTokens = 1;
    if (this.stepper !== undefined) this.tellOfPrefill(this.stepper, at);
    for (const newcomer of this.newcomers) {
      newcomer.firstTokenAt = at;
      this.sink.firstToken(newcomer);
      if (newcomer.request.outputTokens > 1) this.batch.add(newcomer);
      else this.finish(newcomer, at);
    }
    this.newcomers.length = 0;
  }

  private finishSteps(at: number): void {
    this.batch.decode(this.steps.count);
    this.waitingTokens += this.steps.count;
    if (this.stepper !== undefined) this.tellOfStep(this.stepper, at);
    for (let done = this.batch.takeFinished(); done !== undefined; done = this.batch.takeFinished()) {
      this.finish(done, at);
    }
  }

  private tellOfPrefill(stepper: Stepper<R>, at: number): void {
    const all = this.newcomers.splice(0);
    for (const newcomer of all) {
      if (stepper.hasLeft(newcomer.request)) this.giveUp(newcomer, at);
      else this.newcomers.push(newcomer);
    }
    stepper.tokens(this.newcomers, at);
  }

  private tellOfStep(stepper: Stepper<R>, at: number): void {
    for (const left of this.batch.takeOut((it) => stepper.hasLeft(it.request))) this.giveUp(left, at);
    stepper.tokens(this.batch.sequences, at);
  }

  private giveUp(sequence: Sequence<R>, at: number): void {
    this.reserved -= reservedTokens(sequence.request);
    this.sink.abandoned(sequence, at);
  }

  private finish(sequence: Sequence<R>, at: number): void {
    sequence.finishedAt = at;
    this.reserved -= reservedTokens(sequence.request);
    this.sink.finished(sequence);
  }
}
