import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What one run of a command took. */
export interface Figure {
  readonly seconds: number;
  /** Peak resident memory of the largest of its processes, in MB; not a number where there is no `/proc`. */
  readonly megabytes: number;
}

const RUNS = 7;
const WARM_UPS = 2;
/** The kernel keeps the peak, so looking this often can only miss what the last moments add. */
const LOOK_EVERY_MS = 5;

/**
 * Medians of several commands, each the arguments of a Node process. They take turns, so that a machine that changes
 * its speed changes it for all of them.
 */
export async function measure(commands: Readonly<Record<string, readonly string[]>>): Promise<Record<string, Figure>> {
  const runs = new Map<string, Figure[]>(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < WARM_UPS + RUNS; round += 1) {
    for (const [name, args] of Object.entries(commands)) {
      const figure = await runOnce(name, args);
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

async function runOnce(name: string, args: readonly string[]): Promise<Figure> {
  const begin = process.hrtime.bigint();
  const child = spawn(process.execPath, args, { cwd: join(__dirname, ".."), stdio: ["ignore", "pipe", "pipe"] });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));

  let kilobytes = Number.NaN;
  const look = setInterval(() => {
    kilobytes = Math.max(Number.isNaN(kilobytes) ? 0 : kilobytes, ...peaksOf(child.pid)) || Number.NaN;
  }, LOOK_EVERY_MS);
  const [status] = await once(child, "exit");
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  clearInterval(look);

  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${output.join("")}`);
  return { seconds, megabytes: kilobytes / 1024 };
}

/** Peaks of a process and of its children (the compiler is a native program behind a Node script), in KB. */
function peaksOf(pid: number | undefined): number[] {
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter((child) => child !== "");
  return [String(pid), ...children].flatMap((process) => {
    const peak = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${process}/status`) ?? "")?.[1];
    return peak === undefined ? [] : [Number(peak)];
  });
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // The process has ended since, or the system has no /proc.
    return undefined;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
