import { resolve } from "node:path";
import type { Command } from "commander";
import { collectOverrides, commandOf, EXIT, exitOf, type Output, stackName } from "../arguments";
import { shownPath } from "../shown";
import { errorJson, planJson, problemsJson } from "./json";
import { loadStack, type Override } from "./load";
import { OutputError, writeManifests } from "./manifests";
import { planStack, StackProblems } from "./plan";
import { renderProblems } from "./problems";
import { renderChanges, renderPlan } from "./render";
import { StackFileError } from "./stackFile";
import { wrap } from "./text";

interface Options {
  readonly stack: string;
  readonly set?: readonly Override[];
  readonly diff?: true;
  readonly against?: string;
  readonly json?: true;
  readonly out: string;
}

/** Where the command runs, and where it writes to. */
export interface Surroundings extends Output {
  /** Where `Pulumi.yaml` and the stack files are. */
  readonly directory: string;
  readonly color: boolean;
}

/**
 * Runs `npm start` with its arguments.
 *
 * @returns the exit code: 0 fine, 1 problems with the stack or its files, 2 wrong usage.
 */
export async function runPlan(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const command = planCommand(surroundings);
  const exit = exitOf(command, args);
  if (exit !== undefined) return exit;
  const options = command.opts<Options>();
  try {
    await printPlan(options, surroundings);
    return 0;
  } catch (error) {
    if (error instanceof StackProblems) {
      if (options.json) surroundings.out(JSON.stringify(problemsJson(error.stackName, error.problems), null, 2));
      else surroundings.error(renderProblems(error.stackName, error.origin, error.problems));
    } else if (error instanceof StackFileError || error instanceof OutputError) {
      if (options.json) surroundings.out(JSON.stringify(errorJson(options.stack, error.message), null, 2));
      else surroundings.error(wrap(error.message, "  ", ""));
    } else {
      throw error;
    }
    return EXIT.problems;
  }
}

function planCommand(surroundings: Surroundings): Command {
  return commandOf("npm start --", surroundings)
    .description("Shows what a stack would make, offline: nothing is created or contacted.")
    .option("--stack <name>", "the stack: Pulumi.<name>.yaml", stackName, "dev")
    .option("--set <key=value>", "override a config key, as often as you like", collectOverrides)
    .option("--diff", "only what changes against the stack file as it is")
    .option("--against <file>", "only what changes against another stack file")
    .option("--json", "the plan as JSON (docs/plan.md)")
    .option("--out <dir>", "where the manifests go, in a folder per stack", "out");
}

async function printPlan(options: Options, surroundings: Surroundings): Promise<void> {
  const load = (file: string | undefined, overrides: readonly Override[]) =>
    loadStack({
      directory: surroundings.directory,
      stack: options.stack,
      file: file === undefined ? undefined : resolve(file),
      overrides,
    });
  const loaded = load(undefined, options.set ?? []);
  const compare = options.diff === true || options.against !== undefined;
  const plan = await planStack(loaded, compare ? load(options.against, []) : undefined);
  const directory = resolve(options.out, options.stack);
  writeManifests(directory, plan.manifests);
  const shown = shownPath(directory);
  const style = { color: surroundings.color, directory: shown };
  if (options.json) surroundings.out(JSON.stringify(planJson(plan, shown), null, 2));
  else if (plan.diff === undefined) surroundings.out(renderPlan(plan, style));
  else surroundings.out(renderChanges(plan, plan.diff, { ...style, against: options.against ?? loaded.source }));
}
