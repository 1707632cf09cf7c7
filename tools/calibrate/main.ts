import { runCalibrate } from "./cli";
import { reach } from "./reach";

/**
 * Runs the command as a process: Ctrl-C ends the measuring, and the report follows; twice ends it at once.
 *
 * @param directory where `Pulumi.yaml` and the stack files are.
 */
export async function main(directory: string): Promise<void> {
  // Whoever reads (head, a pager) may have seen enough.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));
  }
  process.exitCode = await runCalibrate(process.argv.slice(2), {
    directory,
    out: console.log,
    error: console.error,
    terminal: process.stderr,
    color: process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
    env: process.env,
    reach,
    signal: interruption.signal,
  });
}
