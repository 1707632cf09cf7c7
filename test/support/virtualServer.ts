import { Heap } from "heap-js";
import type { StepTimes } from "../../autoscaling/roofline";
import type { Lengths, Load, LoadedServer, LoadObserver, Outcome, Result, Stage } from "../../tools/calibrate/contract";
import { Lengths as DrawnLengths } from "../../tools/simulate/traffic/lengths";
import { PROFILES } from "../../tools/simulate/traffic/profiles";
import { type Random, streams } from "../../tools/simulate/traffic/random";

/** What a virtual server is like. Times in seconds. */
export interface VirtualServerOptions {
  readonly times: StepTimes;
  readonly seed?: number;
  readonly maxConcurrentRequests?: number;
  readonly maxInputTokens?: number;
  readonly maxBatchPrefillTokens?: number;
  readonly maxBatchTotalTokens?: number;
  /** Standard deviation of the logarithm of each step's length. */
  readonly jitter?: number;
  /** Between sending and the server's queue, drawn evenly. */
  readonly overhead?: readonly [least: number, most: number];
  /** Tokens of one step reach the client within so long. */
  readonly spread?: number;
  /** Whether it has TGI's metrics. */
  readonly hasMetrics?: boolean;
  /** What the server makes of a planned prompt. */
  readonly promptTokens?: (planned: number) => number;
}

interface Sequence {
  readonly id: number;
  readonly planned: Lengths;
  readonly inputTokens: number;
  readonly isMeasured: boolean;
  readonly intendedAt: number;
  enqueuedAt: number;
  made: number;
  firstTokenAt: number | undefined;
  lastTokenAt: number | undefined;
  sent: number;
}

interface Event {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** Seconds that a stage waits for its last requests. */
const GRACE_SECONDS = 120;

/**
 * A server of its own kind for tests: TGI's continuous batching, one step after the other, on a clock that costs no time.
 * It shares nothing with the simulator's server but the words.
 */
export class VirtualServer implements LoadedServer {
  /** The client's clock. */
  now = 0;
  private readonly random: Random;
  private readonly events = new Heap<Event>((a, b) => a.at - b.at || a.order - b.order);
  private order = 0;
  private ids = 0;
  private queue: Sequence[] = [];
  private batch: Sequence[] = [];
  private isBusy = false;
  private open = 0;
  private sincePrefill = 0;
  private gauge = 0;
  private hasServed = false;
  private readonly sums = {
    ...{ succeeded: 0, overloaded: 0, prefillCount: 0, prefillSum: 0, decodeCount: 0, decodeSum: 0 },
    ...{ queueSum: 0, inferenceSum: 0, generated: 0 },
  };
  private observer: LoadObserver = {};
  private finished: (outcome: Outcome) => void = () => {};

  constructor(private readonly options: VirtualServerOptions) {
    this.random = streams(options.seed ?? 1).world;
  }

  async run(stage: Stage, lengths: Iterator<Lengths>, observer: LoadObserver, signal: AbortSignal): Promise<void> {
    const begin = this.now;
    const measuredFrom = begin + stage.warmUpSeconds;
    const end = measuredFrom + stage.seconds;
    const openRequests = new Map<number, Sequence>();
    this.observer = observer;
    const send = (at: number) => {
      const planned = lengths.next().value as Lengths;
      const sequence = this.send(planned, at, at >= measuredFrom);
      openRequests.set(sequence.id, sequence);
    };
    this.finished = (outcome) => {
      openRequests.delete(outcome.id);
      observer.ended?.(outcome);
      if (stage.load.kind === "closed" && this.now < end) send(this.now);
    };
    this.arrivals(stage.load, begin, end, streams(stage.seed).arrivals, send);
    for (let at = Math.ceil(begin); at <= end; at += 1) this.at(at, () => this.scrape());
    for (let event = this.events.pop(); event !== undefined; event = this.events.pop()) {
      this.now = event.at;
      if (signal.aborted || this.now > end + GRACE_SECONDS) break;
      event.run();
    }
    for (const sequence of openRequests.values()) observer.ended?.(this.outcome(sequence, "unfinished"));
    this.reset(end);
  }

  private arrivals(load: Load, begin: number, end: number, random: Random, send: (at: number) => void): void {
    switch (load.kind) {
      case "closed":
        for (let client = 0; client < load.concurrency; client += 1) this.at(begin, () => send(begin));
        return;
      case "open": {
        const next = (at: number) => {
          const arrival = at + random.exponential() / load.requestsPerSecond;
          if (arrival >= end) return;
          this.at(arrival, () => {
            send(arrival);
            next(arrival);
          });
        };
        next(begin);
      }
    }
  }

  private send(planned: Lengths, at: number, isMeasured: boolean): Sequence {
    const { promptTokens = (tokens) => tokens, overhead = [0, 0] } = this.options;
    const inputTokens = promptTokens(planned.inputTokens);
    const times = { intendedAt: at, enqueuedAt: 0, firstTokenAt: undefined, lastTokenAt: undefined };
    const sequence: Sequence = { id: this.ids, planned, inputTokens, isMeasured, ...times, made: 0, sent: 0 };
    this.ids += 1;
    this.observer.sent?.(sequence.id, planned, at);
    const [least, most] = overhead;
    this.at(at + least + (most - least) * this.random.uniform(), () => this.arrive(sequence));
    return sequence;
  }

  private arrive(sequence: Sequence): void {
    const { maxConcurrentRequests = 128, maxInputTokens = 4096 } = this.options;
    if (sequence.inputTokens > maxInputTokens) {
      this.finished(this.outcome(sequence, "rejected"));
    } else if (this.open >= maxConcurrentRequests) {
      this.sums.overloaded += 1;
      this.finished(this.outcome(sequence, "overloaded"));
    } else {
      this.open += 1;
      this.hasServed = true;
      sequence.enqueuedAt = this.now;
      this.queue.push(sequence);
      if (!this.isBusy) this.work();
    }
  }

  /** What comes next: a prefill, a decode step or nothing. */
  private work(): void {
    this.gauge = this.batch.length;
    const patient = this.sincePrefill < 20 && this.batch.length > 0;
    const fewest = patient ? Math.max(1, Math.floor(0.3 * this.batch.length)) : 1;
    const newcomers = this.queue.length >= fewest ? this.fitting() : [];
    if (newcomers.length >= fewest) {
      this.queue = this.queue.slice(newcomers.length);
      this.prefill(newcomers);
    } else if (this.batch.length > 0) this.decode();
    else this.isBusy = false;
  }

  private fitting(): Sequence[] {
    const { maxBatchPrefillTokens = 4096, maxBatchTotalTokens = Number.POSITIVE_INFINITY } = this.options;
    let reserved = this.reserved();
    let prompt = 0;
    const taken: Sequence[] = [];
    for (const sequence of this.queue) {
      reserved += sequence.inputTokens + sequence.planned.outputTokens - 1;
      prompt += sequence.inputTokens;
      if (reserved > maxBatchTotalTokens || prompt > maxBatchPrefillTokens) break;
      taken.push(sequence);
    }
    return taken;
  }

  private reserved(): number {
    return this.batch.reduce((sum, it) => sum + it.inputTokens + it.planned.outputTokens - 1, 0);
  }

  private prefill(newcomers: Sequence[]): void {
    const { times } = this.options;
    const tokens = newcomers.reduce((sum, { inputTokens }) => sum + inputTokens, 0);
    const seconds = this.jittered(times.prefillBaseSeconds + tokens * times.prefillPerTokenSeconds);
    for (const it of newcomers) this.sums.queueSum += this.now - it.enqueuedAt;
    this.step(seconds, () => {
      this.sums.prefillCount += 1;
      this.sums.prefillSum += seconds;
      this.sincePrefill = 1;
      const hadBatch = this.batch.length > 0;
      this.batch.push(...newcomers);
      this.give(newcomers);
      // One decode step before the queue is looked at again, unless nobody waited.
      if (hadBatch && this.batch.length > 0) this.decode();
      else this.work();
    });
  }

  private decode(): void {
    const { times } = this.options;
    const kvTokens = this.batch.reduce((sum, it) => sum + it.inputTokens + it.made, 0);
    const { decodeBaseSeconds: base, decodePerSequenceSeconds: each, decodePerKvTokenSeconds: kv } = times;
    const seconds = this.jittered(base + this.batch.length * each + kvTokens * kv);
    this.step(seconds, () => {
      this.sums.decodeCount += 1;
      this.sums.decodeSum += seconds;
      this.sincePrefill += 1;
      this.give([...this.batch]);
      this.work();
    });
  }

  private step(seconds: number, done: () => void): void {
    this.isBusy = true;
    this.at(this.now + seconds, done);
  }

  /** A token for each; they reach the client a little later, not all at once. */
  private give(sequences: readonly Sequence[]): void {
    const { spread = 0 } = this.options;
    for (const sequence of sequences) {
      sequence.made += 1;
      const isLast = sequence.made === Math.max(1, sequence.planned.outputTokens);
      if (isLast) {
        this.open -= 1;
        this.sums.succeeded += 1;
        this.sums.generated += sequence.made;
        this.sums.inferenceSum += this.now - sequence.enqueuedAt;
      }
      const at = this.now + spread * this.random.uniform();
      this.at(at, () => {
        sequence.firstTokenAt ??= at;
        sequence.lastTokenAt = at;
        sequence.sent += 1;
        this.observer.tokens?.(sequence.id, 1, at);
        if (isLast) this.finished(this.outcome(sequence, "served"));
      });
    }
    this.batch = this.batch.filter(({ made, planned }) => made < planned.outputTokens);
  }

  private outcome(sequence: Sequence, result: Result): Outcome {
    const { id, isMeasured, planned, intendedAt, firstTokenAt, lastTokenAt } = sequence;
    const inputTokens = result === "served" ? sequence.inputTokens : undefined;
    const seen = { firstTokenAt, lastTokenAt, inputTokens, outputTokens: sequence.sent };
    return { id, isMeasured, planned, intendedAt, sentAt: intendedAt, ...seen, endedAt: this.now, result };
  }

  private scrape(): void {
    if (!(this.options.hasMetrics ?? true)) {
      this.observer.scraped?.({ at: this.now });
      return;
    }
    const { sums } = this;
    const { succeeded } = sums;
    this.observer.scraped?.({
      at: this.now,
      ...(this.hasServed ? { queue: this.queue.length, batch: this.gauge, reservedTokens: this.reserved() } : {}),
      ...{ succeeded, overloaded: sums.overloaded },
      prefill: { sum: sums.prefillSum, count: sums.prefillCount },
      decode: { sum: sums.decodeSum, count: sums.decodeCount },
      queueDuration: { sum: sums.queueSum, count: succeeded },
      inferenceDuration: { sum: sums.inferenceSum, count: succeeded },
      generatedTokens: { sum: sums.generated, count: succeeded },
    });
  }

  private jittered(seconds: number): number {
    const deviation = this.options.jitter ?? 0;
    return seconds * Math.exp(deviation * this.random.normal() - (deviation * deviation) / 2);
  }

  private at(at: number, run: () => void): void {
    this.events.push({ at, order: this.order, run });
    this.order += 1;
  }

  private reset(end: number): void {
    this.events.clear();
    this.queue = [];
    this.batch = [];
    this.isBusy = false;
    this.open = 0;
    this.gauge = 0;
    this.now = Math.max(this.now, end);
  }
}

/** Lengths of the conversation profile, without end. */
export function* chats(seed = 1): Generator<Lengths, never> {
  const lengths = new DrawnLengths(PROFILES.conversation.lengths);
  const random = streams(seed).lengths;
  for (;;) {
    const { inputTokens, outputTokens } = lengths.next(0, random);
    yield { inputTokens, outputTokens: Math.max(1, outputTokens) };
  }
}
