import { outliveReader } from "../arguments";
import { runCalibrate } from "./cli";
import { reach } from "./reach";

/**
 * Runs the command as a process: Ctrl-C ends the measuring, and the report follows; twice ends it at once.
 *
 * @param directory where `Pulumi.yaml` and the stack files are.
 */
export async function main(directory: string): Promise<void> {
  outliveReader();
  const interruption = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    // The exit's own hooks end a stand-in that was started.
    if (interruption.signal.aborted) process.exit(130);
    interruption.abort(new Error(`ended by ${signal}`));
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, interrupt);
  process.exitCode = await runCalibrate(process.argv.slice(2), {
    directory,
    out: console.log,
    error: console.error,
    terminal: process.stderr,
    isScreen: process.stdout.isTTY === true,
    color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    env: process.env,
    reach,
    signal: interruption.signal,
    // What follows is arithmetic, and files that are there whole or not at all: a signal may end it at once.
    released: () => {
      for (const signal of signals) process.off(signal, interrupt);
    },
  });
}
