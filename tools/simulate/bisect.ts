/** A number that was tried, and what came of it. */
interface Tried<T> {
  readonly result: T;
  readonly holds: boolean;
}

/**
 * What came of the largest number that holds, looked for by halving the ratio of a range's ends.
 *
 * @param low holds, or is below everything that is looked for.
 * @param halvings tries.
 * @param tryOut is told how many tries there were before.
 * @returns undefined where none of the tries holds.
 */
export function largestThatHolds<T>(
  { low, high }: { readonly low: number; readonly high: number },
  halvings: number,
  tryOut: (value: number, before: number) => Tried<T>,
): T | undefined {
  let [from, to] = [low, high];
  let best: T | undefined;
  for (let before = 0; before < halvings; before += 1) {
    const middle = Math.sqrt(from * to);
    const { result, holds } = tryOut(middle, before);
    if (holds) {
      best = result;
      from = middle;
    } else to = middle;
  }
  return best;
}
