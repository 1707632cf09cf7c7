import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { differencesOf } from "./check";
import { type Difference, VectorsError } from "./difference";
import { linesOf } from "./lines";
import { replay } from "./replay";
import { MalformedRow, parseJson, parseRow } from "./rows";
import { parseTimeline } from "./timeline";

const FINE = 0;
const DIFFERENT = 1;
const USAGE = 2;
/** Differing rows of which the details are printed. */
const SHOWN = 10;

const DESCRIPTION = `Checks the HPA arithmetic against what the real Kubernetes controller did.

Files: .jsonl or .jsonl.gz with a row on each line, which is one call of the replica calculator or one whole
sequence of normalisation steps (a sequence counts as one row, and differs where any step does); .json with a
timeline of the end-to-end run, each moment of which counts as a row.

Exit code: 0 all agree, 1 some differ, 2 wrong usage or a file that cannot be checked.`;

/** Where the command writes to. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

interface Count {
  readonly rows: number;
  readonly differ: number;
}

/**
 * Runs `npm run -s vectors` with its arguments.
 *
 * @returns the exit code: 0 all rows agree, 1 some differ, 2 wrong usage or a file that cannot be checked.
 */
export async function runVectors(args: readonly string[], output: Output): Promise<number> {
  const command = new Command("npm run -s vectors --")
    .description(DESCRIPTION)
    .argument("<file...>", "rows or a timeline")
    .helpOption("-h, --help", "this text")
    .configureOutput({
      writeOut: (text) => output.out(text.trimEnd()),
      writeErr: (text) => output.error(text.trimEnd()),
    })
    .exitOverride();
  try {
    command.parse([...args], { from: "user" });
    let total: Count = { rows: 0, differ: 0 };
    for (const file of command.args) {
      const { rows, differ } = await checkFile(file, output, total.differ);
      if (command.args.length > 1) output.out(`${file}: ${rows} rows, ${differ} differ`);
      total = { rows: total.rows + rows, differ: total.differ + differ };
    }
    output.out(`${total.rows} rows, ${total.differ} differ`);
    return total.differ === 0 ? FINE : DIFFERENT;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? FINE : USAGE;
    if (!(error instanceof VectorsError)) throw error;
    output.error(error.message);
    return USAGE;
  }
}

async function checkFile(file: string, output: Output, differBefore: number): Promise<Count> {
  let differ = 0;
  const report = (place: string, differences: readonly Difference[]) => {
    if (differences.length === 0) return;
    differ += 1;
    const number = differBefore + differ;
    if (number > SHOWN) return;
    for (const { field, expected, got } of differences)
      output.out(`${place} ${field}: expected ${expected}, got ${got}`);
    if (number === SHOWN) output.out(`(${SHOWN} differing rows shown, more are only counted)`);
  };
  let rows = 0;
  if (file.endsWith(".json")) {
    const { moments, differences } = replayFile(file);
    rows = moments;
    for (const difference of differences) report(file, [difference]);
  } else if (/\.jsonl(\.gz)?$/.test(file)) {
    for await (const line of linesOf(file)) {
      rows += 1;
      const place = `${file}:${rows}`;
      report(place, differencesOf(naming(place, () => parseRow(line))));
    }
  } else {
    throw new VectorsError(`${file}: unknown kind of file: its name must end in .jsonl, .jsonl.gz or .json`);
  }
  if (rows === 0) throw new VectorsError(`${file}: is empty: there is nothing to check`);
  return { rows, differ };
}

function replayFile(file: string): { readonly moments: number; readonly differences: readonly Difference[] } {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new VectorsError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return naming(file, () => {
    const timeline = parseTimeline(parseJson(text));
    return { moments: timeline.moments.length, differences: replay(timeline) };
  });
}

/** Puts the place of a malformed row before its message. */
function naming<Result>(place: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedRow) throw new VectorsError(`${place}: ${error.message}`);
    throw error;
  }
}
