import type { Formatter } from "picocolors/types";

/** How a terminal is written to. */
export interface TerminalStyle {
  /** Columns; 80 unless told. */
  readonly width?: number;
  readonly color?: boolean;
  /** Nothing but ASCII. */
  readonly ascii?: boolean;
}

/** What draws a chart. */
export interface Glyphs {
  /** A bar that fills none to eight eighths of its cell. */
  readonly eighths: readonly string[];
  /** Above the mean, up to the largest value. */
  readonly peak: string;
  readonly fill: string;
  readonly band: string;
  readonly target: string;
  /** The line went out of the chart here. */
  readonly over: string;
  /** Stands for the line in a legend, and in a chart where there is no braille. */
  readonly line: string;
  readonly braille: boolean;
  readonly axis: { readonly tick: string; readonly side: string; readonly corner: string; readonly bottom: string };
  /** Time axis: with a label below. */
  readonly mark: string;
  readonly dash: string;
  readonly ellipsis: string;
  /** Before the row that was chosen. */
  readonly chosen: string;
}

export const UNICODE: Glyphs = {
  eighths: [..." ▁▂▃▄▅▆▇█"],
  peak: "░",
  fill: "▒",
  band: "░",
  target: "╌",
  over: "▲",
  line: "⠒",
  braille: true,
  axis: { tick: "┤", side: "│", corner: "└", bottom: "─" },
  mark: "┴",
  dash: "–",
  ellipsis: "…",
  chosen: "▸",
};

export const ASCII: Glyphs = {
  eighths: [..."  ..:::##"],
  peak: "'",
  fill: ":",
  band: ".",
  target: "-",
  over: "^",
  line: "*",
  braille: false,
  axis: { tick: "+", side: "|", corner: "+", bottom: "-" },
  mark: "+",
  dash: "-",
  ellipsis: "...",
  chosen: ">",
};

/** Colours by meaning, for terminals that have them. Nothing is said by colour alone. */
export type Ink = "load" | "ready" | "wanted" | "metric" | "target" | "faint" | "none";
export type Paint = Readonly<Record<Ink, Formatter>>;

/**
 * Whether a terminal is better served with ASCII: the Linux console and dumb terminals have no braille, and a locale
 * that names another encoding than UTF-8 would garble it. Nothing said means UTF-8, as everywhere today.
 */
export function prefersAscii(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env.TERM === "linux" || env.TERM === "dumb") return true;
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== "");
  return locale !== undefined && !/utf-?8/i.test(locale);
}
