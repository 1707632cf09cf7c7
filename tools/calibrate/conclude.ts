import { join } from "node:path";
import { EXIT } from "../arguments";
import type { LoadedStack } from "../plan/load";
import { WIDTH } from "../plan/text";
import { calibrationJson } from "../report/calibrationJson";
import { calibrationPage } from "../report/html/calibration";
import { calibrationLines } from "../report/terminal/calibration";
import { prefersAscii } from "../report/terminal/style";
import { shellWord } from "../shown";
import type { Surroundings } from "../simulate/cli";
import { writeKeys } from "../simulate/stackFileSetting";
import { writeOutput } from "../stackFolder";
import { usable } from "../usable";
import type { Evaluation } from "./evaluate";
import { type CalibrateOptions, DEFAULT_STACK, DEFAULT_TRAFFIC } from "./options";

/** Where a calibration's outcome is written to. */
interface Printing extends Pick<Surroundings, "directory" | "out" | "error" | "color"> {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Exit code: ended early, with a partial report. */
export const PARTIAL = 130;

/** What cannot be written must cost nothing else: the calibration comes first, the page last. */
export function conclude(
  evaluation: Evaluation,
  loaded: LoadedStack,
  options: CalibrateOptions,
  surroundings: Printing,
): number {
  const { report, calibration } = evaluation;
  // A look at the stand-in must not replace what a real server took so long for.
  const name = report.origin === "stand-in" ? "calibration-stand-in" : "calibration";
  let file: string | undefined;
  try {
    file = calibration && writeOutput(options, `${name}.json`, calibration.text);
  } finally {
    surroundings.out(options.json ? documentOf(evaluation) : screenOf(evaluation, file, options, surroundings));
  }
  try {
    return concludeStackFile(evaluation, loaded, options, surroundings);
  } finally {
    // Nor must one that was ended early replace one that was not.
    const whole = report.partialBecause === undefined ? "" : ("-partial" as const);
    const page = writeOutput(options, `${name}${whole}.html`, calibrationPage(report));
    if (!options.json) surroundings.out(`Charts: ${page}`);
  }
}

function documentOf({ report, calibration }: Evaluation): string {
  return JSON.stringify({ ...calibrationJson(report), calibrationFile: calibration?.text ?? null }, null, 2);
}

function screenOf(
  evaluation: Evaluation,
  file: string | undefined,
  options: CalibrateOptions,
  { color, env }: Printing,
): string {
  const { report } = evaluation;
  return [
    ...calibrationLines(report, { width: WIDTH, color, ascii: prefersAscii(env) }),
    "",
    ...(file === undefined
      ? []
      : [`Calibration: ${file}`, `  npm run simulate -- ${simulateArguments(evaluation, file, options).join(" ")}`]),
  ].join("\n");
}

/** With which `npm run simulate` plays what was found, be it in the stack file or not. */
function simulateArguments({ values, rate }: Evaluation, file: string, options: CalibrateOptions): readonly string[] {
  const { stack, traffic, write } = options;
  const { metricTarget, scaleBehavior } = (write ? undefined : values) ?? {};
  const argument = (name: string, value: string | number | undefined) =>
    value === undefined ? [] : [`--${name}`, shellWord(String(value))];
  return [
    ...argument("stack", stack === DEFAULT_STACK ? undefined : stack),
    ...argument("traffic", traffic === DEFAULT_TRAFFIC ? undefined : traffic),
    ...argument("calibration", file),
    ...options.set.flatMap(({ key, value }) => argument("set", `${key}=${value}`)),
    ...argument("set", metricTarget && `metricTarget=${metricTarget}`),
    ...argument("set", scaleBehavior && `scaleBehavior=${JSON.stringify(scaleBehavior)}`),
    ...argument("rate", rate),
  ];
}

function concludeStackFile(
  { report, values }: Evaluation,
  loaded: LoadedStack,
  options: CalibrateOptions,
  surroundings: Printing,
): number {
  if (report.partialBecause !== undefined) {
    if (options.write) surroundings.error("--write: nothing is written, since the measuring was not finished.");
    return PARTIAL;
  }
  if (!options.write) return 0;
  if (values === undefined) {
    surroundings.error("--write: nothing is written, since the stack's strategy has no target that holds.");
    return EXIT.problems;
  }
  const strategy = options.set.some(({ key }) => key.endsWith("metricStrategy"))
    ? { metricStrategy: loaded.parsed.config?.autoscaler.metrics[0].strategy }
    : {};
  usable(join(surroundings.directory, loaded.source), "cannot be written; its lines are above", (path) =>
    writeKeys(path, loaded, { ...strategy, ...values }),
  );
  surroundings.error(`Written into ${loaded.source}.`);
  return 0;
}
