import { renameSync, writeFileSync } from "node:fs";

/** Writes a file that is there whole, or as it was: also when the process is ended in the middle. */
export function writeWhole(file: string, text: string): void {
  const aside = `${file}.new`;
  writeFileSync(aside, text);
  renameSync(aside, file);
}
