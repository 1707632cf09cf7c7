import { cpus, totalmem } from "node:os";
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ParallelRun } from "./parallel";
import { type GroupName, programs, Unprepared } from "./rig/binaries";
import { SUITES, type SuiteName } from "./units";

const EXIT = { fine: 0, failed: 1, usage: 2, interrupted: 130 } as const;
/** A scenario waits for conditions with deadlines of its own; this ends one that hangs. */
const TIMEOUT_MS = { fast: 5 * 60_000, "real-time": 40 * 60_000 } as const;
/** What a suite's programs are built from. */
const PROGRAMS: Readonly<Record<SuiteName, GroupName>> = { controlplane: "kubernetes", engine: "pulumi" };
/** Three of four units wait most of their time. Each takes about 1 GB. */
const JOBS = Math.max(1, Math.min(8, 4 * cpus().length, Math.floor(totalmem() / 1.5e9)));

interface Options {
  readonly profile: keyof typeof TIMEOUT_MS;
  readonly jobs: number;
  readonly keep: boolean;
  readonly grep?: string;
}

const HELP = `
Scenarios of one unit share a cluster or a project, and most begin where the one before has ended: --grep runs each
unit that has a match from its first scenario to its last match.

In real time nothing is shortened, and one run takes about 30 minutes. Only the scaling of controlplane is played then,
on one signal of each kind: the other scenarios would show the same, only later. The engine has no delays to play.

ADAPTER_BINARY=path has the metrics adapter's own binary, which you have built, take the place of its stand-in. It looks
back five real minutes in every profile: the two scenarios that watch what it forgets are left out.

Exit code: 0 all passed, 1 some failed, 2 wrong usage, 130 interrupted.`;

async function main(): Promise<number> {
  const command = new Command("npm run e2e --")
    .description("Runs the stack on a real Kubernetes control plane and the real Pulumi engine, on this machine alone.")
    .addArgument(new Argument("[suite]", "one of the suites; both without it").choices(SUITES))
    .addOption(
      new Option("--profile <name>", "how fast delays are played").choices(["fast", "real-time"]).default("fast"),
    )
    .option("--jobs <number>", "clusters and projects that run at a time", positiveInteger, JOBS)
    .option("--keep", "leave the run's folders: logs, state", false)
    .option("--grep <text>", "only scenarios whose title contains this, and those that lead there")
    .addHelpText("after", HELP)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  try {
    command.parse();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    throw error;
  }
  const [suite] = command.processedArgs as [SuiteName | undefined];
  const options = command.opts<Options>();
  if (options.profile === "real-time" && suite === "engine") {
    console.error("engine has no delays that real time would change: leave --profile out, or run controlplane in it");
    return EXIT.usage;
  }
  process.env.E2E_PROFILE = options.profile;
  if (options.keep) process.env.E2E_KEEP = "1";

  // Before anything is started: a first build takes minutes, and leaves a folder where it is not told to end.
  const interruption = new AbortController();
  const { signal } = interruption;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      console.error("\nending what the run started …");
      interruption.abort();
    });
  }
  try {
    return await play(suitesOf(options, suite), options, signal);
  } catch (error) {
    // Whatever was under way has been broken off.
    if (signal.aborted) return EXIT.interrupted;
    throw error;
  }
}

function suitesOf({ profile }: Options, suite: SuiteName | undefined): readonly SuiteName[] {
  if (suite !== undefined) return [suite];
  return profile === "real-time" ? ["controlplane"] : SUITES;
}

async function play(
  suites: readonly SuiteName[],
  { profile, grep, jobs }: Options,
  signal: AbortSignal,
): Promise<number> {
  const begin = Date.now();
  const say = (output: string) => void process.stdout.write(output);
  const run = new ParallelRun({ jobs, text: grep, timeoutMs: TIMEOUT_MS[profile], say });
  signal.addEventListener("abort", () => run.stop());
  const units = await run.find(suites, { profile });
  if (units.length === 0) {
    console.error(`profile ${profile}: no scenario's title contains ${JSON.stringify(grep)}`);
    return EXIT.usage;
  }
  for (const each of suites) await programs(PROGRAMS[each], console.log, signal);

  const { passes, failures, leading } = await run.run(units);
  if (signal.aborted) return EXIT.interrupted;
  await run.end();
  console.log(`\n${Math.round((Date.now() - begin) / 1000)} s`);
  const led = leading === 0 ? "" : `; ${leading} of them lack ${JSON.stringify(grep)} and lead to one that has it`;
  console.log(`${passes} passed, ${failures} failed${led}`);
  return failures === 0 ? EXIT.fine : EXIT.failed;
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("Must be a whole number from 1 on.");
  return value;
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Unprepared ? error.message : error);
    return EXIT.failed;
  })
  .then((code) => process.exit(code));
