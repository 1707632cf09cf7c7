/** Go's integers, as far as the controller's arithmetic shows them. Exact for whole numbers up to 2^53. */

export const MAX_INT32 = 2_147_483_647;
const MIN_INT32 = -2_147_483_648;
/** 2^63 − 1 as a 64-bit float: 2^63. */
export const MAX_INT64 = 2 ** 63;
const MIN_INT64 = -(2 ** 63);

/**
 * Go's `int32(float64)`: the fraction is cut off. Go leaves open what becomes of a number that does not fit; this is
 * what amd64 does, which GKE's control planes run on.
 */
export function int32(value: number): number {
  return value > MIN_INT32 - 1 && value < MAX_INT32 + 1 ? value | 0 : MIN_INT32;
}

/** Go's sum of two `int32`, which wraps around. */
export function addInt32(a: number, b: number): number {
  return (a + b) | 0;
}

/** Go's `int64(float64)`, with what amd64 makes of infinity and of what is no number. */
export function int64(value: number): number {
  return value >= MIN_INT64 && value < MAX_INT64 ? Math.trunc(value) : MIN_INT64;
}

/** Go's division of integers, which cuts the fraction off: towards zero. */
export function quotient(dividend: number, divisor: number): number {
  return (dividend - (dividend % divisor)) / divisor;
}
