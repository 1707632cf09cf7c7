import { max, min } from "d3-array";
import { scaleLinear } from "d3-scale";
import type { RunSeries, Values } from "./series";
import { short } from "./text";
import type { Domain } from "./thin";

/** A place on an axis that has a label. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** What an axis shows, and where it is labelled. */
export interface Axis {
  readonly domain: Domain;
  readonly ticks: readonly Tick[];
  /** `log`: equal ratios are equally far apart; both ends of the domain are above 0. Linear unless told. */
  readonly scale?: "linear" | "log";
}

const [MINUTE, HOUR, DAY] = [60, 3600, 86400];
const STEPS = [
  ...[1, 5, 15, 30],
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 7, 14, 28].map((count) => count * DAY),
];

/** Seconds as people say them: `0`, `45 s`, `20 min`, `6 h`, `1 h 30`, `2 d 12 h`. */
export function timeLabel(seconds: number): string {
  if (seconds === 0) return "0";
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return join(seconds, MINUTE, "min", (rest) => `${rest} s`);
  // As long as hours are easily counted, they say more than days.
  if (seconds < 2 * DAY) return join(seconds, HOUR, "h", (rest) => String(Math.floor(rest / MINUTE)).padStart(2, "0"));
  return join(seconds, DAY, "d", (rest) => `${Math.floor(rest / HOUR)} h`);
}

function join(seconds: number, large: number, unit: string, small: (rest: number) => string): string {
  const rest = seconds % large;
  return `${Math.floor(seconds / large)} ${unit}${rest === 0 ? "" : ` ${small(rest)}`}`;
}

/** An axis of elapsed time with about so many labels at round times. */
export function timeAxis([from, to]: Domain, count: number): Axis {
  const span = to - from;
  const largest = Math.ceil(span / count / DAY) * DAY;
  const step = STEPS.find((candidate) => span / candidate <= count) ?? largest;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push({ at, label: timeLabel(at) });
  return { domain: [from, to], ticks };
}

/**
 * An axis from 0 to a round value that is no smaller than the largest one.
 *
 * @param whole for counts: no labels between whole numbers.
 */
export function valueAxis(largest: number, count: number, whole = false): Axis {
  const end = Number.isFinite(largest) && largest > 0 ? largest : 1;
  const scale = scaleLinear().domain([0, end]).nice(count);
  const [from = 0, to = 1] = scale.domain();
  const at = scale.ticks(count).filter((tick) => !whole || Number.isInteger(tick));
  return { domain: [from, to], ticks: at.map((tick) => ({ at: tick, label: short(tick) })) };
}

/** Where a decade is labelled, densest first. */
const DECADES = [[1, 2, 5], [1, 3], [1]] as const;

/**
 * A logarithmic axis from a round value that is no larger than the smallest one, to one that is no smaller than the
 * largest.
 *
 * @param values of which those that have no place on it (0, NaN) are left out.
 * @param count labels at most, about.
 * @param base what round values are: 1, 2 and 5 of each decade, or powers of two.
 */
export function logAxis(values: Values, count: number, base: 2 | 10 = 10): Axis {
  const some = Array.from(values).filter((value) => value > 0 && Number.isFinite(value));
  const [smallest, largest] = [min(some) ?? 1, max(some) ?? 1];
  const candidates = base === 2 ? [[1]] : DECADES;
  const ticks = candidates.map((steps) => powers(smallest, largest, base, steps));
  const fits = ticks.find(({ length }) => length <= count) ?? ticks.at(-1) ?? [];
  const every = Math.ceil(fits.length / count);
  return {
    scale: "log",
    domain: [fits[0] ?? 1, fits.at(-1) ?? base],
    ticks: fits.filter((_, index) => index % every === 0).map((at) => ({ at, label: short(at) })),
  };
}

/** Round values from the last that is no larger than the smallest, to the first that is no smaller than the largest. */
function powers(smallest: number, largest: number, base: number, steps: readonly number[]): readonly number[] {
  const of = (value: number) => Math.floor(Math.log(value) / Math.log(base) + 1e-9);
  const round: number[] = [];
  for (let power = of(smallest); power <= of(largest) + 1; power += 1) {
    // Powers of ten below 1 are exact only as quotients.
    for (const step of steps) round.push(power < 0 ? step / base ** -power : step * base ** power);
  }
  const from = Math.max(
    0,
    round.findLastIndex((value) => value <= smallest),
  );
  const to = round.findIndex((value) => value >= largest && value > smallest);
  return round.slice(from, to + 1);
}

/** From this ratio of the largest to the smallest value on, a linear axis would show nothing of the small ones. */
const WIDE_RATIO = 30;

/** A logarithmic axis where the values span much, else a linear one from 0. */
export function rangeAxis(values: Values, count: number): Axis {
  const some = Array.from(values).filter((value) => value > 0 && Number.isFinite(value));
  const [smallest, largest] = [min(some) ?? 0, max(some) ?? 0];
  // Labels of ratios stand closer: between them nothing is to be read off.
  return smallest > 0 && largest / smallest >= WIDE_RATIO ? logAxis(some, count + 2) : valueAxis(largest, count);
}

/** The largest of all values, NaN left out; 0 without any. */
export function largestOf(...all: readonly Values[]): number {
  return max(all, (values) => max(Array.from(values))) ?? 0;
}

/** From the start to the last entry of the longest run. */
export function timesOf(runs: readonly RunSeries[]): Domain {
  const last = largestOf(...runs.map(({ at }) => at));
  return [0, last > 0 ? last : 1];
}

/** Seconds between two entries. */
export function intervalOf({ at }: RunSeries): number {
  return at.length < 2 ? 0 : ((at[at.length - 1] ?? 0) - (at[0] ?? 0)) / (at.length - 1);
}
