import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import type { Result } from "./unit";
import type { Assignment, Unit } from "./units";

export interface ParallelOptions extends Pick<Assignment, "text" | "timeoutMs"> {
  /** Processes at a time. */
  readonly jobs: number;
  /** Hears a unit's whole output when the unit has ended. */
  readonly say: (output: string) => void;
}

/** Runs units, each in a process of its own. What it prints comes unit by unit. */
export class ParallelRun {
  private readonly running = new Set<ChildProcess>();
  private stopped = false;

  constructor(private readonly options: ParallelOptions) {}

  /** How all scenarios ended; a unit whose process broke counts as one failure. */
  async run(units: readonly Unit[]): Promise<Result> {
    const results = await this.all(
      units.filter(({ alone }) => !alone),
      this.options.jobs,
    );
    results.push(
      ...(await this.all(
        units.filter(({ alone }) => alone),
        1,
      )),
    );
    return {
      passes: results.reduce((sum, { passes }) => sum + passes, 0),
      failures: results.reduce((sum, { failures }) => sum + failures, 0),
    };
  }

  /** Has every process end what it started; `run` returns once they have. */
  stop(): void {
    this.stopped = true;
    for (const child of this.running) child.kill("SIGINT");
  }

  private async all(units: readonly Unit[], jobs: number): Promise<Result[]> {
    const waiting = [...units];
    const results: Result[] = [];
    const worker = async () => {
      for (let unit = waiting.shift(); unit !== undefined && !this.stopped; unit = waiting.shift()) {
        results.push(await this.one(unit));
      }
    };
    await Promise.all(Array.from({ length: jobs }, worker));
    return results;
  }

  private one({ file, title }: Unit): Promise<Result> {
    return new Promise((resolve) => {
      // A group of its own: Ctrl-C reaches the command alone, which tells each process once.
      const child = fork(join(__dirname, "unit.ts"), { silent: true, detached: true });
      this.running.add(child);
      const output: string[] = [];
      for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => output.push(String(chunk)));
      let result: Result | undefined;
      child.on("message", (message: Result) => {
        result = message;
      });
      child.on("close", (code) => {
        this.running.delete(child);
        if (result === undefined && !this.stopped) output.push(`${title}: its process ended with ${code}\n`);
        this.options.say(output.join(""));
        resolve(result ?? { passes: 0, failures: 1 });
      });
      const { text, timeoutMs } = this.options;
      const assignment: Assignment = { file, title, text, timeoutMs };
      child.send(assignment);
    });
  }
}
