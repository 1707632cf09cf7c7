import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { Override } from "./plan/load";
import { WIDTH, wrap } from "./plan/text";

/** Where a command writes to. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

/** Exit codes that all commands share: problems with what they were given; wrong usage. */
export const EXIT = { fine: 0, problems: 1, usage: 2 } as const;

/** A command whose help and errors fit a terminal, and which leaves the process to its caller. */
export function commandOf(name: string, { out, error }: Output): Command {
  return new Command(name)
    .helpOption("-h, --help", "this text")
    .configureHelp({ helpWidth: WIDTH })
    .configureOutput({
      writeOut: (text) => out(text.trimEnd()),
      writeErr: (text) => error(wrap(text.trimEnd(), "  ", "")),
    })
    .exitOverride();
}

/**
 * Gives a command its arguments.
 *
 * @returns the exit code, where there is nothing more to do: the help was asked for, or the usage is wrong.
 */
export function exitOf(command: Command, args: readonly string[]): number | undefined {
  try {
    command.parse([...args], { from: "user" });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    throw error;
  }
}

/** Lets a process end well whose reader (head, a pager) has seen enough. */
export function outliveReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

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

/** What `--set` is without being given: a default of its own would stand in the help, as an empty list. */
export const NO_OVERRIDES: [key: string, value: readonly Override[], source: "default"] = ["set", [], "default"];

/** A number above 0, in decimal digits. */
export function positive(text: string): number {
  return decimal(text, "a number above 0", (value) => value > 0 && value < Number.POSITIVE_INFINITY);
}

/** A number above 0, in decimal digits, the upper bound included. */
export function upTo(most: number): (text: string) => number {
  return (text) => decimal(text, `a number above 0 and at most ${most}`, (value) => value > 0 && value <= most);
}

/** A whole number in decimal digits, both bounds included. */
export function whole(least: number, most: number): (text: string) => number {
  const isWithin = (value: number) => Number.isInteger(value) && value >= least && value <= most;
  return (text) => decimal(text, `a whole number from ${least} to ${most}`, isWithin, /^\d+$/);
}

/** A number in decimal digits, both bounds included. */
export function between(least: number, most: number): (text: string) => number {
  return (text) => decimal(text, `a number from ${least} to ${most}`, (value) => value >= least && value <= most);
}

function decimal(text: string, what: string, holds: (value: number) => boolean, form = /^\d+(\.\d+)?$/): number {
  const value = Number(text);
  if (form.test(text) && holds(value)) return value;
  // Something like 1e6 is what the rule asks for, except for how it is written.
  const isOnlyForm = text.trim() !== "" && holds(value);
  throw new InvalidArgumentError(`It must be ${what}${isOnlyForm ? ", in decimal digits, without an exponent" : ""}.`);
}
