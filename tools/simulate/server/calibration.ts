import { z } from "zod";
import type { StepTimes } from "../../../autoscaling/roofline";
import { ACCELERATOR_NAMES } from "../../../catalog/accelerators";
import { show } from "../../../config/problem";

const WHEN = "must be a date, or date and time with zone, in ISO 8601";

/** A number whose every mistake is answered with what it must be. */
function number(rule: string, isRight: (value: number) => boolean) {
  return z.number(rule).refine(isRight, rule);
}

const seconds = number("must be a number of seconds, 0 or more", (value) => value >= 0);
const positiveSeconds = number("must be a number of seconds, more than 0", (value) => value > 0);

function count(rule: string) {
  return number(`must be ${rule}, a whole number, 1 or more`, (value) => Number.isInteger(value) && value >= 1);
}

/** A calibration file: what was measured of one model on some GPUs. JSON. */
const SCHEMA = z.strictObject({
  version: z.literal(1, "must be 1"),
  /** As in the stack file. */
  model: z.string("must be the model's Hugging Face id").min(1, "must be the model's Hugging Face id"),
  accelerator: z.enum(ACCELERATOR_NAMES, `must be one of ${ACCELERATOR_NAMES.join(", ")}`),
  gpus: count("the GPUs of a replica"),
  prefillBaseSeconds: seconds,
  prefillPerTokenSeconds: seconds,
  decodeBaseSeconds: positiveSeconds,
  decodePerSequenceSeconds: seconds,
  decodePerKvTokenSeconds: seconds,
  /** What the server logs when it has warmed up; without it, the estimate stays. */
  maxBatchTotalTokens: count("the server's max_batch_total_tokens").optional(),
  measuredAt: z
    .string(WHEN)
    .refine((text) => z.iso.datetime({ offset: true }).or(z.iso.date()).safeParse(text).success, WHEN),
  notes: z.string("must be text").optional(),
});

export interface Calibration extends StepTimes {
  readonly model: string;
  readonly accelerator: (typeof ACCELERATOR_NAMES)[number];
  readonly gpus: number;
  readonly maxBatchTotalTokens?: number | undefined;
  readonly measuredAt: string;
  readonly notes?: string | undefined;
}

/** All that is wrong with a calibration file: a line each, with file, key, value and rule. */
export class CalibrationError extends Error {
  override readonly name = "CalibrationError";

  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(problems.map((problem) => `${file}: ${problem}`).join("\n"));
  }
}

/**
 * Reads a calibration file's text.
 *
 * @param file its name, for the messages.
 * @throws CalibrationError with everything that is wrong.
 */
export function parseCalibration(text: string, file: string): Calibration {
  const document = parseJson(text, file);
  const result = SCHEMA.safeParse(document);
  if (result.success) return result.data;
  throw new CalibrationError(
    file,
    result.error.issues.flatMap((issue) => describe(issue, document)),
  );
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CalibrationError(file, [`not JSON: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function describe(issue: z.core.$ZodIssue, document: unknown): readonly string[] {
  if (issue.code === "unrecognized_keys") {
    const known = Object.keys(SCHEMA.shape).join(", ");
    return issue.keys.map((key) => `${key} (${shownValue(document, key)}): there is no such key; there are ${known}`);
  }
  const key = issue.path.join(".");
  return key === "" ? ["must be a JSON object"] : [`${key} (${shownValue(document, key)}): ${issue.message}`];
}

function shownValue(document: unknown, key: string): string {
  const value = new Map(Object.entries(document ?? {})).get(key);
  if (typeof value === "string") return show(value);
  return value === undefined ? "not set" : JSON.stringify(value);
}
