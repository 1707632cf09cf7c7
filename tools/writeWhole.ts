import { randomBytes } from "node:crypto";
import { chmodSync, lstatSync, readlinkSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** How the name ends under which a file is written first: it is there still where a process was killed. */
export const ASIDE = /\.[0-9a-f]{16}\.new$/;

/**
 * Writes a file that is there whole, or as it was: also when the process is ended in the middle. A link stays one, and
 * what it leads to is written; permissions stay as they are.
 */
export function writeWhole(file: string, text: string): void {
  const target = targetOf(file);
  // Nobody else's.
  const aside = `${target}.${randomBytes(8).toString("hex")}.new`;
  const mode = statSync(target, { throwIfNoEntry: false })?.mode;
  try {
    writeFileSync(aside, text, { flag: "wx", ...(mode === undefined ? {} : { mode }) });
    // Of a new file, the umask takes some away.
    if (mode !== undefined) chmodSync(aside, mode);
    renameSync(aside, target);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** Where a path leads to, also where nothing is there yet. */
function targetOf(file: string): string {
  const entry = lstatSync(file, { throwIfNoEntry: false });
  if (entry?.isSymbolicLink() !== true) return file;
  try {
    return realpathSync(file);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
    return targetOf(resolve(dirname(file), readlinkSync(file)));
  }
}
