import { type Quantiles, QuantileTable } from "./quantiles";
import type { Random } from "./random";

/** Length of the pieces within which a rate stands still, seconds: well below an autoscaler's 15. */
export const STEP_SECONDS = 1;

/** How the rate of a run goes: its value in each step, in units that the run scales. */
export type RateShape = (steps: number, random: Random) => Float64Array;

/** One way in which a rate wanders about its mean: the logarithm of the rate is an Ornstein–Uhlenbeck process. */
export interface Swing {
  /** Variance of the logarithm. */
  readonly variance: number;
  /** Time after which the process has forgotten all but 1/e of where it was, seconds. 0: every step is new. */
  readonly memorySeconds: number;
}

/** A rate that swings, and that may fall silent. */
export interface Fluctuation {
  readonly swings: readonly Swing[];
  /** Lengths of the stretches with and without requests, whole seconds; a service that never rests has none. */
  readonly silence?: { readonly busySeconds: Quantiles; readonly silentSeconds: Quantiles };
}

/** The rate of a run that fluctuates like this; it begins with requests. */
export function fluctuating({ swings, silence }: Fluctuation): RateShape {
  return (steps, random) => {
    const logarithms = new Float64Array(steps);
    for (const swing of swings) addSwing(logarithms, swing, random);
    const rates = logarithms.map(Math.exp);
    if (silence !== undefined) {
      const busy = new QuantileTable(silence.busySeconds);
      const silent = new QuantileTable(silence.silentSeconds);
      for (let step = stretch(busy, random); step < steps; step += stretch(busy, random)) {
        const end = step + stretch(silent, random);
        rates.fill(0, step, end);
        step = end;
      }
    }
    return rates;
  };
}

function addSwing(logarithms: Float64Array, { variance, memorySeconds }: Swing, random: Random): void {
  const kept = memorySeconds === 0 ? 0 : Math.exp(-STEP_SECONDS / memorySeconds);
  const deviation = Math.sqrt(variance);
  const fresh = deviation * Math.sqrt(1 - kept * kept);
  let value = deviation * random.normal();
  for (let step = 0; step < logarithms.length; step++) {
    logarithms[step] = (logarithms[step] ?? 0) + value;
    value = kept * value + fresh * random.normal();
  }
}

function stretch(lengths: QuantileTable, random: Random): number {
  return Math.max(1, Math.round(lengths.at(random.uniform()) / STEP_SECONDS));
}
