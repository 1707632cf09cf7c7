import type { Axis } from "../axis";
import type { Grid } from "./grid";
import { columnsOf, cut } from "./paint";
import type { Glyphs, Ink, Paint } from "./style";

/** Columns left of a chart: its labels, a space and the axis. */
export const GUTTER = 7;

/** What a glyph of a chart means. */
export interface Key {
  readonly glyph: string;
  readonly ink: Ink;
  readonly text: string;
}

/** How a chart is written, the same for all charts of a screen. */
export interface Screen {
  readonly width: number;
  readonly glyphs: Glyphs;
  readonly paint: Paint;
}

/** What a chart is about at the left, its legend at the right. */
export function titleLine(title: string, keys: readonly Key[], { width, glyphs, paint }: Screen): string {
  const plainKeys = keys.map(({ glyph, text }) => `${glyph} ${text}`).join("  ");
  const legend = cut(plainKeys, width, glyphs);
  const left = cut(title, width - columnsOf(legend) - 2, glyphs);
  const space = " ".repeat(Math.max(0, width - columnsOf(left) - columnsOf(legend)));
  // A legend that had to be cut is not worth its colours.
  const painted = keys.map(({ glyph, ink, text }) => `${paint[ink](glyph)} ${text}`).join("  ");
  return left + space + (legend === plainKeys ? painted : legend);
}

/** The rows of a chart with its axis. A row without a place for its label has none. */
export function plotLines(grid: Grid, labels: ReadonlyMap<number, string>, screen: Screen): readonly string[] {
  const { axis } = screen.glyphs;
  return grid.lines(screen.paint).map((line, index) => {
    const label = labels.get(grid.rows - 1 - index);
    const side = label === undefined ? axis.side : axis.tick;
    return `${(label ?? "").padStart(GUTTER - 2)} ${screen.paint.faint(side)}${line}`;
  });
}

/** Which rows are labelled how. Of two labels in one row the higher one stays. */
export function rowLabels(grid: Grid, { domain: [, top], ticks }: Axis): Map<number, string> {
  return new Map(ticks.map(({ at, label }) => [grid.rowOf(at / top), label]));
}

/** The axis below the lowest chart: its line, and its labels. */
export function timeLines({ domain: [from, to], ticks }: Axis, columns: number, screen: Screen): readonly string[] {
  const { axis, mark } = screen.glyphs;
  const line = Array.from({ length: columns }, () => axis.bottom);
  let labels = "";
  for (const { at, label } of ticks) {
    const column = Math.min(columns - 1, Math.floor(((at - from) / (to - from)) * columns));
    const start = Math.max(0, Math.min(GUTTER + column - Math.floor(label.length / 2), screen.width - label.length));
    if (labels !== "" && start < labels.length + 1) continue;
    line[column] = mark;
    labels = labels.padEnd(start) + label;
  }
  return [`${" ".repeat(GUTTER - 1)}${screen.paint.faint(axis.corner + line.join(""))}`, labels];
}
