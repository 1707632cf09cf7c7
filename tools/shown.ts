import { isAbsolute, relative, resolve, sep } from "node:path";

/** A path for people: from where they are what is below, else from the root. */
export function shownPath(path: string): string {
  const below = relative(process.cwd(), path);
  if (below === "") return ".";
  return below === ".." || below.startsWith(`..${sep}`) || isAbsolute(below) ? resolve(path) : below;
}

/** A text as one word of a command that people paste into a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
