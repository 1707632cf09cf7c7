import { InvalidArgumentError } from "commander";
import type { Override } from "./plan/load";

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
