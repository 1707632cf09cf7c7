import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";
import { lookedAround } from "./rig/failures";
import { assertNoFault } from "./rig/faults";

export const SUITES = ["controlplane", "engine"] as const;
export type SuiteName = (typeof SUITES)[number];

/** The scenarios of one `describe`, which share a cluster or a project. */
export interface Unit {
  readonly suite: SuiteName;
  readonly file: string;
  readonly title: string;
  /** It measures times, so nothing else may run beside it. */
  readonly alone: boolean;
  /** How long it takes, more or less. */
  readonly seconds: number;
}

/** Which units are looked for. */
export interface Search {
  readonly suite: SuiteName;
  readonly profile: string;
  /** At least one scenario's title contains this; any without it. */
  readonly text: string | undefined;
}

/** What a process is asked to run. */
export interface Assignment extends Pick<Unit, "file" | "title"> {
  /** The last scenario that runs is the last whose title contains this; all of them without it. */
  readonly text: string | undefined;
  /** Of one scenario. */
  readonly timeoutMs: number;
}

/** What there is to see in real time; the rest would show the same, only later. */
const REAL_TIME: readonly string[] = ["scales.e2e.ts"];
/** Files whose scenarios hold measured times against each other. */
const TIMED: readonly string[] = ["order.e2e.ts"];
/** Of units that take long: they begin first, so that none is left over at the end. */
const SECONDS: Readonly<Record<string, number>> = {
  "survivesItsCluster.e2e.ts": 120,
  "survivesItsSignal.e2e.ts": 110,
  "survivesASwitch.e2e.ts": 100,
  "controlGroupTutorial.e2e.ts": 110,
  "controlGroupOurs.e2e.ts": 100,
  "scales.e2e.ts": 70,
  "edits.e2e.ts": 60,
  "accepted.e2e.ts": 40,
  "faults.e2e.ts": 40,
};
const SHORT_SECONDS = 30;

/** The units of a suite, as files and their titles have them. */
export async function findUnits({ suite, profile, text }: Search): Promise<readonly Unit[]> {
  const units: Unit[] = [];
  const folder = join(__dirname, suite);
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith(".e2e.ts") || (profile === "real-time" && !REAL_TIME.includes(name))) continue;
    const file = join(folder, name);
    for (const described of (await loaded(file)).suite.suites) {
      const tests = testsOf(described);
      if (tests.length === 0) throw new Error(`${name}: there is no scenario in ${JSON.stringify(described.title)}`);
      const wanted = text === undefined || tests.some((test) => test.fullTitle().includes(text));
      const seconds = SECONDS[name] ?? SHORT_SECONDS;
      if (wanted) units.push({ suite, file, title: described.title, alone: TIMED.includes(name), seconds });
    }
  }
  return units;
}

/** Holds after each scenario: a fault of the rig fails it although nobody waited any more, and a failure is looked at. */
const ROOT_HOOKS = {
  async afterEach(this: Mocha.Context) {
    await lookedAround();
    if (this.currentTest?.state !== "failed") assertNoFault();
  },
};

/** Mocha with one unit's scenarios and no others. */
export async function mochaOf({ file, title, text, timeoutMs }: Assignment): Promise<Mocha> {
  const mocha = await loaded(file, { reporter: "spec", timeout: timeoutMs, rootHooks: ROOT_HOOKS });
  mocha.suite.suites = mocha.suite.suites.filter((suite) => suite.title === title);
  if (text !== undefined) dropAfterLast(mocha.suite, text);
  return mocha;
}

/**
 * Drops the scenarios after the last one with a text. Those before it stay, whatever they are called: scenarios of one
 * `describe` share a cluster or a project, and most begin where the one before has ended.
 */
function dropAfterLast(suite: Mocha.Suite, text: string): void {
  const tests = testsOf(suite);
  const kept = new Set(tests.slice(0, tests.findLastIndex((test) => test.fullTitle().includes(text)) + 1));
  const drop = (from: Mocha.Suite) => {
    from.tests = from.tests.filter((test) => kept.has(test));
    from.suites.forEach(drop);
  };
  drop(suite);
}

async function loaded(file: string, options: Mocha.MochaOptions = {}): Promise<Mocha> {
  const mocha = new Mocha(options);
  mocha.addFile(file);
  // Scenarios are told to Mocha while their file is read: it must be read each time, what it imports need not be.
  mocha.unloadFiles();
  await mocha.loadFilesAsync();
  return mocha;
}

/** In the order in which Mocha runs them. */
function testsOf(suite: Mocha.Suite): readonly Mocha.Test[] {
  return [...suite.tests, ...suite.suites.flatMap(testsOf)];
}
