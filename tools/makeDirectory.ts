import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * `mkdir -p`. Node's own never returns below a file system that refuses new folders, such as /proc.
 *
 * @throws Error that names the folder or file in whose place or below which none can be made.
 */
export function makeDirectory(directory: string): void {
  if (existsSync(directory)) {
    if (!statSync(directory).isDirectory()) throw new Error(`${directory} is not a folder`);
    return;
  }
  const parent = dirname(directory);
  makeDirectory(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Another command has been faster.
    if (code === "EEXIST" && existsSync(directory)) return;
    if (code === "EEXIST") throw new Error(`${directory} is a link that leads nowhere`);
    throw new Error(`no folder can be made in ${parent}: ${code ?? error}`);
  }
}
