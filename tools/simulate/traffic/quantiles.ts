/** Quantiles of a distribution. */
export interface Quantiles {
  /** From 0 to 1, rising. */
  readonly probabilities: readonly number[];
  /** For each, the value that so large a share of the distribution does not exceed. */
  readonly values: readonly number[];
}

// Every probability in our tables is a multiple of one cell, so that the grid passes through the recorded quantiles.
const CELLS = 2000;

/** Draws from a distribution given by its quantiles, straight lines between them. */
export class QuantileTable {
  readonly #grid: Float64Array;

  constructor(quantiles: Quantiles) {
    this.#grid = Float64Array.from({ length: CELLS + 1 }, (_, cell) => interpolate(quantiles, cell / CELLS));
  }

  /** The value at a probability from 0, included, to 1, excluded. */
  at(probability: number): number {
    const position = probability * CELLS;
    const cell = Math.floor(position);
    const low = this.#grid[cell] ?? 0;
    return low + (position - cell) * ((this.#grid[cell + 1] ?? low) - low);
  }
}

function interpolate({ probabilities, values }: Quantiles, probability: number): number {
  const above = probabilities.findIndex((p) => p >= probability);
  const high = values[above] ?? 0;
  const low = values[above - 1] ?? high;
  const lowP = probabilities[above - 1] ?? probability;
  const highP = probabilities[above] ?? probability;
  return highP === lowP ? high : low + ((probability - lowP) / (highP - lowP)) * (high - low);
}

/** The quantile of values that are sorted already, straight lines between neighbours (R's type 7). */
export function quantileOf(sorted: ArrayLike<number>, probability: number): number {
  const position = probability * (sorted.length - 1);
  const index = Math.floor(position);
  const low = sorted[index] ?? Number.NaN;
  return low + (position - index) * ((sorted[index + 1] ?? low) - low);
}
