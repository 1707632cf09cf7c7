import { rmSync } from "node:fs";

/** What a run would leave behind if its process were killed: programs, each the head of a process group, and folders. */
export interface Holdings {
  readonly programs: readonly number[];
  readonly folders: readonly string[];
}

const programs = new Set<number>();
const folders = new Set<string>();
let isOpen = true;
let tell: (holdings: Holdings) => void = () => undefined;

/** Has somebody who outlives this process know what there is, each time it changes. */
export function onHoldings(listener: typeof tell): void {
  tell = listener;
}

/**
 * Says that a run takes no more from now on, or that one begins. While a run ends, a scenario may still be starting
 * things: nobody would end those.
 */
export function admit(more: boolean): void {
  isOpen = more;
}

export function isAdmitting(): boolean {
  return isOpen;
}

/** @throws when the run has begun to end. */
export function assertAdmitting(what: string): void {
  if (!isOpen) throw new Error(`${what}: too late, the run ends`);
}

export function holdProgram(pid: number): void {
  programs.add(pid);
  changed();
}

export function dropProgram(pid: number): void {
  programs.delete(pid);
  changed();
}

export function holdFolder(folder: string): void {
  folders.add(folder);
  changed();
}

/** @returns whether it was held. */
export function dropFolder(folder: string): boolean {
  const held = folders.delete(folder);
  if (held) changed();
  return held;
}

export function heldFolders(): readonly string[] {
  return [...folders];
}

function changed(): void {
  tell({ programs: [...programs], folders: [...folders] });
}

/** Ends and removes what a process held that was killed. */
export function release(left: Holdings): void {
  for (const pid of left.programs) killGroup(pid);
  for (const folder of left.folders) discard(folder);
}

/** Kills a process that heads a group, and all that are in it. */
export function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

export function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's is one that runs.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Removes a folder of a run, unless it is to be kept. */
export function discard(folder: string): void {
  if (process.env.E2E_KEEP === "1") console.log(`kept ${folder}`);
  // A program that is being killed may still write.
  else rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
