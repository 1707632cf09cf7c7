/** What a person can mend: the message says what was seen, the rule and the fix. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

/**
 * Uses a file.
 *
 * @param fix what to do about it, as a sentence, where the rule does not say so.
 * @throws Unusable with the path, the rule and the fix, where that fails.
 */
export function usable<T>(path: string, rule: string, use: (path: string) => T, fix?: string): T {
  try {
    return use(path);
  } catch (error) {
    const seen = `${path}: ${rule} (${error instanceof Error ? error.message : error}).`;
    throw new Unusable(fix === undefined ? seen : `${seen} ${fix}`);
  }
}
