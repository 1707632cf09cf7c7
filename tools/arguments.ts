import { InvalidArgumentError } from "commander";
import type { Override } from "./plan/load";
import { DurationError, parseDuration } from "./simulate/duration";
import { MAX_SEED } from "./simulate/traffic/random";

/** Pulumi's own rule for names of stacks; it keeps paths out of the names of files and folders. */
export function stackName(text: string): string {
  if (!/^[\w.-]{1,100}$/.test(text) || /^\.+$/.test(text)) {
    throw new InvalidArgumentError("It must be a stack's name: letters, digits, hyphens, underscores and periods.");
  }
  return text;
}

/** `--set key=value`, as often as one likes. */
export function collectOverrides(text: string, earlier: readonly Override[] = []): readonly Override[] {
  const separator = text.indexOf("=");
  if (separator < 1) throw new InvalidArgumentError("It must be key=value, such as metricStrategy=batch-size.");
  return [...earlier, { key: text.slice(0, separator), value: text.slice(separator + 1) }];
}

/** A length of time such as `90s`, in seconds. */
export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

export function positive(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError("It must be a number above 0.");
  return value;
}

export function seed(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= MAX_SEED)) throw new InvalidArgumentError(`It must be a whole number from 0 to ${MAX_SEED}.`);
  return value;
}
