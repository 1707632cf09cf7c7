/** What a person can mend: the message says what was seen, the rule and the fix. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

/**
 * Uses a file.
 *
 * @throws Unusable with the path and the rule, where that fails.
 */
export function usable<T>(path: string, rule: string, use: (path: string) => T): T {
  try {
    return use(path);
  } catch (error) {
    throw new Unusable(`${path}: ${rule} (${error instanceof Error ? error.message : error}).`);
  }
}
