import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetLooks, lookedAround } from "./failures";
import { forgetFault } from "./faults";
import { admit, assertAdmitting, discard, dropFolder, heldFolders, holdFolder } from "./holdings";
import { stopAll } from "./processes";

/** What a run leaves to its end besides programs and folders: things to close. */
const closers: (() => Promise<void> | void)[] = [];

/** A folder that goes with the run, unless it is to be kept. Its path is short: sockets live in it. */
export function temporaryFolder(): string {
  assertAdmitting("a temporary folder");
  const folder = mkdtempSync(join(tmpdir(), "llm-e2e-"));
  holdFolder(folder);
  return folder;
}

/** Takes a folder away before the run ends, unless it is to be kept. */
export function removeFolder(folder: string): void {
  if (dropFolder(folder)) discard(folder);
}

/** Has something closed when the run ends, before the programs are. */
export function atEnd(close: () => Promise<void> | void): void {
  closers.push(close);
}

let ending: Promise<void> | undefined;

/** Ends everything that the run started, once, whoever asks: the last test, a fault, or Ctrl-C. */
export function endRun(): Promise<void> {
  admit(false);
  ending ??= end();
  return ending;
}

/** Has a run begin after one that has ended. */
export function beginRun(): void {
  admit(true);
}

async function end(): Promise<void> {
  await lookedAround();
  for (const close of closers.splice(0).reverse()) {
    try {
      await close();
    } catch {
      // What cannot be closed any more has ended by itself; the rest must end too.
    }
  }
  await stopAll();
  for (const folder of heldFolders()) removeFolder(folder);
  forgetFault();
  forgetLooks();
  ending = undefined;
}
