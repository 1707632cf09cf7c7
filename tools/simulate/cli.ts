import { readFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT, exitOf, type Output } from "../arguments";
import { loadStack } from "../plan/load";
import { renderProblems } from "../plan/problems";
import { StackFileError } from "../plan/stackFile";
import { heading, WIDTH, wrap } from "../plan/text";
import { simulationPage } from "../report/html/simulation";
import { type ProgressStream, progress as progressBar } from "../report/progress";
import { runLines } from "../report/terminal/run";
import { prefersAscii } from "../report/terminal/style";
import { prepareFolder, writeOutput } from "../stackFolder";
import { checkReplaceable, Unusable, usable } from "../usable";
import type { Answer } from "./answer";
import { sloOf } from "./arguments";
import { answerComparison } from "./comparisonAnswer";
import { type SimulateOptions, simulateCommand } from "./options";
import { answerOne } from "./runAnswer";
import { scenarioOf } from "./scenario";
import { CalibrationError, parseCalibration } from "./server/calibration";
import { calibrationNote } from "./server/digest";
import { writeSetting } from "./stackFileSetting";
import { TrafficError } from "./traffic/arrival";
import { resolveTraffic } from "./traffic/resolve";
import { neverScaled } from "./tune";
import { answerTuning } from "./tuningAnswer";

/** Where the command runs, and where it writes to. */
export interface Surroundings extends Output {
  /** Where `Pulumi.yaml` and the stack files are. */
  readonly directory: string;
  /** Where a progress bar may move. */
  readonly terminal: ProgressStream;
  readonly color: boolean;
}

/**
 * Runs `npm run simulate` with its arguments.
 *
 * @returns the exit code: 0 fine, 1 problems with the stack, the traffic or files, 2 wrong usage.
 */
export async function runSimulate(args: readonly string[], surroundings: Surroundings): Promise<number> {
  const command = simulateCommand(surroundings);
  const exit = exitOf(command, args);
  if (exit !== undefined) return exit;
  const options = command.opts<SimulateOptions>();
  if (options.write && !options.tune) {
    surroundings.error("error: --write puts a tuned setting into the stack file: it needs --tune.");
    return EXIT.usage;
  }
  try {
    return await simulateStack(options, surroundings);
  } catch (error) {
    if (error instanceof TrafficError && error.choices.length > 0) {
      surroundings.error(wrap(`error: ${error.message}.`, "  ", ""));
      return EXIT.usage;
    }
    const known = [TrafficError, CalibrationError, StackFileError, Unusable].some((kind) => error instanceof kind);
    if (!known || !(error instanceof Error)) throw error;
    surroundings.error(wrap(error.message, "  ", ""));
    return EXIT.problems;
  }
}

async function simulateStack(options: SimulateOptions, surroundings: Surroundings): Promise<number> {
  const loaded = loadStack({ directory: surroundings.directory, stack: options.stack, overrides: options.set });
  const { config, verdict } = loaded.parsed;
  if (config === undefined) {
    surroundings.error(renderProblems(loaded.stack, loaded.origin, verdict.problems));
    return EXIT.problems;
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
      slo: sloOf(options),
      coldStart: options.coldStart,
      routing: options.routing,
      calibration,
    }),
  );
  const stackFile = join(surroundings.directory, loaded.source);
  if (options.write) checkReplaceable(stackFile);
  prepareFolder(options);
  const bar = progressBar(surroundings.terminal, { label: "simulating" });
  const asked = { seed: options.seed, progress: (share: number, what: string) => bar.update(share, what) };
  let answer: Answer;
  let isUnwritten = false;
  try {
    if (options.tune) {
      const isFixed = options.set.some(({ key }) => key === "metricStrategy");
      const strategies = isFixed ? [config.autoscaler.metrics[0].strategy] : undefined;
      const tuning = answerTuning(scenario, { ...asked, ...(strategies === undefined ? {} : { strategies }) });
      isUnwritten = options.write === true && neverScaled(tuning.tuned.best);
      if (options.write && !isUnwritten) writeSetting(stackFile, loaded, tuning.tuned.best.setting);
      answer = tuning;
    } else {
      answer = options.compare ? answerComparison(scenario, asked) : answerOne(scenario, asked);
    }
  } finally {
    bar.end();
  }
  const note = calibrationNote(config.autoscaler.calibration, calibration);
  if (note !== undefined) answer = withNote(answer, note);
  const page = writeOutput(options, "simulation.html", simulationPage(answer.report));
  const { assumptions } = answer.report;
  const marked = { simulated: true, stack: options.stack, stepTimes: scenario.server.times.source, assumptions };
  surroundings.out(
    options.json ? JSON.stringify({ ...marked, ...answer.json }, null, 2) : screen(answer, page, surroundings),
  );
  if (!isUnwritten) return EXIT.fine;
  const why = "on this traffic the HPA never scaled, so no setting follows from it";
  surroundings.error(wrap(`${loaded.source} is left as it is: ${why}.`, "  ", ""));
  return EXIT.problems;
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
  const text = usable(file, "cannot be read", (path) => readFileSync(path, "utf8"));
  return { file, text, calibration: parseCalibration(text, file) };
}

function withNote(answer: Answer, note: string): Answer {
  const { report } = answer;
  return { ...answer, report: { ...report, notes: [...(report.notes ?? []), note] } };
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
