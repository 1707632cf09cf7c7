import { accessSync, constants, realpathSync } from "node:fs";
import { dirname } from "node:path";

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

/**
 * Says before long work that a file may not be written after it: the file itself, and its folder, since it is replaced
 * by one that is written beside it.
 *
 * @throws Unusable
 */
export function checkReplaceable(path: string): void {
  usable(path, "cannot be written", (file) => {
    for (const each of [file, dirname(realpathSync(file))]) accessSync(each, constants.W_OK);
  });
}
