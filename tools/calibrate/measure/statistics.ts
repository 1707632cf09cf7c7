import { deviation, mean } from "d3-array";
import { jStat } from "jstat";
import type { Estimate } from "../contract";

/** Two-sided 95 % of a normal distribution. */
export const NORMAL_95 = 1.959964;
/** And of Student's t, as a quantile. */
const UPPER_95 = 0.975;

/** Mean of some independent values with Student's interval; of one value there is no interval. */
export function studentEstimate(values: readonly number[]): Estimate {
  const middle = mean(values) ?? Number.NaN;
  const spread = deviation(values);
  if (spread === undefined) return { mean: middle, low: Number.NaN, high: Number.NaN };
  const half = (jStat.studentt.inv(UPPER_95, values.length - 1) * spread) / Math.sqrt(values.length);
  return { mean: middle, low: middle - half, high: middle + half };
}

/** A share with Wilson's interval, which stays within 0 and 1 and is right near them. Of nothing: not numbers. */
export function wilsonEstimate(successes: number, of: number): Estimate {
  if (of === 0) return { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
  const share = successes / of;
  const square = NORMAL_95 ** 2;
  const middle = (share + square / (2 * of)) / (1 + square / of);
  const half = (NORMAL_95 / (1 + square / of)) * Math.sqrt((share * (1 - share)) / of + square / (4 * of * of));
  return { mean: share, low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * The best falling line of steps through some values in order (pool adjacent violators): where more load seems to do
 * better than less, both are taken for one.
 *
 * @param weights how much each value is worth, more than 0.
 */
export function notRising(values: readonly number[], weights: readonly number[]): readonly number[] {
  const pools: { mean: number; weight: number; count: number }[] = [];
  for (const [index, value] of values.entries()) {
    let pool = { mean: value, weight: weights[index] ?? 1, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.mean < pool.mean; last = pools.at(-1)) {
      const weight = last.weight + pool.weight;
      const middle = (last.mean * last.weight + pool.mean * pool.weight) / weight;
      pool = { mean: middle, weight, count: last.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap((pool) => new Array<number>(pool.count).fill(pool.mean));
}
