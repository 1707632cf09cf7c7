import { readFileSync } from "node:fs";
import { parseDocument, stringify } from "yaml";
import { PROJECT_NAME, parseConfig } from "../../config/parse";
import type { LoadedStack } from "../plan/load";
import { StackFileError } from "../plan/stackFile";
import { writeWhole } from "../writeWhole";
import type { Setting } from "./settings";

/** The lines of a stack file, below `config:`, that make a setting. */
export function settingLines(setting: Setting, project = PROJECT_NAME): readonly string[] {
  return keyLines(valuesOf(setting), project);
}

/** The lines of a stack file, below `config:`, for values of our own keys. */
export function keyLines(values: Readonly<Record<string, unknown>>, project = PROJECT_NAME): readonly string[] {
  const own = Object.entries(values).map(([key, value]) => [`${project}:${key}`, value]);
  return stringify(Object.fromEntries(own), { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => `  ${line}`);
}

function valuesOf({ strategy, target, behavior }: Setting): Record<string, unknown> {
  return {
    metricStrategy: strategy,
    metricTarget: target,
    ...(behavior === undefined ? {} : { scaleBehavior: behavior }),
  };
}

/**
 * Puts a setting into a stack file: three keys change, comments and the order of the rest stay. The file is replaced
 * whole or not at all.
 *
 * @throws StackFileError when the stack would have problems with it.
 */
export function writeSetting(path: string, loaded: LoadedStack, setting: Setting): void {
  writeKeys(path, loaded, { scaleBehavior: undefined, ...valuesOf(setting) });
}

/**
 * Puts values of our own keys into a stack file, and takes away those that are undefined; comments and the order of the
 * rest stay. The file is replaced whole or not at all.
 *
 * @throws StackFileError when the stack would have problems with it.
 */
export function writeKeys(path: string, { project, stack, raw }: LoadedStack, values: Record<string, unknown>): void {
  const next: Record<string, string> = { ...raw };
  const document = parseDocument(readFileSync(path, "utf8"));
  for (const [key, value] of Object.entries(values)) {
    const full = `${project}:${key}`;
    if (value === undefined) {
      delete next[full];
      document.deleteIn(["config", full]);
    } else {
      next[full] = typeof value === "object" ? JSON.stringify(value) : String(value);
      document.setIn(["config", full], document.createNode(value));
    }
  }
  const { verdict } = parseConfig(next, stack, project);
  if (verdict.problems.length > 0) {
    throw new StackFileError(
      `${path} is left as it is: the setting would be refused (${verdict.problems.length} problems).`,
    );
  }
  writeWhole(path, document.toString({ lineWidth: 0 }));
}
