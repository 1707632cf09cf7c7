import { intervalOf, largestOf, timeAxis, timesOf, valueAxis } from "../axis";
import type { MetricSeries, RunSeries, Values } from "../series";
import { plain, short } from "../text";
import { type Domain, summarize } from "../thin";
import { GUTTER, plotLines, rowLabels, type Screen, timeLines, titleLine } from "./chart";
import { DOTS_ACROSS, Grid } from "./grid";
import { paintOf } from "./paint";
import { ASCII, type TerminalStyle, UNICODE } from "./style";

/** Rows of the charts: with titles and time axis 17 to 19 lines, which leaves some of a small screen for figures. */
const ROWS = { load: 3, replicas: 4, metric: 5 } as const;
/** Up to so many replicas each has a row for itself. */
const REPLICA_ROWS = 6;
/** An axis that shows every excess would show nothing of the tolerance band. */
const SHOWN_TARGETS = 4;
/** Columns for a label of the time axis. */
const TIME_LABEL = 12;

/**
 * A run as three charts over one another that share their time axis: the load, the replicas, and the metric against
 * its target and tolerance band.
 *
 * @returns lines of at most the given width.
 */
export function runLines(
  run: RunSeries,
  { width = 80, color = false, ascii = false }: TerminalStyle = {},
): readonly string[] {
  const screen: Screen = { width, glyphs: ascii ? ASCII : UNICODE, paint: paintOf(color) };
  const columns = Math.max(1, width - GUTTER);
  const times = timesOf([run]);
  const area = { times, columns, screen };
  return [
    ...loadLines(run, area),
    ...replicaLines(run, area),
    ...(run.metric === undefined ? [] : metricLines(run.metric, run.at, area)),
    ...timeLines(timeAxis(times, Math.max(1, Math.floor(columns / TIME_LABEL))), columns, screen),
  ].map((line) => line.trimEnd());
}

interface Area {
  readonly times: Domain;
  readonly columns: number;
  readonly screen: Screen;
}

function loadLines(run: RunSeries, { times, columns, screen }: Area): readonly string[] {
  const { eighths, peak } = screen.glyphs;
  const grid = new Grid(columns, ROWS.load, screen.glyphs);
  const axis = valueAxis(largestOf(run.load), 2);
  const scale = ROWS.load / axis.domain[1];
  for (const [column, { mean, max }] of summaries(run.at, run.load, times, columns).entries()) {
    for (let row = 0; row < ROWS.load; row += 1) {
      const eighth = Math.round(Math.min(1, Math.max(0, mean * scale - row)) * 8);
      if (eighth > 0) grid.put(column, row, eighths[eighth] ?? " ", "load");
      else if (max * scale > row + 0.5) grid.put(column, row, peak, "load");
    }
  }
  const keys = [
    { glyph: eighths[8] ?? "", ink: "load", text: "mean" },
    { glyph: peak, ink: "load", text: `highest of ${short(intervalOf(run))} s` },
  ] as const;
  return [titleLine("Load, requests per second", keys, screen), ...plotLines(grid, rowLabels(grid, axis), screen)];
}

function replicaLines(run: RunSeries, { times, columns, screen }: Area): readonly string[] {
  const { fill, line } = screen.glyphs;
  const largest = Math.max(2, largestOf(run.ready, run.wanted));
  const axis = valueAxis(largest, Math.max(ROWS.replicas, Math.min(largest, REPLICA_ROWS)), true);
  const [, top] = axis.domain;
  const grid = new Grid(columns, top <= REPLICA_ROWS ? top : ROWS.replicas, screen.glyphs);
  for (const [column, { mean }] of summaries(run.at, run.ready, times, columns).entries()) {
    const full = Math.round((mean / top) * grid.rows);
    for (let row = 0; row < full; row += 1) grid.put(column, row, fill, "ready");
  }
  grid.line(heights(run.at, run.wanted, times, columns, top), "wanted");
  const keys = [
    { glyph: line, ink: "wanted", text: "wanted" },
    { glyph: fill, ink: "ready", text: "ready" },
  ] as const;
  return [titleLine("Replicas", keys, screen), ...plotLines(grid, rowLabels(grid, axis), screen)];
}

function metricLines(metric: MetricSeries, at: Values, { times, columns, screen }: Area): readonly string[] {
  const { band, target, line, over, dash } = screen.glyphs;
  const grid = new Grid(columns, ROWS.metric, screen.glyphs);
  const largest = largestOf(metric.average);
  const shown = Math.max(metric.high, Math.min(largest, SHOWN_TARGETS * metric.target));
  const axis = valueAxis(shown, ROWS.metric - 1);
  const [, top] = axis.domain;
  const targetRow = grid.rowOf(metric.target / top);
  for (let column = 0; column < columns; column += 1) {
    for (let row = 0; row < ROWS.metric; row += 1) {
      const value = ((row + 0.5) / ROWS.metric) * top;
      if (value >= metric.low && value <= metric.high) grid.put(column, row, band, "faint");
    }
    grid.put(column, targetRow, target, "target");
  }
  grid.line(heights(at, metric.average, times, columns, top), "metric");
  const beyond = largest > top;
  for (const [column, { max }] of summaries(at, metric.average, times, columns).entries()) {
    if (max > top) grid.put(column, ROWS.metric - 1, over, "metric");
  }
  const lines = plotLines(grid, rowLabels(grid, axis).set(targetRow, short(metric.target)), screen);
  const keys = [
    { glyph: line, ink: "metric", text: "average" },
    { glyph: target, ink: "target", text: `target ${short(metric.target)}` },
    { glyph: band, ink: "faint", text: `band ${short(metric.low)}${dash}${short(metric.high)}` },
    ...(beyond ? [{ glyph: over, ink: "metric", text: `up to ${short(largest)}` } as const] : []),
  ] as const;
  return [titleLine(`${plain(metric.name)}, ${plain(metric.unit)}`, keys, screen), ...lines];
}

/** One summary for each column; a column without an entry shows the one before it. */
function summaries(at: Values, values: Values, times: Domain, columns: number) {
  const found = summarize(at, values, times, columns);
  const [from, to] = times;
  let next = 0;
  return Array.from({ length: columns }, (_, column) => {
    const end = from + ((to - from) * (column + 1)) / columns;
    while (next < found.length - 1 && (found[next + 1]?.at ?? 0) < end) next += 1;
    return found[next] ?? { min: Number.NaN, mean: Number.NaN, max: Number.NaN };
  });
}

function heights(at: Values, values: Values, times: Domain, columns: number, top: number) {
  return summaries(at, values, times, columns * DOTS_ACROSS).map(({ min, max }) => [min / top, max / top] as const);
}
