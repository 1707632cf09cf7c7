import { createHash } from "node:crypto";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Operation } from "./settings";
import type { WireObject } from "./wire";

/** An operation of a stand-in. Its inputs are told by a hash only: they may hold secrets. */
export interface JournalEntry {
  readonly operation: Operation;
  /** Of the stand-in. */
  readonly pid: number;
  readonly urn: string;
  readonly name: string;
  readonly inputs: string;
  /** Milliseconds since 1970. */
  readonly begin: number;
  /** Undefined while it runs, and for ever when the stand-in was killed. */
  readonly end: number | undefined;
  readonly error: string | undefined;
}

interface Line {
  readonly key: string;
  readonly at: number;
  readonly begins?: Pick<JournalEntry, "operation" | "pid" | "urn" | "name" | "inputs">;
  readonly error?: string;
}

const FILE = "journal.jsonl";
let count = 0;

/** Writes that an operation begins, and returns what writes its end. */
export function begin(
  folder: string,
  operation: Operation,
  urn: string,
  name: string,
  inputs: WireObject,
): (error?: string) => void {
  const key = `${process.pid}-${++count}`;
  const hash = createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
  const write = (line: Omit<Line, "key" | "at">) =>
    appendFileSync(join(folder, FILE), `${JSON.stringify({ key, at: Date.now(), ...line })}\n`);
  write({ begins: { operation, pid: process.pid, urn, name, inputs: hash } });
  return (error) => write(error === undefined ? {} : { error });
}

/** Everything that the stand-ins of a run have done, in the order of its beginning. */
export function readJournal(folder: string): readonly JournalEntry[] {
  const path = join(folder, FILE);
  const entries = new Map<string, JournalEntry>();
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  for (const row of text.split("\n").filter((part) => part !== "")) {
    const { key, at, begins, error }: Line = JSON.parse(row);
    const entry = entries.get(key);
    if (begins !== undefined) entries.set(key, { ...begins, begin: at, end: undefined, error: undefined });
    else if (entry !== undefined) entries.set(key, { ...entry, end: at, error });
  }
  return [...entries.values()];
}
