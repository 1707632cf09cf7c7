import { CsvError, parse } from "csv-parse/sync";
import { show } from "../../../config/problem";
import { parseTimestamp } from "../../simulate/traffic/timestamp";

/** Share of the time that the GPUs of a replica were busy, as Cloud Monitoring or DCGM says. */
export interface DutySample {
  /** Seconds since 1970. */
  readonly at: number;
  /** 0 to 100, of one GPU; of several, their mean. */
  readonly percent: number;
}

/** A file of samples that cannot be used: a line for each mistake, with file, line, value and rule. */
export class DutyCycleError extends Error {
  override readonly name = "DutyCycleError";

  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

const HEADER = "timestamp,duty_cycle";
const NUMBER = /^\d+(\.\d+)?$/;
/** As many wrong lines are told. */
const MOST_PROBLEMS = 5;

/**
 * Reads samples of the GPUs: CSV with the columns `timestamp` (ISO 8601, UTC where no zone is said, or seconds since
 * 1970) and `duty_cycle` (percent, 0 to 100), in any order of time.
 *
 * @param file its name, for the messages.
 * @throws DutyCycleError
 */
export function parseDutyCycle(text: string, file: string): readonly DutySample[] {
  const [header, ...records] = recordsOf(text, file);
  if (header === undefined) throw new DutyCycleError([`${file}: is empty; expected a header: ${HEADER}`]);
  if (header.values.join(",").toLowerCase() !== HEADER) {
    throw new DutyCycleError([`${file}:${header.line}: header ${show(header.values.join(","))}; expected ${HEADER}`]);
  }
  const problems: string[] = [];
  const samples = records.flatMap(({ values, line }): DutySample[] => {
    const sample = sampleOf(values);
    if (typeof sample !== "string") return [sample];
    problems.push(`${file}:${line}: ${sample}`);
    return [];
  });
  if (problems.length === 0 && samples.length === 0) problems.push(`${file}: has a header and no sample`);
  if (
    problems.length === 0 &&
    samples.every(({ percent }) => percent <= 1) &&
    samples.some(({ percent }) => percent > 0)
  ) {
    problems.push(`${file}: no duty_cycle is above 1; expected percent, 0 to 100, not shares`);
  }
  if (problems.length > 0) throw new DutyCycleError(problems.slice(0, MOST_PROBLEMS));
  return samples;
}

interface Line {
  readonly values: readonly string[];
  readonly line: number;
}

function recordsOf(text: string, file: string): readonly Line[] {
  try {
    const lines: Line[] = [];
    parse(text, {
      ...{ bom: true, trim: true, skip_empty_lines: true, relax_column_count: true },
      on_record: (values: string[], { lines: line }) => {
        lines.push({ values, line });
        return null;
      },
    });
    return lines;
  } catch (error) {
    if (error instanceof CsvError) throw new DutyCycleError([`${file}: no CSV: ${error.message}`]);
    throw error;
  }
}

function sampleOf(values: readonly string[]): DutySample | string {
  const [when = "", duty = ""] = values;
  if (values.length !== 2) return `has ${values.length} values; expected 2`;
  const time = parseTimestamp(when);
  if (typeof time === "string") return `timestamp ${show(when)} ${time}; expected ISO 8601, or seconds since 1970`;
  const percent = NUMBER.test(duty) ? Number(duty) : Number.NaN;
  if (!(percent <= 100)) return `duty_cycle ${show(duty)}: expected percent, 0 to 100`;
  return { at: time.seconds + time.fraction, percent };
}
