import type { Random } from "../../tools/simulate/traffic/random";

/**
 * Factors by which a server's steps differ: lognormal, so that none is negative, with mean 1.
 *
 * @param spread their standard deviation; 0 for a server that is always even.
 */
export function jitter(spread: number, random: Random): () => number {
  const variance = Math.log(1 + spread ** 2);
  const sigma = Math.sqrt(variance);
  return () => (spread === 0 ? 1 : Math.exp(sigma * random.normal() - variance / 2));
}
