import { accessSync, constants } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { makeDirectory } from "./makeDirectory";
import { shownPath } from "./shown";
import { usable } from "./usable";
import { writeWhole } from "./writeWhole";

/** What the commands write beside the manifests of `npm start`, which leaves these where they are. */
export const OUTPUT_FILES = [
  "calibrate-job.yaml",
  "calibration.html",
  "calibration.json",
  "calibration-partial.html",
  "calibration-stand-in.html",
  "calibration-stand-in.json",
  "calibration-stand-in-partial.html",
  "inference-perf-closed.yaml",
  "inference-perf-open.yaml",
  "simulation.html",
] as const;
export type OutputFile = (typeof OUTPUT_FILES)[number];

/** What to do where nothing can be written. */
export const ANOTHER_FOLDER = "Choose another folder with --out.";

/** Where the commands write to: a folder for each stack. */
interface Folder {
  readonly out: string;
  readonly stack: string;
}

/**
 * Makes a stack's folder of output, before work is done that would be lost without it.
 *
 * @throws Unusable when nothing can be written there.
 */
export function prepareFolder({ out, stack }: Folder): void {
  writable(resolve(out, stack), (folder) => {
    makeDirectory(folder);
    accessSync(folder, constants.W_OK);
  });
}

/**
 * Writes a file into a stack's folder of output, whole or not at all.
 *
 * @returns its path, to be shown.
 * @throws Unusable when it cannot be written.
 */
export function writeOutput({ out, stack }: Folder, name: OutputFile, text: string): string {
  const file = join(resolve(out, stack), name);
  writable(file, () => {
    makeDirectory(dirname(file));
    writeWhole(file, text);
  });
  return shownPath(file);
}

function writable(path: string, write: (path: string) => void): void {
  usable(path, "cannot be written", write, ANOTHER_FOLDER);
}
