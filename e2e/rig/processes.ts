import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";

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
/** Those that ended although nobody had them end. */
const lost = new Set<RunningProgram>();

/** Starts a program whose output goes to a file of the run's folder. */
export function start(
  name: string,
  file: string,
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  const log = join(folder, `${name}.log`);
  const output = openSync(log, "a");
  // A group of its own: Ctrl-C reaches the run, which ends its programs in order.
  const child = spawn(file, args, {
    stdio: ["ignore", output, output],
    env: { ...process.env, ...env },
    detached: true,
  });
  closeSync(output);
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
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
  void ended.then(() => {
    running.delete(program);
    if (!isAsked) lost.add(program);
  });
  return program;
}

/** Ends everything that still runs, the youngest first. */
export async function stopAll(): Promise<void> {
  for (const program of [...running].reverse()) await program.stop();
  lost.clear();
}

/** What a failure may come from: the last words of programs that ended by themselves. */
export function lastWords(): readonly string[] {
  return [...lost].map((program) => `${program.name} has ended with ${program.exitCode()}:\n${program.lastLines(5)}`);
}

function exitCodeOf(child: ChildProcess): number | undefined {
  return child.exitCode ?? (child.signalCode === null ? undefined : 128);
}

async function end(child: ChildProcess, ended: Promise<void>, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (exitCodeOf(child) !== undefined) return;
  child.kill(signal);
  const force = setTimeout(() => child.kill("SIGKILL"), PATIENCE_MS);
  await ended;
  clearTimeout(force);
}
