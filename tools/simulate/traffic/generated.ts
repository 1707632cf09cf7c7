import type { Arrival, Traffic } from "./arrival";
import { Lengths, type LengthTables } from "./lengths";
import { type Random, streams } from "./random";
import { type RateShape, STEP_SECONDS } from "./rates";

/** What a generator is made of. */
export interface Generator {
  readonly name: string;
  readonly durationSeconds: number;
  readonly shape: RateShape;
  /**
   * Requests per second. `mean`: of the run, whatever the shape; the rate of each run is scaled to it, so that runs of
   * several seeds offer the same load. `unit`: what a 1 of the shape stands for.
   */
  readonly rate: { readonly mean: number } | { readonly unit: number };
  readonly lengths: LengthTables;
}

/** Traffic by a generator: Poisson arrivals at a rate that changes from step to step, lengths drawn one by one. */
export function generatedTraffic({ name, durationSeconds, shape, rate, lengths }: Generator): Traffic {
  const drawn = new Lengths(lengths);
  const rates = (random: Random) => {
    const relative = shape(Math.ceil(durationSeconds / STEP_SECONDS), random);
    const unit = "unit" in rate ? rate.unit : rate.mean / meanOf(relative, durationSeconds);
    return relative.map((value) => value * unit);
  };
  return {
    name,
    kind: "generated",
    durationSeconds,
    meanRate: "mean" in rate ? rate.mean : meanOf(rates(streams(0).rate), durationSeconds),
    arrivals: (seed) => ({
      *[Symbol.iterator]() {
        const random = streams(seed);
        yield* poisson(rates(random.rate), durationSeconds, random.arrivals, (at) => drawn.next(at, random.lengths));
      },
    }),
  };
}

function meanOf(rates: Float64Array, durationSeconds: number): number {
  let sum = 0;
  for (const [step, rate] of rates.entries()) sum += rate * lengthOf(step, durationSeconds);
  return sum / durationSeconds;
}

/** A run that is no whole number of steps ends within one. */
function lengthOf(step: number, durationSeconds: number): number {
  return Math.min(STEP_SECONDS, durationSeconds - step * STEP_SECONDS);
}

/** Each waiting time is an exponential one at rate 1, spent at the rate of the moment: exact, and no draw is wasted. */
function* poisson(
  rates: Float64Array,
  durationSeconds: number,
  random: Random,
  arrival: (at: number) => Arrival,
): IterableIterator<Arrival> {
  let wait = random.exponential();
  for (let step = 0; step < rates.length; step++) {
    const rate = rates[step] ?? 0;
    const start = step * STEP_SECONDS;
    const length = lengthOf(step, durationSeconds);
    const expected = rate * length;
    let spent = 0;
    while (wait < expected - spent) {
      spent += wait;
      // Rounding must not carry a request past those of the next step.
      yield arrival(start + Math.min(spent / rate, length));
      wait = random.exponential();
    }
    wait -= expected - spent;
  }
}
