import { type Params, SingleBar } from "cli-progress";
import { timeLabel } from "./axis";
import { cut } from "./terminal/paint";
import { ASCII, type Glyphs, prefersAscii, UNICODE } from "./terminal/style";
import { plain } from "./text";

/** Where a bar may be drawn: `process.stderr`, so that what is printed can still be piped. */
export type ProgressStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface ProgressOptions {
  /** What takes so long, such as `Simulating`. */
  readonly label: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Columns of the bar itself, 24 unless told: what it leaves is for the note. */
  readonly barColumns?: number;
}

/** Something long that says how far it is. */
export interface Progress {
  /** Whether anybody sees it. */
  readonly isDrawn: boolean;
  /**
   * As often as you like: it is drawn a few times a second.
   *
   * @param share from 0 to 1.
   * @param note what is being done, such as the name of a run.
   * @param secondsLeft where that is known better than the time until now tells it.
   */
  update(share: number, note?: string, secondsLeft?: number): void;
  /** Takes the bar away. Call it whatever happens: until then the bar keeps the process running. */
  end(): void;
}

const NONE: Progress = { isDrawn: false, update: () => undefined, end: () => undefined };
const BAR_COLUMNS = 24;
const REDRAWS_PER_SECOND = 10;

/** A progress bar on a terminal; nothing in a pipe, in CI, or where `NO_COLOR` asks for plain output. */
export function progress(
  stream: ProgressStream,
  { label, env = process.env, barColumns = BAR_COLUMNS }: ProgressOptions,
): Progress {
  if (stream.isTTY !== true || isSet(env.NO_COLOR) || isSet(env.CI)) return NONE;
  const glyphs = prefersAscii(env) ? ASCII : UNICODE;
  const bar = new SingleBar({
    stream,
    fps: REDRAWS_PER_SECOND,
    clearOnComplete: true,
    // It would switch the terminal's wrapping off, and leave it so when the process is killed.
    linewrap: true,
    format: (_, params, { note, endsAt }: Payload) =>
      cut(lineOf({ label, note, endsAt, barColumns, glyphs }, params), widthOf(stream) - 1, glyphs),
  });
  bar.start(1, 0, { note: "", endsAt: undefined } satisfies Payload);
  const end = () => {
    process.off("exit", end);
    bar.stop();
  };
  // An error that nobody catches must not be printed behind the bar.
  process.once("exit", end);
  const update: Progress["update"] = (share, note = "", secondsLeft) => {
    const endsAt = secondsLeft === undefined ? undefined : Date.now() + secondsLeft * 1000;
    bar.update(share, { note, endsAt } satisfies Payload);
  };
  return { isDrawn: true, update, end };
}

interface Payload {
  readonly note: string;
  /** Milliseconds since 1970; undefined where nobody has said. */
  readonly endsAt: number | undefined;
}

/** Does something long under a progress bar, and takes the bar away however it ends. */
export async function withProgress<Result>(
  stream: ProgressStream,
  options: ProgressOptions,
  work: (update: Progress["update"]) => Result | Promise<Result>,
): Promise<Result> {
  const { update, end } = progress(stream, options);
  try {
    return await work(update);
  } finally {
    end();
  }
}

/** A terminal that does not know its width says 0. */
function widthOf({ columns = 0 }: ProgressStream): number {
  return columns > 0 ? columns : 80;
}

interface Line extends Payload {
  readonly label: string;
  readonly barColumns: number;
  readonly glyphs: Glyphs;
}

function lineOf({ label, note, endsAt, barColumns, glyphs }: Line, { progress: share, startTime }: Params): string {
  const bar = (glyphs.eighths[8] ?? "#").repeat(Math.floor(share * barColumns)).padEnd(barColumns, glyphs.dash);
  // The library's own estimate looks at the last few updates only, which may be microseconds apart.
  const leftMs = endsAt === undefined ? ((Date.now() - startTime) * (1 - share)) / share : endsAt - Date.now();
  const left = Math.ceil(leftMs / 1000);
  const estimate = Number.isFinite(left) && left > 0 ? `${timeLabel(left)} left` : "";
  return [plain(label), bar, `${String(Math.floor(share * 100)).padStart(3)} %`, estimate, plain(note)]
    .filter((part) => part !== "")
    .join("  ");
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "false" && value !== "0";
}
