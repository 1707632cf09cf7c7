import { type Arrival, type Trace, type Traffic, TrafficError } from "./arrival";
import { type Random, streams } from "./random";

/** How a trace is played. */
export interface Playback {
  /**
   * Mean requests per second over the part that is played. Fewer than recorded: each request stays with the same
   * probability. More: whole copies of the trace are laid over each other, the last one thinned, each shifted by up to
   * a minute. Time stays as it was: an autoscaler meets the recorded slopes, which faster playing would steepen.
   */
  readonly rate?: number;
  /** Shorter than the trace: its beginning. Longer: the trace over and over. */
  readonly durationSeconds?: number;
  /** So many times faster than recorded, slopes and bursts included; 1 unless set. */
  readonly speed?: number;
}

/** More copies than this say nothing that fewer do not: it is a rate in the wrong unit. */
const MOST_COPIES = 1000;

/** Copies are apart by up to so much: further than bursts of seconds, nearer than an autoscaler's minutes. */
const LONGEST_SHIFT_SECONDS = 60;

/** So much of a run is in memory at once while copies are merged. */
const BLOCK_SECONDS = 10;

/** The stretch of a trace that is played over and over. */
interface Loop {
  readonly trace: Trace;
  readonly requests: number;
  readonly seconds: number;
}

/**
 * Plays a trace.
 *
 * @throws TrafficError for a rate that is out of all proportion to the recorded one
 */
export function recordedTraffic(trace: Trace, { rate, durationSeconds, speed = 1 }: Playback = {}): Traffic {
  const loop = loopOf(speed === 1 ? trace : { ...trace, at: trace.at.map((at) => at / speed) }, durationSeconds);
  const recorded = loop.requests / loop.seconds;
  const factor = rate === undefined ? 1 : rate / recorded;
  if (factor > MOST_COPIES) {
    const most = Math.floor(recorded * MOST_COPIES);
    throw new TrafficError(
      `rate ${rate}: ${trace.name} has ${Number(recorded.toPrecision(3))} requests/s and can be scaled up to ${most}`,
    );
  }
  const duration = durationSeconds ?? loop.seconds;
  return {
    name: trace.name,
    kind: "recorded",
    durationSeconds: duration,
    meanRate: (factor * requestsBefore(loop, duration)) / duration,
    arrivals: (seed) => ({ [Symbol.iterator]: () => merged(copies(loop, factor, streams(seed).arrivals), duration) }),
  };
}

/** A trace ends a mean gap after its last request, so that the seam between two rounds is no burst. */
function loopOf(trace: Trace, durationSeconds = Number.POSITIVE_INFINITY): Loop {
  const count = trace.at.length;
  const seconds = ((trace.at[count - 1] ?? 0) * count) / (count - 1);
  return durationSeconds < seconds
    ? { trace, requests: firstAtOrAfter(trace.at, count, durationSeconds), seconds: durationSeconds }
    : { trace, requests: count, seconds };
}

function requestsBefore({ trace, requests, seconds }: Loop, duration: number): number {
  const rounds = Math.floor(duration / seconds);
  return rounds * requests + firstAtOrAfter(trace.at, requests, duration - rounds * seconds);
}

/** Index of the first of the first `count` times that is not before `time`. */
function firstAtOrAfter(times: Float64Array, count: number, time: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function copies(loop: Loop, factor: number, random: Random): readonly Copy[] {
  return Array.from({ length: Math.ceil(factor) }, (_, index) => {
    const shift = index === 0 ? 0 : random.uniform() * Math.min(LONGEST_SHIFT_SECONDS, loop.seconds);
    return new Copy(loop, shift, Math.min(1, factor - index), random);
  });
}

/** One copy of a loop, turned by its shift: what falls off the end comes first. */
class Copy {
  #index: number;
  #roundStart: number;

  constructor(
    private readonly loop: Loop,
    shiftSeconds: number,
    private readonly kept: number,
    private readonly random: Random,
  ) {
    this.#roundStart = shiftSeconds - (shiftSeconds > 0 ? loop.seconds : 0);
    this.#index = firstAtOrAfter(loop.trace.at, loop.requests, -this.#roundStart);
  }

  /** Adds the requests before a time to the others. */
  take(until: number, to: Arrival[]): void {
    const { trace, requests, seconds } = this.loop;
    for (;;) {
      if (this.#index === requests) {
        this.#index = 0;
        this.#roundStart += seconds;
      }
      const index = this.#index;
      const at = this.#roundStart + (trace.at[index] ?? 0);
      if (at >= until) return;
      this.#index++;
      if (this.kept === 1 || this.random.uniform() < this.kept) {
        to.push({ at, inputTokens: trace.input[index] ?? 0, outputTokens: trace.output[index] ?? 0 });
      }
    }
  }
}

function* merged(all: readonly Copy[], durationSeconds: number): IterableIterator<Arrival> {
  for (let block = 1; (block - 1) * BLOCK_SECONDS < durationSeconds; block++) {
    const arrivals: Arrival[] = [];
    for (const copy of all) copy.take(Math.min(block * BLOCK_SECONDS, durationSeconds), arrivals);
    if (all.length > 1) arrivals.sort((a, b) => a.at - b.at);
    yield* arrivals;
  }
}
