import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJournal } from "../../standins/provider/journal";
import { isRunning } from "../rig/holdings";
import { until } from "../rig/wait";

/** Files of a run's folder by which the launcher of the CLI and the run know of each other. */
export const COMMAND_FILES = {
  /** Process id of the command that runs. */
  pid: "pid",
  /** There once the run ends: no command begins any more. */
  ended: "ended",
} as const;

const PATIENCE = { seconds: 5 };

/**
 * The CLI's commands of one run, one at a time. None outlives it: it would write its state into a folder that has been
 * removed.
 */
export class Commands {
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly folder: string) {}

  /** Knows of what runs commands, from its beginning to its end. */
  during<T>(operate: () => Promise<T>): Promise<T> {
    const operation = operate().finally(() => {
      this.running.delete(operation);
      // The system may give the number to another process.
      if (this.running.size === 0) rmSync(this.path("pid"), { force: true });
    });
    this.running.add(operation);
    return operation;
  }

  /** Process id of the command that runs. */
  pid(): number {
    const pid = this.begunPid();
    if (pid === undefined) throw new Error("no command of the CLI runs");
    return pid;
  }

  /** Kills what runs, has nothing more begin, and waits until nobody writes into the folder. */
  async end(): Promise<void> {
    if (this.running.size === 0) return;
    // Before the look for a command: one that begins now is seen, or sees this.
    writeFileSync(this.path("ended"), "");
    const pid = this.begunPid();
    if (pid !== undefined) kill(pid);
    await Promise.allSettled(this.running);
    await until("the stand-ins to end with their engine", () => noneRuns(this.folder), PATIENCE);
  }

  private begunPid(): number | undefined {
    if (!existsSync(this.path("pid"))) return undefined;
    const text = readFileSync(this.path("pid"), "utf8");
    const pid = Number(text);
    // 0 is one's own process group to the system, and a negative number another.
    if (!Number.isInteger(pid) || pid <= 0) throw new Error(`not a process id of the CLI: ${JSON.stringify(text)}`);
    return pid;
  }

  private path(file: keyof typeof COMMAND_FILES): string {
    return join(this.folder, COMMAND_FILES[file]);
  }
}

/** Whether all stand-ins of a run have ended; else a text that says how many operations of theirs are left. */
export function noneRuns(folder: string): object | string {
  const running = readJournal(folder).filter(({ pid }) => isRunning(pid));
  return running.length === 0 ? running : `${running.length} of their operations`;
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
