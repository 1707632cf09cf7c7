import { mkdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { usable } from "./usable";
import { writeWhole } from "./writeWhole";

/**
 * Writes a file into a stack's folder of output, whole or not at all.
 *
 * @returns its path, to be shown.
 * @throws Unusable when it cannot be written.
 */
export function writeOutput({ out, stack }: { out: string; stack: string }, name: string, text: string): string {
  const file = join(resolve(out, stack), name);
  usable(file, "cannot be written", () => {
    mkdirSync(dirname(file), { recursive: true });
    writeWhole(file, text);
  });
  return relative(process.cwd(), file);
}
