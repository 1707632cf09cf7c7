import { promqlName, type ScrapedCumulative, type Series } from "../../catalog/metrics";

/** Seconds since the play began; below zero: before. */
export type Seconds = number;

/** What something was at each time; undefined while it did not exist. */
export type Timeline<T> = (at: Seconds) => T | undefined;

/** A value from each time on; nothing before the first. */
export function steps<T>(...changes: readonly (readonly [from: Seconds, value: T | undefined])[]): Timeline<T> {
  return (at) => changes.findLast(([from]) => from <= at)?.[1];
}

/** The same all the time. */
export function always<T>(value: T): Timeline<T> {
  return () => value;
}

/** Until: exclusive. Neither: for ever. */
export interface Span {
  readonly from?: Seconds;
  readonly until?: Seconds;
}

export function within({ from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: Span, at: Seconds) {
  return from <= at && at < until;
}

/** What exists for some time only. */
export function during<T>(span: Span, value: Timeline<T>): Timeline<T> {
  return (at) => (within(span, at) ? value(at) : undefined);
}

/** A series that somebody writes. */
export interface PlayedSeries {
  readonly metric: Series | ScrapedCumulative;
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds from one sample to the next. */
  readonly every: 15 | 30 | 60;
  readonly value: Timeline<number>;
}

/** One grid for all series of a play; those that are written more seldom have gaps. */
export const GRID_SECONDS = 15;

/** Samples as promtool's `input_series`. Series with the same labels are one: the later one counts where both exist. */
export function inputSeries(played: readonly PlayedSeries[], end: Seconds): { series: string; values: string }[] {
  const grid = Array.from({ length: Math.floor(end / GRID_SECONDS) + 1 }, (_, index) => index * GRID_SECONDS);
  const rows = new Map<string, (number | undefined)[]>();
  for (const { metric, labels, every, value } of played) {
    const matchers = Object.entries(labels).map(([label, text]) => `${label}=${JSON.stringify(text)}`);
    const name = `${promqlName(metric)}{${matchers.sort().join(",")}}`;
    const earlier = rows.get(name);
    rows.set(
      name,
      grid.map((at, index) => (at % every === 0 ? value(at) : undefined) ?? earlier?.[index]),
    );
  }
  return [...rows].map(([series, samples]) => ({ series, values: notation(samples) }));
}

/** promtool's notation: `_` is a gap, `1x3` four samples of 1 in a row. */
function notation(samples: readonly (number | undefined)[]): string {
  const runs: { text: string; length: number }[] = [];
  for (const sample of samples) {
    const text = sample === undefined ? "_" : String(sample);
    const last = runs.at(-1);
    if (last?.text === text) last.length += 1;
    else runs.push({ text, length: 1 });
  }
  return runs
    .map(({ text, length }) => {
      if (length === 1) return text;
      return text === "_" ? `_x${length}` : `${text}+0x${length - 1}`;
    })
    .join(" ");
}
