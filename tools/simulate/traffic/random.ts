import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { TrafficError } from "./arrival";

type Generator = ReturnType<typeof xoroshiro128plus>;

/** Largest seed: the generator keeps 32 bits of it, so that larger ones would repeat smaller ones. */
export const MAX_SEED = 2 ** 32 - 1;

/** One stream of random numbers. V8 computes `Math.log` and `Math.exp` in software: the same on every machine. */
export class Random {
  readonly #generator: Generator;
  #spareNormal: number | undefined;

  constructor(generator: Generator) {
    this.#generator = generator;
  }

  /** From 0, included, to 1, excluded. */
  uniform(): number {
    return uniformFloat64(this.#generator);
  }

  /** Waiting time of a Poisson process with one event per unit of time. */
  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /** Mean 0, variance 1: Marsaglia's polar method, which makes them in pairs. */
  normal(): number {
    if (this.#spareNormal !== undefined) {
      const spare = this.#spareNormal;
      this.#spareNormal = undefined;
      return spare;
    }
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        this.#spareNormal = y * factor;
        return x * factor;
      }
    }
  }
}

/** What traffic draws, each from a stream of its own: another rate leaves the lengths as they were. */
export interface Streams {
  /** How the rate swings. */
  readonly rate: Random;
  /** When requests arrive, given the rate. */
  readonly arrivals: Random;
  /** What happens beside the traffic: delays, places. */
  readonly world: Random;
  /** How long requests and answers are. */
  readonly lengths: Random;
}

/**
 * The streams of a seed.
 *
 * @throws TrafficError for a seed that is not a whole number from 0 to {@link MAX_SEED}
 */
export function streams(seed: number): Streams {
  if (!Number.isInteger(seed) || seed < 0 || seed > MAX_SEED) {
    throw new TrafficError(`seed ${seed}: a seed is a whole number from 0 to ${MAX_SEED}`);
  }
  const generator = xoroshiro128plus(scatter(seed));
  // A jump is 2⁶⁴ numbers long, so that streams never meet.
  const next = () => {
    generator.jump();
    return new Random(generator.clone());
  };
  return { rate: next(), arrivals: next(), lengths: next(), world: next() };
}

/** Neighbouring seeds would start the generator in related states. MurmurHash3's finalizer, which loses no seed. */
function scatter(seed: number): number {
  let bits = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
