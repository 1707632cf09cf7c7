import "./leanPulumi";
import { relative, resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { planJson, problemsJson } from "./json";
import { loadStack, type Override } from "./load";
import { OutputError, writeManifests } from "./manifests";
import { planStack, StackProblems } from "./plan";
import { renderPlan, renderProblems } from "./render";
import { StackFileError } from "./stackFile";

interface Options {
  readonly stack: string;
  readonly set: readonly Override[];
  readonly diff?: true;
  readonly against?: string;
  readonly json?: true;
  readonly out: string;
}

/** Exit codes: problems with the stack, wrong usage. */
const PROBLEMS = 1;
const USAGE = 2;

const command = new Command("npm start --")
  .description("Shows what a stack would make, offline: nothing is created or contacted.")
  .option("--stack <name>", "the stack: Pulumi.<name>.yaml", "dev")
  .option("--set <key=value>", "override a config key, as often as you like", collectOverrides, [])
  .option("--diff", "what changes against the stack file without the --set's")
  .option("--against <file>", "the same against another stack file")
  .option("--json", "the plan as JSON (docs/plan.md)")
  .option("--out <dir>", "where the manifests go, in a folder per stack", "out")
  .helpOption("-h, --help", "this text")
  .configureHelp({ helpWidth: 80 })
  .allowExcessArguments(false)
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : USAGE));

function collectOverrides(text: string, earlier: readonly Override[]): readonly Override[] {
  const separator = text.indexOf("=");
  if (separator < 1) throw new InvalidArgumentError("It must be key=value, such as metricStrategy=batch-size.");
  return [...earlier, { key: text.slice(0, separator), value: text.slice(separator + 1) }];
}

async function main(): Promise<void> {
  const options = command.parse().opts<Options>();
  const directory = resolve(__dirname, "../..");
  const load = (file: string | undefined, overrides: readonly Override[]) =>
    loadStack({ directory, stack: options.stack, file: file === undefined ? undefined : resolve(file), overrides });
  const loaded = load(undefined, options.set);
  const compare = options.diff === true || options.against !== undefined;
  const plan = await planStack(loaded, compare ? load(options.against, []) : undefined);
  const out = resolve(options.out, options.stack);
  writeManifests(out, plan.manifests);
  const shown = relative(process.cwd(), out);
  console.log(
    options.json
      ? JSON.stringify(planJson(plan, shown), null, 2)
      : renderPlan(plan, { color: process.stdout.isTTY && process.env.NO_COLOR === undefined, directory: shown }),
  );
}

/** Says what went wrong and ends with the code that belongs to it. */
function fail(error: unknown): void {
  process.exitCode = PROBLEMS;
  if (error instanceof StackProblems) {
    if (command.opts<Options>().json)
      console.log(JSON.stringify(problemsJson(error.stackName, error.problems), null, 2));
    else console.error(renderProblems(error.stackName, error.problems));
  } else if (error instanceof StackFileError || error instanceof OutputError) {
    console.error(error.message);
  } else {
    throw error;
  }
}

main().catch(fail);
