import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Operation = "create" | "update" | "delete" | "read";

/** Something that goes wrong, as often as it is told to. */
export interface Fault {
  readonly operation: Operation;
  /** Logical name of the resource. */
  readonly name: string;
  readonly how: /** The cloud refuses: nothing has changed. */
    | "refused"
    /** The object exists, but does not come to life: the provider gives up. */
    | "half-way"
    /** The object exists, and the provider waits for it until the operation's own timeout. */
    | "never-ready";
  /** How many operations it hits; all of them by default. */
  readonly times?: number;
}

/** What a run tells its stand-ins, in a file of its folder that each operation reads. */
export interface StandInSettings {
  /** How many milliseconds stand for a minute of the cloud's; 0 for a cloud that answers at once. */
  readonly msPerMinute: number;
  readonly faults: readonly Fault[];
}

/** The environment variable with the run's folder. */
export const FOLDER_VARIABLE = "ENGINE_RUN_FOLDER";

const FILE = "stand-ins.json";
const STRUCK = "struck";

/** Settings that hold from now on; the faults begin to count anew. */
export function writeSettings(folder: string, settings: StandInSettings): void {
  rmSync(join(folder, STRUCK), { recursive: true, force: true });
  mkdirSync(join(folder, STRUCK));
  writeFileSync(join(folder, FILE), JSON.stringify(settings));
}

export function readSettings(folder: string): StandInSettings {
  return JSON.parse(readFileSync(join(folder, FILE), "utf8"));
}

/** The fault that hits an operation, used up by one where it has a number of times. */
export function takeFault(folder: string, operation: Operation, name: string): Fault | undefined {
  return readSettings(folder).faults.find(
    (fault) => fault.operation === operation && fault.name === name && takeOnce(folder, fault),
  );
}

/** A file for each time that a fault has struck: the two stand-ins, and the next ones, count together. */
function takeOnce(folder: string, { operation, name, how, times }: Fault): boolean {
  if (times === undefined) return true;
  for (let time = 1; time <= times; time++) {
    try {
      writeFileSync(join(folder, STRUCK, `${operation}-${name}-${how}-${time}`), "", { flag: "wx" });
      return true;
    } catch {
      // That time has been taken.
    }
  }
  return false;
}
