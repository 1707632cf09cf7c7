import { createColors } from "picocolors";
import wrapAnsi from "wrap-ansi";
import type { Load, StageFigures } from "../../calibrate/contract";
import type { CalibratedTarget, CalibrationReport } from "../calibration";
import { fitSentences, fitTable, kneeStage, kneeText } from "../calibrationTables";
import { answeredText, loadText, milliseconds, percentText, secondsText, shortNotes } from "../calibrationText";
import type { Table } from "../series";
import { plain, short } from "../text";
import { columnsOf, cut } from "./paint";
import { ASCII, type Glyphs, type TerminalStyle, UNICODE } from "./style";

interface Screen {
  readonly width: number;
  readonly glyphs: Glyphs;
  /** A text as this terminal can show it. */
  readonly say: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly faint: (text: string) => string;
}

/**
 * The result of a calibration as one screen: the answer, the loads, the knee, the targets, the fit.
 *
 * @returns lines of at most the given width, but those for the stack file, which stay whole to be copied.
 */
export function calibrationLines(report: CalibrationReport, style: TerminalStyle = {}): readonly string[] {
  const screen = screenOf(style);
  const { headline, subtitle, partialBecause, targetsNote, checks, assumptions, stackFile, notes = [] } = report;
  const list = (items: readonly string[]) => items.flatMap((item) => wrapped(item, "    ", screen, "  - "));
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", screen.bold(cut(title, screen.width, screen.glyphs)), ...lines];
  return [
    ...wrapped(headline, "", screen).map(screen.bold),
    ...wrapped(subtitle, "  ", screen),
    ...wrapped(ORIGINS[report.origin], "  ", screen),
    ...(partialBecause === undefined ? [] : wrapped(`Incomplete: ${partialBecause}`, "  ", screen)),
    ...section("Loads", stageLines(report, screen)),
    ...section("Knee", wrapped(kneeText(report), "  ", screen)),
    ...section("Targets", [
      ...(targetsNote === undefined ? [] : wrapped(targetsNote, "  ", screen)),
      ...report.targets.flatMap((target) => targetLines(target, screen)),
    ]),
    ...section("Fitted step times", fitLines(report, screen)),
    ...section("Client against server", list(checks)),
    ...section("For the stack file, below config:", stackFile.map(screen.say)),
    ...section(
      "Notes",
      notes.flatMap((note) => wrapped(note, "    ", screen, "  ")),
    ),
    ...section("Assumptions", list(assumptions)),
  ].map((line) => line.trimEnd());
}

const ORIGINS: Readonly<Record<CalibrationReport["origin"], string>> = {
  measured: "Measured on a running server.",
  "stand-in": "Measured on the stand-in: its step times are simulated, no GPU ran.",
};

/** What a run is at, for the progress bar's note. */
export interface ProgressState {
  /** Counted from 1. */
  readonly stage: number;
  readonly of: number;
  readonly load: Load;
  /** Of the time to first token in this stage so far, in seconds; not a number before anything was answered. */
  readonly ttftP95: number;
}

/** Of a bar beside which `progressNote` has room at 80 columns. */
export const PROGRESS_BAR_COLUMNS = 6;

/**
 * The note of a progress bar of `PROGRESS_BAR_COLUMNS`: `3/9, 16 at once, TTFT p95 0.4 s`.
 * The bar's share should be the seconds of the plan that are over: stages are of unequal length.
 */
export function progressNote({ stage, of, load, ttftP95 }: ProgressState): string {
  const latency = Number.isFinite(ttftP95) ? [`TTFT p95 ${secondsText(ttftP95).replace("µ", "u")}`] : [];
  const what = load.kind === "open" ? `${short(load.requestsPerSecond)}/s` : loadText(load);
  return [`${stage}/${of}`, what, ...latency].join(", ");
}

const STAGE_COLUMNS: readonly { readonly title: string; readonly of: (stage: StageFigures) => string }[] = [
  { title: "load", of: ({ load }) => loadText(load) },
  { title: "answered/s", of: (stage) => answeredText(stage) },
  { title: "tok/s", of: ({ tokensPerSecond }) => short(tokensPerSecond.mean) },
  { title: "p50", of: ({ ttft }) => short(rounded(ttft.p50, 3)) },
  { title: "p95", of: ({ ttft }) => short(rounded(ttft.p95, 3)) },
  { title: "p50", of: ({ tpot }) => milliseconds(tpot.p50) },
  { title: "p95", of: ({ tpot }) => milliseconds(tpot.p95) },
  { title: "queue", of: ({ queue }) => short(rounded(queue, 2)) },
  { title: "batch", of: ({ batch }) => short(rounded(batch, 2)) },
  { title: "429", of: ({ results }) => String(results.overloaded) },
  { title: "met, %", of: ({ attainment }) => percentText(attainment.mean) },
];
/** More digits would not fit beside one another. */
function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}

/** Above which columns what they show is said. */
const GROUPS = [
  { first: 3, last: 4, title: "TTFT, s" },
  { first: 5, last: 6, title: "TPOT, ms" },
] as const;

const ABBREVIATIONS = "TTFT: time to first token. TPOT: time per token after it. met: within the SLO.";

function stageLines(report: CalibrationReport, screen: Screen): readonly string[] {
  if (report.stages.length === 0) return ["  No load was measured."];
  const rows = report.stages.map((stage) => STAGE_COLUMNS.map(({ of }) => screen.say(of(stage))));
  const titles = STAGE_COLUMNS.map(({ title }) => title);
  const { widths, gap } = fitted([titles, ...rows], screen.width - MARK);
  const knee = kneeStage(report);
  const start = (column: number) => MARK + widths.slice(0, column).reduce((sum, width) => sum + width + gap, 0);
  let above = "";
  for (const { first, last, title } of GROUPS) {
    const end = start(last) + (widths[last] ?? 0);
    above = above.padEnd(Math.max(start(first), end - title.length)) + title;
  }
  const lines = [above, " ".repeat(MARK) + rowLine(titles, widths, gap)].map((line) =>
    screen.faint(cut(line, screen.width, screen.glyphs)),
  );
  return [
    ...lines,
    ...rows.map((row, index) => {
      const mark = (index === knee ? screen.glyphs.chosen : "").padEnd(MARK);
      return cut(mark + rowLine(row, widths, gap), screen.width, screen.glyphs);
    }),
    ...(knee < 0 ? [] : [`${screen.glyphs.chosen} the knee`]),
    ...[...shortNotes(report.stages), ABBREVIATIONS].flatMap((note) => wrapped(note, "  ", screen).map(screen.faint)),
  ];
}

function targetLines(target: CalibratedTarget, screen: Screen): readonly string[] {
  const { strategy, isOwn, unit, sentence } = target;
  const known = Number.isFinite(target.target)
    ? `target ${short(target.target)} ${unit}, tolerated ${short(target.low)} to ${short(target.high)}`
    : "no target";
  const facts = `at the knee ${short(target.atKnee)}, ceiling ${short(target.ceiling)}`;
  const mark = (isOwn ? screen.glyphs.chosen : "").padEnd(MARK);
  return [
    ...wrapped(`${strategy}${isOwn ? " (the stack's own)" : ""}: ${known} (${facts})`, "    ", screen, mark),
    ...wrapped(sentence, "    ", screen),
  ];
}

function fitLines(report: CalibrationReport, screen: Screen): readonly string[] {
  if (report.fit === undefined) return ["  Too little was measured to fit step times."];
  return [
    ...tableLines(fitTable(report), screen),
    ...fitSentences(report).flatMap((sentence) => wrapped(sentence, "    ", screen, "  ")),
  ];
}

function tableLines({ columns, rows }: Table, screen: Screen): readonly string[] {
  const cells = [columns, ...rows].map((row) => row.map(screen.say));
  const { widths, gap } = fitted(cells, screen.width - MARK);
  return cells.map((row, index) => {
    const line = cut(" ".repeat(MARK) + rowLine(row, widths, gap), screen.width, screen.glyphs);
    return index === 0 ? screen.faint(line) : line;
  });
}

/** Columns left of a table: a mark, or nothing. */
const MARK = 2;

/** Widths of columns, and the widest gap between them, up to two, with which they fit. */
function fitted(rows: readonly (readonly string[])[], room: number) {
  const widths = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => columnsOf(row[index] ?? ""))));
  const total = widths.reduce((sum, width) => sum + width, 0);
  return { widths, gap: total + 2 * (widths.length - 1) <= room ? 2 : 1 };
}

/** The first cell to the left, the others to the right. */
function rowLine(row: readonly string[], widths: readonly number[], gap: number): string {
  const cells = row.map((cell, index) => {
    const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - columnsOf(cell)));
    return index === 0 ? cell + space : space + cell;
  });
  return cells.join(" ".repeat(gap));
}

/** @param first what stands before the first line, instead of the indentation. */
function wrapped(text: string, indent: string, screen: Screen, first: string = indent): readonly string[] {
  const lines = wrapAnsi(screen.say(text), Math.max(1, screen.width - indent.length), { hard: true }).split("\n");
  return lines.map((line, index) => (index === 0 ? first : indent) + line);
}

function screenOf({ width = 80, color = false, ascii = false }: TerminalStyle): Screen {
  const { bold, gray } = createColors(color);
  const say = (text: string) => (ascii ? asciiOf(plain(text)) : plain(text));
  return { width, glyphs: ascii ? ASCII : UNICODE, say, bold, faint: gray };
}

const REPLACEMENTS: Readonly<Record<string, string>> = {
  "–": "-",
  "—": "-",
  "…": "...",
  "×": "x",
  "÷": "/",
  "±": "+-",
  µ: "u",
  "≤": "<=",
  "≥": ">=",
  "→": "->",
};

/** What has no ASCII is a question mark: a line must not be garbled. */
function asciiOf(text: string): string {
  return text.replace(/[^ -~]/gu, (letter) => REPLACEMENTS[letter] ?? "?");
}
