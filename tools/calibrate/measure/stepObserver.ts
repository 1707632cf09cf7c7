import { type Random, streams } from "../../simulate/traffic/random";
import type { Lengths, LoadObserver, Outcome, ServerSample } from "../contract";
import { type Beat, Beats, secondsBetween } from "./beats";
import { KvLimit } from "./kvLimit";
import type { DecodeSpan, Observations, PrefillSpan } from "./observations";
import { Reservoir } from "./reservoir";
import { ServerWindows } from "./serverWindows";

/** Steps that become one span: noise of the client's clock counts only at its ends. */
const SPAN_STEPS = 8;
/** Kept of each kind: for the batches from 1, from 2, from 4 and so on, so that no load crowds out another. */
const KEPT = 4096;
/** No server makes decode steps faster than this; a burst of what was not read in time comes faster. */
const ONE_STEP_SECONDS = 0.002;

interface Stream {
  readonly planned: Lengths;
  readonly sentAt: number;
  /** Decode steps that the client had seen when it was sent. */
  readonly sentAtStep: number;
  /** Nobody else was there from when it was sent to its first token: who came later may have overtaken it. */
  isAlone: boolean;
  promptTokens: number;
  tokens: number;
  firstAt: number;
  last: Beat | undefined;
}

/**
 * Reads decode steps and prefills off the tokens of all streams. The client must be alone on the server and hear of all
 * its requests, since it knows from them who decodes, and with how much context. Prompts count as planned, times the
 * ratio of reported to planned tokens so far, until the server reports them. Memory does not grow with the run.
 */
export class StepObserver implements LoadObserver {
  private readonly streams = new Map<number, Stream>();
  private readonly waiting = new Map<number, Stream>();
  private readonly beats = new Beats((before, beat) => this.between(before, beat));
  private readonly kvLimit = new KvLimit();
  private readonly windows: ServerWindows;
  private readonly decode = new Map<number, Reservoir<DecodeSpan>>();
  private readonly singles: Reservoir<DecodeSpan>;
  private readonly prefill: Record<PrefillSpan["kind"], Reservoir<PrefillSpan>>;
  private readonly random: Random;
  private span = { steps: 0, sequences: 0, kvTokens: 0, seconds: 0 };
  private reserved = 0;
  private readonly prompts = { reported: 0, planned: 0 };
  private readonly seen = {
    prefills: 0,
    promptTokens: 0,
    idle: 0,
    idleSeconds: 0,
    decodeSteps: 0,
    sequences: 0,
    kvTokens: 0,
  };
  private newest: Beat | undefined;
  private lastStepAt = Number.NEGATIVE_INFINITY;
  /** Of one request. */
  private largestReservation = 0;
  private fullByServer: number | undefined;

  /** @param seed of what is left out where there is too much. */
  constructor(seed = 1) {
    this.random = streams(seed).world;
    const reservoir = () => new Reservoir<PrefillSpan>(KEPT, this.random);
    this.prefill = { joining: reservoir(), idle: reservoir(), server: reservoir() };
    this.singles = new Reservoir<DecodeSpan>(KEPT, this.random);
    this.windows = new ServerWindows((span) => this.prefill.server.add(span));
  }

  sent(id: number, planned: Lengths, at: number): void {
    for (const other of this.waiting.values()) other.isAlone = false;
    const stream: Stream = {
      ...{ planned, sentAt: at, sentAtStep: this.kvLimit.steps, isAlone: this.streams.size === 0 },
      ...{ promptTokens: 0, tokens: 0, firstAt: 0, last: undefined },
    };
    this.streams.set(id, stream);
    this.waiting.set(id, stream);
  }

  tokens(id: number, count: number, at: number): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    for (let left = count; left > 0; left -= 1) this.token(id, stream, at, left === 1);
  }

  ended(outcome: Outcome): void {
    const stream = this.streams.get(outcome.id);
    if (stream === undefined) return;
    this.streams.delete(outcome.id);
    this.waiting.delete(outcome.id);
    if (stream.last !== undefined) this.reserved -= reservation(stream);
    if (outcome.result !== "served") return;
    const inputTokens = outcome.inputTokens ?? stream.planned.inputTokens;
    this.prompts.reported += inputTokens;
    this.prompts.planned += stream.planned.inputTokens;
    if (stream.isAlone && stream.last !== undefined) {
      const seconds = stream.firstAt - stream.sentAt;
      this.prefill.idle.add({ kind: "idle", prefills: 1, tokens: inputTokens, seconds });
    }
  }

  scraped(sample: ServerSample): void {
    this.windows.sample(sample, { ...this.seen });
    const { reservedTokens } = sample;
    if (this.kvLimit.isFull && reservedTokens !== undefined) {
      this.fullByServer = larger(this.fullByServer, reservedTokens);
    }
  }

  /** Everything so far. Call it when no stream is open any more. */
  observations(): Observations {
    this.beats.flush();
    this.endSpan();
    const { joining, idle, server } = this.prefill;
    const { highest, largest } = this.kvLimit;
    const full = this.unrefuted(larger(this.fullByServer, highest));
    return {
      decode: [...this.decode.values()].flatMap(({ items }) => items),
      singleSteps: this.singles.items,
      prefill: [joining, idle, server].flatMap(({ items }) => items),
      decodeSteps: this.seen.decodeSteps,
      prefills: this.seen.prefills,
      overhead: this.windows.overhead,
      decodeCheck: this.windows.decodeCheck,
      largestKvTokens: largest === undefined ? undefined : Math.floor(largest),
      fullKvTokens: full === undefined ? undefined : Math.floor(full),
      fullKvSource: full === undefined ? undefined : full === highest ? "client" : "server",
    };
  }

  /**
   * What looked like a full cache, unless the server has held more than that and one request another time: then it was
   * something else that had one wait, such as a connection.
   */
  private unrefuted(full: number | undefined): number | undefined {
    const { largest = 0 } = this.kvLimit;
    return full === undefined || largest >= full + this.largestReservation ? undefined : full;
  }

  private token(id: number, stream: Stream, at: number, isOnTime: boolean): void {
    if (stream.last === undefined) {
      stream.promptTokens = stream.planned.inputTokens * this.promptRatio;
      stream.last = this.beats.first(at, stream.promptTokens);
      stream.firstAt = at;
      this.waiting.delete(id);
      this.reserved += reservation(stream);
      this.largestReservation = Math.max(this.largestReservation, reservation(stream));
      this.seen.promptTokens += stream.promptTokens;
      if (stream.isAlone) {
        this.seen.idle += 1;
        this.seen.idleSeconds += at - stream.sentAt;
      }
    } else {
      const context = stream.promptTokens + stream.tokens;
      stream.last = this.beats.next(stream.last, at, context, isOnTime);
      this.seen.sequences += 1;
      this.seen.kvTokens += context;
    }
    stream.tokens += 1;
    this.begun(stream.last, at);
  }

  /** Tokens of a beat have come: whether it is a new one. */
  private begun(beat: Beat, at: number): void {
    if (this.newest !== undefined && beat.index <= this.newest.index) return;
    this.newest = beat;
    if (beat.kind === "prefill") {
      this.seen.prefills += 1;
      this.kvLimit.prefill();
    } else {
      this.seen.decodeSteps += 1;
      // Steps that come in a burst, since nobody has read them in time, were made before the newest requests were sent.
      const isLate = at - this.lastStepAt < ONE_STEP_SECONDS;
      this.lastStepAt = at;
      if (isLate) return;
      // The map keeps the order of sending.
      const [oldest] = this.waiting.values();
      this.kvLimit.step(this.reserved, oldest?.sentAtStep);
    }
  }

  private between(before: Beat, beat: Beat): void {
    const seconds = secondsBetween(before, beat);
    const isUsable = seconds > 0;
    if (beat.kind === "prefill") {
      this.endSpan();
      if (isUsable && beat.isBetween) {
        this.prefill.joining.add({ kind: "joining", prefills: 1, tokens: beat.tokens, seconds });
      }
      return;
    }
    if (!isUsable) {
      this.endSpan();
      return;
    }
    this.singles.add({ steps: 1, sequences: beat.sequences, kvTokens: beat.tokens, seconds });
    const { span } = this;
    if (span.steps > 0 && octaveOf(span.sequences / span.steps) !== octaveOf(beat.sequences)) this.endSpan();
    this.span.steps += 1;
    this.span.sequences += beat.sequences;
    this.span.kvTokens += beat.tokens;
    this.span.seconds += seconds;
    if (this.span.steps === SPAN_STEPS) this.endSpan();
  }

  private endSpan(): void {
    const { span } = this;
    if (span.steps === 0) return;
    const octave = octaveOf(span.sequences / span.steps);
    const reservoir = this.decode.get(octave) ?? new Reservoir<DecodeSpan>(KEPT, this.random);
    this.decode.set(octave, reservoir);
    reservoir.add(span);
    this.span = { steps: 0, sequences: 0, kvTokens: 0, seconds: 0 };
  }

  private get promptRatio(): number {
    return this.prompts.planned === 0 ? 1 : this.prompts.reported / this.prompts.planned;
  }
}

function octaveOf(sequences: number): number {
  return Math.floor(Math.log2(sequences));
}

function larger(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || (b !== undefined && b > a) ? b : a;
}

function reservation({ promptTokens, planned }: Stream): number {
  return promptTokens + planned.outputTokens - 1;
}
