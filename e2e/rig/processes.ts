import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { addFault } from "./faults";
import { assertAdmitting, dropProgram, holdProgram } from "./holdings";

/** A program that was started for a run, and is ended with it. */
export interface RunningProgram {
  readonly name: string;
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  /** The end of its output. */
  lastLines(count?: number): string;
  /** Asks it to end, and forces it when it does not. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
}

const PATIENCE_MS = 5000;
const running = new Set<RunningProgram>();

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Its starter looks whether it runs: that it ends by itself is no fault of the run. */
  readonly mayEnd?: boolean;
}

/**
 * Starts a program whose output goes to a file of the run's folder. When it ends by itself, who waits for anything
 * hears its last words.
 */
export function start(
  name: string,
  file: string,
  args: readonly string[],
  folder: string,
  { env = {}, mayEnd = false }: StartOptions = {},
): RunningProgram {
  assertAdmitting(name);
  const log = join(folder, `${name}.log`);
  const output = openSync(log, "a");
  // A group of its own: Ctrl-C reaches the run, which ends its programs in order.
  const child = spawn(file, args, {
    stdio: ["ignore", output, output],
    env: { ...process.env, ...env },
    detached: true,
  });
  closeSync(output);
  const { pid } = child;
  if (pid !== undefined) holdProgram(pid);
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(`has ended by itself with ${code ?? signal}`));
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
  });
  let isAsked = false;
  const endBy = (signal: "SIGTERM" | "SIGKILL") => {
    isAsked = true;
    return end(child, ended, signal);
  };
  const program: RunningProgram = {
    name,
    exitCode: () => exitCodeOf(child),
    lastLines: (count = 15) => readFileSync(log, "utf8").trimEnd().split("\n").slice(-count).join("\n"),
    stop: () => endBy("SIGTERM"),
    kill: () => endBy("SIGKILL"),
  };
  running.add(program);
  void ended.then((how) => {
    running.delete(program);
    if (pid !== undefined) dropProgram(pid);
    if (isAsked || mayEnd) return;
    addFault(`${name} ${how}:\n${program.lastLines()}`);
  });
  return program;
}

/** Ends everything that still runs, the youngest first. */
export async function stopAll(): Promise<void> {
  for (const program of [...running].reverse()) await program.stop();
}

function exitCodeOf(child: ChildProcess): number | undefined {
  return child.exitCode ?? (child.signalCode === null ? undefined : 128);
}

async function end(child: ChildProcess, ended: Promise<unknown>, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (exitCodeOf(child) !== undefined) return;
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await ended;
  clearTimeout(force);
}
