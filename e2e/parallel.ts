import type { Result } from "./unit";
import { Broken, UnitProcess } from "./unitProcess";
import type { Assignment, Search, SuiteName, Unit } from "./units";

export interface ParallelOptions extends Pick<Assignment, "text" | "timeoutMs"> {
  /** Units at a time. */
  readonly jobs: number;
  /** Hears a unit's whole output when the unit has ended. */
  readonly say: (output: string) => void;
}

/**
 * What those that work side by side begin with. A cluster waits for most of its time, and an engine never does: run one
 * after the other, the suites would leave the machine idle first and overload it then.
 */
const LANES: readonly SuiteName[] = ["controlplane", "controlplane", "engine", "controlplane"];

/** Runs units in some processes. What is printed comes unit by unit. */
export class ParallelRun {
  private readonly processes = new Set<UnitProcess>();
  /** Those of the processes that have nothing to do. */
  private readonly idle: UnitProcess[] = [];
  private stopped = false;

  constructor(private readonly options: ParallelOptions) {}

  /** The units of some suites that have a scenario with the run's text, longest first. */
  async find(suites: readonly SuiteName[], { profile }: Pick<Search, "profile">): Promise<readonly Unit[]> {
    const { text } = this.options;
    const found = suites.map(async (suite) => {
      const process = this.start(suite);
      const units = await process.find({ suite, profile, text });
      this.idle.push(process);
      return units;
    });
    return (await Promise.all(found)).flat().sort((a, b) => b.seconds - a.seconds);
  }

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
    const total = (count: keyof Result) => results.reduce((sum, result) => sum + result[count], 0);
    return { passes: total("passes"), failures: total("failures"), leading: total("leading") };
  }

  /** Has every process end what it started; `run` returns once they have. */
  stop(): void {
    this.stopped = true;
    for (const process of this.processes) process.interrupt();
  }

  /** Ends the processes, when nothing more is to be run. */
  async end(): Promise<void> {
    await Promise.all([...this.processes].map((process) => process.end()));
  }

  private async all(units: readonly Unit[], jobs: number): Promise<Result[]> {
    const waiting = [...units];
    const results: Result[] = [];
    const worker = async (_: unknown, index: number) => {
      const first = LANES[index % LANES.length];
      let process: UnitProcess | undefined;
      for (;;) {
        const unit = this.stopped ? undefined : takeNext(waiting, process?.suite ?? first);
        if (unit === undefined) break;
        process ??= this.idleOf(unit.suite) ?? this.start(unit.suite);
        results.push(await this.one(process, unit));
        if (!this.processes.has(process)) process = undefined;
      }
      if (process !== undefined) this.idle.push(process);
    };
    await Promise.all(Array.from({ length: jobs }).map(worker));
    return results;
  }

  private async one(process: UnitProcess, { file, title }: Unit): Promise<Result> {
    const { text, timeoutMs, say } = this.options;
    try {
      const { output, ...result } = await process.run({ file, title, text, timeoutMs });
      say(output);
      return result;
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      this.processes.delete(process);
      say(this.stopped ? error.output : `${error.output}${title}: ${error.message}\n`);
      return { passes: 0, failures: 1, leading: 0 };
    }
  }

  private start(suite: SuiteName): UnitProcess {
    const process = new UnitProcess(suite);
    this.processes.add(process);
    return process;
  }

  /** A process that has loaded a suite and waits. */
  private idleOf(suite: SuiteName): UnitProcess | undefined {
    const index = this.idle.findIndex((process) => process.suite === suite);
    return index < 0 ? undefined : this.idle.splice(index, 1)[0];
  }
}

/** The first of a suite: a process that has loaded it goes on with it. The first of all where the suite has none left. */
function takeNext(waiting: Unit[], suite: SuiteName | undefined): Unit | undefined {
  const index = waiting.findIndex((unit) => unit.suite === suite);
  return waiting.splice(Math.max(0, index), 1)[0];
}
