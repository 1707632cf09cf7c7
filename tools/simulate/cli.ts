import { mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { CommanderError } from "commander";
import { loadStack } from "../plan/load";
import { renderProblems } from "../plan/problems";
import { StackFileError } from "../plan/stackFile";
import { heading, WIDTH, wrap } from "../plan/text";
import { simulationPage } from "../report/html/simulation";
import { type ProgressStream, progress as progressBar } from "../report/progress";
import { runLines } from "../report/terminal/run";
import { prefersAscii } from "../report/terminal/style";
import { writeWhole } from "../writeWhole";
import type { Answer } from "./answer";
import { answerComparison, answerOne, answerTuning } from "./answers";
import { type SimulateOptions, simulateCommand } from "./options";
import { scenarioOf } from "./scenario";
import { CalibrationError, parseCalibration } from "./server/calibration";
import { digestNote } from "./server/digest";
import { writeSetting } from "./stackFileSetting";
import { TrafficError } from "./traffic/arrival";
import { resolveTraffic } from "./traffic/resolve";

/** Where the command runs, and where it writes to. */
export interface Surroundings {
  /** Where `Pulumi.yaml` and the stack files are. */
  readonly directory: string;
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Where a progress bar may move. */
  readonly terminal: ProgressStream;
  readonly color: boolean;
}

/** Exit codes: problems with the stack, its traffic or its files; wrong usage. */
const PROBLEMS = 1;
const USAGE = 2;

/** What a person can mend. */
class Unusable extends Error {}

/**
 * Runs `npm run simulate` with its arguments.
 *
 * @returns the exit code: 0 fine, 1 problems with the stack, the traffic or files, 2 wrong usage.
 */
export async function runSimulate(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const command = simulateCommand(surroundings);
  try {
    command.parse([...args], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    throw error;
  }
  const options = command.opts<SimulateOptions>();
  if (options.write && !options.tune) {
    surroundings.error("error: --write puts a tuned setting into the stack file: it needs --tune.");
    return USAGE;
  }
  try {
    return await simulateStack(options, surroundings);
  } catch (error) {
    if (error instanceof TrafficError && error.choices.length > 0) {
      surroundings.error(wrap(`error: ${error.message}.`, "  ", ""));
      return USAGE;
    }
    const known = [TrafficError, CalibrationError, StackFileError, Unusable].some((kind) => error instanceof kind);
    if (!known || !(error instanceof Error)) throw error;
    surroundings.error(error.message);
    return PROBLEMS;
  }
}

async function simulateStack(options: SimulateOptions, surroundings: Surroundings): Promise<number> {
  const loaded = loadStack({ directory: surroundings.directory, stack: options.stack, overrides: options.set });
  const { config, verdict } = loaded.parsed;
  if (config === undefined) {
    surroundings.error(renderProblems(loaded.stack, loaded.source, verdict.problems));
    return PROBLEMS;
  }
  const { rate, duration: durationSeconds, speed } = options;
  const traffic = await resolveTraffic({
    traffic: options.traffic,
    ...(rate === undefined ? {} : { rate }),
    ...(durationSeconds === undefined ? {} : { durationSeconds }),
    ...(speed === undefined ? {} : { speed }),
  });
  const calibration = calibrationIn(options.calibration);
  const scenario = buildable(() =>
    scenarioOf(config, {
      traffic,
      slo: { ttftSeconds: options.sloTtft, tpotSeconds: options.sloTpot },
      coldStart: options.coldStart,
      routing: options.routing,
      calibration,
    }),
  );
  const bar = progressBar(surroundings.terminal, { label: "simulating" });
  const asked = { seed: options.seed, progress: (share: number, what: string) => bar.update(share, what) };
  let answer: Answer;
  try {
    if (options.tune) {
      const isFixed = options.set.some(({ key }) => key === "metricStrategy");
      const strategies = isFixed ? [config.autoscaler.metrics[0].strategy] : undefined;
      const tuning = answerTuning(scenario, { ...asked, ...(strategies === undefined ? {} : { strategies }) });
      if (options.write) {
        writeSetting(join(surroundings.directory, loaded.source), loaded, tuning.tuned.best.setting);
      }
      answer = tuning;
    } else {
      answer = options.compare ? answerComparison(scenario, asked) : answerOne(scenario, asked);
    }
  } finally {
    bar.end();
  }
  const note = digestNote(config.autoscaler.calibration, calibration);
  if (note !== undefined) answer = withNote(answer, note);
  const page = writePage(options, answer);
  const { assumptions } = answer.report;
  const marked = { simulated: true, stack: options.stack, stepTimes: scenario.server.times.source, assumptions };
  surroundings.out(
    options.json ? JSON.stringify({ ...marked, ...answer.json }, null, 2) : screen(answer, page, surroundings),
  );
  return 0;
}

/** What the simulator cannot know of a stack is a problem of the stack. */
function buildable<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (error instanceof CalibrationError || !(error instanceof Error)) throw error;
    throw new Unusable(error.message);
  }
}

function calibrationIn(file: string | undefined) {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Unusable(`${file}: cannot be read (${error instanceof Error ? error.message : error}).`);
  }
  return { file, text, calibration: parseCalibration(text, file) };
}

function withNote(answer: Answer, note: string): Answer {
  const { report } = answer;
  return { ...answer, report: { ...report, notes: [...(report.notes ?? []), note] } };
}

/** The page appears whole or not at all. */
function writePage({ out, stack }: SimulateOptions, { report }: Answer): string {
  const folder = resolve(out, stack);
  const file = join(folder, "simulation.html");
  try {
    mkdirSync(folder, { recursive: true });
    writeWhole(file, simulationPage(report));
  } catch (error) {
    throw new Unusable(`${file}: cannot be written (${error instanceof Error ? error.message : error}).`);
  }
  return relative(process.cwd(), file);
}

function screen({ report, stackFile = [] }: Answer, page: string, { color }: Surroundings): string {
  const { subtitle, headline, table, runs, assumptions, notes = [] } = report;
  const [run] = runs;
  const ascii = prefersAscii(process.env);
  const isFigures = table.columns[0] === "figure";
  return [
    heading(wrap(headline, ""), color),
    wrap(subtitle, "  "),
    "",
    ...(isFigures
      ? table.rows.map(([name = "", value = ""]) => wrap(value, " ".repeat(26), `  ${name.padEnd(24)}`))
      : grid(table.columns, table.rows)),
    "",
    ...(run !== undefined && runs.length === 1 ? [...runLines(run, { width: WIDTH, color, ascii }), ""] : []),
    ...notes.map((note) => wrap(note, "    ", "  ")),
    ...(notes.length > 0 ? [""] : []),
    ...(stackFile.length > 0 ? ["For the stack file, below config:", ...stackFile, ""] : []),
    "Assumptions",
    ...assumptions.map((assumption) => wrap(assumption, "    ", "  - ")),
    "",
    `Charts: ${page}`,
  ].join("\n");
}

/** A table of figures: the first column to the left, the others to the right. */
function grid(columns: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = columns.map((_, index) => Math.max(...[columns, ...rows].map((row) => (row[index] ?? "").length)));
  return [columns, ...rows].map((row) =>
    `  ${row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[index] ?? 0))).join("  ")}`.trimEnd(),
  );
}
