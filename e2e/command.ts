import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, CommanderError, Option } from "commander";
import Mocha from "mocha";
import { Unprepared } from "./rig/binaries";
import { endRun } from "./rig/run";

const SUITES = ["controlplane", "engine"] as const;
type Suite = (typeof SUITES)[number];

const EXIT = { fine: 0, failed: 1, usage: 2, interrupted: 130 } as const;
/** A scenario waits for conditions with deadlines of its own; this ends one that hangs. */
const TIMEOUT_MS = { fast: 5 * 60_000, "real-time": 40 * 60_000 } as const;

interface Options {
  readonly profile: keyof typeof TIMEOUT_MS;
  readonly keep: boolean;
  readonly grep?: string;
}

async function main(): Promise<number> {
  const command = new Command("e2e")
    .description("Runs the stack on a real Kubernetes control plane and the real Pulumi engine, on this machine alone.")
    .addArgument(new Argument("[suite]", "one of the suites; both without it").choices(SUITES))
    .addOption(
      new Option("--profile <name>", "how fast delays are played").choices(["fast", "real-time"]).default("fast"),
    )
    .option("--keep", "leave the run's folder: logs, state, timelines", false)
    .option("--grep <text>", "only scenarios whose title contains this")
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(text) });
  try {
    command.parse();
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
    throw error;
  }
  const [suite] = command.processedArgs as [Suite | undefined];
  const { profile, keep, grep } = command.opts<Options>();
  process.env.E2E_PROFILE = profile;
  if (keep) process.env.E2E_KEEP = "1";
  const failures = await run(suite === undefined ? SUITES : [suite], TIMEOUT_MS[profile], grep);
  return failures === 0 ? EXIT.fine : EXIT.failed;
}

async function run(suites: readonly Suite[], timeout: number, grep: string | undefined): Promise<number> {
  const mocha = new Mocha({ timeout, reporter: "spec", ...(grep === undefined ? {} : { fgrep: grep }) });
  for (const suite of suites) {
    const folder = join(__dirname, suite);
    for (const file of readdirSync(folder).sort()) if (file.endsWith(".e2e.ts")) mocha.addFile(join(folder, file));
  }
  return new Promise((resolve) => mocha.run(resolve));
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.error("\nending what the run started …");
    void endRun().then(() => process.exit(EXIT.interrupted));
  });
}

main()
  .catch((error: unknown) => {
    console.error(error instanceof Unprepared ? error.message : error);
    return EXIT.failed;
  })
  .then(async (code) => {
    await endRun();
    process.exit(code);
  });
