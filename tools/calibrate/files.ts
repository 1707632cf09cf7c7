import { accessSync, constants, mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { LoadedStack } from "../plan/load";
import { wrap } from "../plan/text";
import { writeWhole } from "../writeWhole";
import { DutyCycleError, parseDutyCycle } from "./measure/dutyCycle";
import type { CalibrateOptions } from "./options";
import { Unusable } from "./unusable";

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

/** Writes files into the stack's folder, each whole or not at all. @returns their paths, to be shown. */
export function writeFiles(
  { out, stack }: CalibrateOptions,
  files: Readonly<Record<string, string>>,
): readonly string[] {
  const folder = resolve(out, stack);
  try {
    mkdirSync(folder, { recursive: true });
    return Object.entries(files).map(([name, text]) => {
      const path = join(folder, name);
      writeWhole(path, text);
      return relative(process.cwd(), path);
    });
  } catch (error) {
    throw new Unusable(`${folder}: cannot be written (${error instanceof Error ? error.message : error}).`);
  }
}

/** What would be lost after twenty minutes is said before: files that cannot be read, or written. */
export function checkFiles(
  { dutyCycle, write, out, stack }: CalibrateOptions,
  { source }: LoadedStack,
  directory: string,
): void {
  if (write) usable(join(directory, source), "cannot be written", (file) => accessSync(file, constants.W_OK));
  if (dutyCycle !== undefined) {
    const text = usable(dutyCycle, "cannot be read", (file) => readFileSync(file, "utf8"));
    // Samples may still be written while it measures: a header alone will do.
    if (text.trim().includes("\n")) parseDutyCycle(text, dutyCycle);
  }
  usable(resolve(out, stack), "cannot be written", (folder) => {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  });
}

/** Samples that cannot be used must not cost what was measured beside them. */
export function dutyCycleIn(file: string | undefined, say: (text: string) => void) {
  if (file === undefined) return [];
  try {
    return parseDutyCycle(
      usable(file, "cannot be read", (path) => readFileSync(path, "utf8")),
      file,
    );
  } catch (error) {
    if (!(error instanceof DutyCycleError || error instanceof Unusable)) throw error;
    say(wrap(`${error.message} The GPU's signals are left out.`, "  ", ""));
    return [];
  }
}
