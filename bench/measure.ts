import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** What one run of a command took. */
export interface Figure {
  readonly seconds: number;
  /** Peak resident memory of the process itself, in MB. */
  readonly megabytes: number;
}

const RUNS = 7;
const WARM_UPS = 2;
const MEMORY_HOOK = join(__dirname, "memory.cjs");

/**
 * Medians of several commands, each the arguments of a Node process. They take turns, so that a machine that changes
 * its speed changes it for all of them.
 */
export function measure(commands: Readonly<Record<string, readonly string[]>>): Record<string, Figure> {
  const runs = new Map<string, Figure[]>(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < WARM_UPS + RUNS; round += 1) {
    for (const [name, args] of Object.entries(commands)) {
      const figure = runOnce(name, args);
      if (round >= WARM_UPS) runs.get(name)?.push(figure);
    }
  }
  return Object.fromEntries(
    [...runs].map(([name, figures]) => [
      name,
      { seconds: median(figures.map((it) => it.seconds)), megabytes: median(figures.map((it) => it.megabytes)) },
    ]),
  );
}

function runOnce(name: string, args: readonly string[]): Figure {
  const begin = process.hrtime.bigint();
  const { status, output } = spawnSync(process.execPath, ["--require", MEMORY_HOOK, ...args], {
    cwd: join(__dirname, ".."),
    encoding: "utf8",
    maxBuffer: 2 ** 26,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, MEASURE_FD: "3" },
  });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${output.join("\n")}`);
  const peaks = (output[3] ?? "").split("\n").filter((line) => line !== "");
  return { seconds, megabytes: Math.max(...peaks.map(Number)) / 1024 };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
