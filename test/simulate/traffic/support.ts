import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Trace } from "../../../tools/simulate/traffic/arrival";

/** The headers of traces. */
export const AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens";
export const PLAIN = "timestamp,input_tokens,output_tokens";

/** A file of these lines. */
export function lines(...all: string[]): string {
  return `${all.join("\n")}\n`;
}

/** The first so many. */
export function first<T>(values: Iterable<T>, count: number): readonly T[] {
  const taken: T[] = [];
  for (const value of values) {
    taken.push(value);
    if (taken.length === count) break;
  }
  return taken;
}

/** A trace in memory, its n-th request with n input tokens. */
export function traceOf(times: readonly number[]): Trace {
  return {
    name: "trace.csv",
    at: Float64Array.from(times),
    input: Uint32Array.from(times, (_, index) => index),
    output: Uint32Array.from(times, () => 10),
  };
}

/** Runs something on a file with the content, which is removed afterwards. */
export async function withFile<T>(content: string | Uint8Array, use: (path: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "trace-"));
  const path = join(directory, "trace.csv");
  writeFileSync(path, content);
  try {
    return await use(path);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
