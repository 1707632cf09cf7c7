import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** What one run of a command took. */
export interface Figure {
  readonly seconds: number;
  /** Peak resident memory of the largest of its processes, in MB; not a number where there is no `/proc`. */
  readonly megabytes: number;
  /** What the last run printed. */
  readonly output: string;
}

/** A command to measure. */
export interface Command {
  /** Node without it. */
  readonly file?: string;
  readonly args: readonly string[];
  /** The repository without it. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** In the command line of the process whose memory counts; all of them without it. */
  readonly measured?: RegExp;
}

/** How often a command runs; what warms up does not count. */
export interface Rounds {
  readonly warmUps: number;
  readonly runs: number;
}

const ROUNDS: Rounds = { warmUps: 2, runs: 7 };
/** The kernel keeps the peak, so looking this often can only miss what the last moments add. */
const LOOK_EVERY_MS = 5;

/**
 * Medians of several commands. They take turns, so that a machine that changes its speed changes it for all of them.
 */
export async function measure(
  commands: Readonly<Record<string, Command>>,
  { warmUps, runs: counted }: Rounds = ROUNDS,
): Promise<Record<string, Figure>> {
  const runs = new Map<string, Figure[]>(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < warmUps + counted; round += 1) {
    for (const [name, command] of Object.entries(commands)) {
      const figure = await runOnce(name, command);
      if (round >= warmUps) runs.get(name)?.push(figure);
    }
  }
  return Object.fromEntries(
    [...runs].map(([name, figures]) => [
      name,
      {
        seconds: median(figures.map((it) => it.seconds)),
        megabytes: median(figures.map((it) => it.megabytes)),
        output: figures.at(-1)?.output ?? "",
      },
    ]),
  );
}

async function runOnce(name: string, { file, args, cwd, env, measured = /./ }: Command): Promise<Figure> {
  const begin = process.hrtime.bigint();
  const child = spawn(file ?? process.execPath, args, {
    cwd: cwd ?? join(__dirname, ".."),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => output.push(String(chunk)));

  let kilobytes = Number.NaN;
  const look = setInterval(() => {
    kilobytes =
      Math.max(Number.isNaN(kilobytes) ? 0 : kilobytes, ...peaksOf(String(child.pid), measured)) || Number.NaN;
  }, LOOK_EVERY_MS);
  const [status] = await once(child, "exit");
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  clearInterval(look);

  if (status !== 0) throw new Error(`${name} ended with ${status}:\n${output.join("")}`);
  return { seconds, megabytes: kilobytes / 1024, output: output.join("") };
}

/** Peaks of a process and of all that it started, in KB, as far as their command lines match. */
function peaksOf(pid: string, measured: RegExp): number[] {
  // A program of several threads starts others from any of them.
  const children = tasksOf(pid).flatMap((task) => (read(`/proc/${pid}/task/${task}/children`) ?? "").split(" "));
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  const counts = peak !== undefined && measured.test((read(`/proc/${pid}/cmdline`) ?? "").replaceAll("\0", " "));
  return [
    ...(counts ? [Number(peak)] : []),
    ...children.filter((child) => child !== "").flatMap((child) => peaksOf(child, measured)),
  ];
}

function tasksOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    // The process has ended since, or the system has no /proc.
    return [];
  }
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
