import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { CsvError, parse } from "csv-parse";
import { type Trace, TrafficError } from "./arrival";
import { TraceRows } from "./traceRows";

/** How large a trace may be: its requests stand in memory, 16 bytes each. */
export interface TraceLimits {
  readonly bytes: number;
  readonly requests: number;
}

export const TRACE_LIMITS: TraceLimits = { bytes: 2 * 1024 ** 3, requests: 50_000_000 };

/** A line of a trace has some 50 characters. Without a limit an open quote would swallow the file. */
const LONGEST_LINE = 10_000;

/**
 * Reads a trace once, front to back.
 *
 * @param path a CSV file with a header: `TIMESTAMP,ContextTokens,GeneratedTokens` as Azure publishes its traces, or
 *   `timestamp,input_tokens,output_tokens`; more columns are passed over
 * @throws TrafficError with what is wrong, the first few lines at once, each as `FILE:LINE: …`
 */
export async function readTrace(path: string, limits: TraceLimits = TRACE_LIMITS): Promise<Trace> {
  await checkFile(path, limits);
  const rows = new TraceRows(path, limits.requests);
  const parser = parse({
    bom: true,
    max_record_size: LONGEST_LINE,
    on_record: (record: string[], { lines }) => {
      rows.add(record, lines);
      return null;
    },
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
  });
  try {
    await pipeline(createReadStream(path), parser.resume());
  } catch (error) {
    if (error instanceof TrafficError) throw error;
    if (!(error instanceof CsvError)) throw unreadable(path, error);
    rows.refuse(...malformed(rows, error));
  }
  return rows.finish();
}

function malformed(rows: TraceRows, error: CsvError): readonly [line: number, what: string] {
  switch (error.code) {
    // The parser notices these at the end of what an open quote swallows, which is far from the quote.
    case "CSV_QUOTE_NOT_CLOSED":
      return [rows.nextLine, "a quote is never closed"];
    case "CSV_MAX_RECORD_SIZE":
      return [
        rows.nextLine,
        `longer than ${LONGEST_LINE} characters: a line break or a closing quote is missing, or this is no CSV file`,
      ];
    default:
      return [Number(error.lines), "a quote stands inside a value; quotes go around the whole value, or nowhere"];
  }
}

async function checkFile(path: string, limits: TraceLimits): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory()) throw new TrafficError(`${path}: is a directory; a trace is a CSV file`);
  if (found.size > limits.bytes) {
    const gib = (bytes: number) => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
    throw new TrafficError(`${path}: ${gib(found.size)} are more than the ${gib(limits.bytes)} of a trace; cut it`);
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EACCES: "it may not be read (permission denied)",
};

function unreadable(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  return new TrafficError(`${path}: ${REASONS[String(error.code)] ?? error.message}`);
}
