import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stopAll } from "./processes";

/** What a run leaves to its end: folders to remove, things to close. */
const closers: (() => Promise<void> | void)[] = [];
const folders = new Set<string>();

/** A folder that goes with the run, unless it is to be kept. Its path is short: sockets live in it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "llm-e2e-"));
  folders.add(folder);
  return folder;
}

/** Takes a folder away before the run ends, unless it is to be kept. */
export function removeFolder(folder: string): void {
  if (!folders.delete(folder)) return;
  if (process.env.E2E_KEEP === "1") console.log(`kept ${folder}`);
  else rmSync(folder, { recursive: true, force: true });
}

/** Has something closed when the run ends, before the programs are. */
export function atEnd(close: () => Promise<void> | void): void {
  closers.push(close);
}

let ending: Promise<void> | undefined;

/** Ends everything that the run started, once, whoever asks: the last test, a fault, or Ctrl-C. */
export function endRun(): Promise<void> {
  ending ??= end();
  return ending;
}

async function end(): Promise<void> {
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch {
      // What cannot be closed any more has ended by itself; the rest must end too.
    }
  }
  await stopAll();
  for (const folder of folders) removeFolder(folder);
  ending = undefined;
}
