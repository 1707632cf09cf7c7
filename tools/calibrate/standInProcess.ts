import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Override } from "../plan/load";

/** The stand-in in a process of its own, so that it and its client do not wait for each other. */
export interface StandInProcess {
  readonly url: string;
  end(): Promise<void>;
}

/** The stand-in did not start: the message is its own. */
export class StandInError extends Error {
  override readonly name = "StandInError";
}

/**
 * Starts the stand-in of a stack's server on any free port of this machine.
 *
 * @throws StandInError
 */
export async function startStandIn(stack: string, overrides: readonly Override[]): Promise<StandInProcess> {
  const command = join(__dirname, "../../standins/tgi/command.ts");
  const set = overrides.flatMap(({ key, value }) => ["--set", `${key}=${value}`]);
  const child = spawn(
    process.execPath,
    ["--require", require.resolve("tsx/cjs"), command, "--port", "0", "--json", "--stack", stack, ...set],
    // A group of its own: Ctrl-C is for the client, which ends the server when it has reported.
    { stdio: ["ignore", "pipe", "pipe"], detached: true },
  );
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const end = async () => {
    process.off("exit", kill);
    // Twice: it does not wait for answers that nobody wants any more.
    for (const signal of ["SIGINT", "SIGINT"] as const) child.kill(signal);
    await ended;
  };
  return { url: await firstLine(child), end };
}

async function firstLine(child: ChildProcess): Promise<string> {
  const errors: string[] = [];
  child.stderr?.on("data", (chunk) => errors.push(String(chunk)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) =>
      reject(new StandInError(errors.join("").trim() || `the stand-in ended with ${code} before it listened`)),
    );
    if (child.stdout === null) return;
    createInterface(child.stdout).once("line", (line) => {
      const { url } = JSON.parse(line) as { readonly url: string };
      resolve(url);
    });
  });
}
