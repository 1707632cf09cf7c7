import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoadedStack } from "../plan/load";
import { wrap } from "../plan/text";
import { prepareFolder } from "../stackFolder";
import { checkReplaceable, Unusable, usable } from "../usable";
import { DutyCycleError, parseDutyCycle } from "./measure/dutyCycle";
import type { CalibrateOptions } from "./options";

/** What would be lost after half an hour is said before: files that cannot be read, or written. */
export function checkFiles(
  { dutyCycle, write, out, stack }: CalibrateOptions,
  { source }: LoadedStack,
  directory: string,
): void {
  if (write) checkReplaceable(join(directory, source));
  if (dutyCycle !== undefined) {
    const text = usable(dutyCycle, "cannot be read", (file) => readFileSync(file, "utf8"));
    // Samples may still be written while it measures: a header alone will do.
    if (text.trim().includes("\n")) parseDutyCycle(text, dutyCycle);
  }
  prepareFolder({ out, stack });
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
