import { readdirSync } from "node:fs";
import { join } from "node:path";
import Mocha from "mocha";

export const SUITES = ["controlplane", "engine"] as const;
export type SuiteName = (typeof SUITES)[number];

/** What runs in a process of its own: the scenarios of one `describe`, which share a cluster or a project. */
export interface Unit {
  readonly file: string;
  readonly title: string;
  /** It measures times, so nothing else may run beside it. */
  readonly alone: boolean;
}

/** What a unit's process is asked to run. */
export interface Assignment extends Pick<Unit, "file" | "title"> {
  /** Of the scenarios' titles, all of them without it. */
  readonly text: string | undefined;
  /** Of one scenario. */
  readonly timeoutMs: number;
}

/** What there is to see in real time; the rest would show the same, only later. */
const REAL_TIME: readonly string[] = ["scales.e2e.ts"];
/** Files whose scenarios hold measured times against each other. */
const TIMED: readonly string[] = ["order.e2e.ts"];

/** The units of some suites for a profile, without those of which no scenario's title contains a text. */
export async function findUnits(
  suites: readonly SuiteName[],
  profile: string,
  text: string | undefined,
): Promise<readonly Unit[]> {
  const units: Unit[] = [];
  for (const suite of suites) {
    const folder = join(__dirname, suite);
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith(".e2e.ts") || (profile === "real-time" && !REAL_TIME.includes(name))) continue;
      const file = join(folder, name);
      for (const described of (await loaded(file)).suite.suites) {
        const wanted = text === undefined || titlesOf(described).some((title) => title.includes(text));
        if (wanted) units.push({ file, title: described.title, alone: TIMED.includes(name) });
      }
    }
  }
  return units;
}

/** Mocha with one unit's scenarios and no others. */
export async function mochaOf({ file, title, text, timeoutMs }: Assignment): Promise<Mocha> {
  const grep = text === undefined ? {} : { fgrep: text };
  const mocha = await loaded(file, { reporter: "spec", timeout: timeoutMs, ...grep });
  mocha.suite.suites = mocha.suite.suites.filter((suite) => suite.title === title);
  return mocha;
}

async function loaded(file: string, options: Mocha.MochaOptions = {}): Promise<Mocha> {
  const mocha = new Mocha(options);
  mocha.addFile(file);
  await mocha.loadFilesAsync();
  return mocha;
}

function titlesOf(suite: Mocha.Suite): readonly string[] {
  return [...suite.tests.map((test) => test.fullTitle()), ...suite.suites.flatMap(titlesOf)];
}
