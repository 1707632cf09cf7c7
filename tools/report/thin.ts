import type { Values } from "./series";

/**
 * Which entries draw the same picture in so many columns of pixels: of each column the first, the smallest, the
 * largest and the last one, and one for each gap (NaN) between them.
 *
 * @param domain the times at the left and at the right edge.
 * @returns indices, ascending.
 */
export function thin(at: Values, values: Values, domain: Domain, columns: number): readonly number[] {
  const kept: number[] = [];
  let gap = false;
  for (const { from, to } of columnsOf(at, domain, columns)) {
    let smallest = -1;
    let largest = -1;
    let first = -1;
    let last = -1;
    let missing = -1;
    for (let index = from; index < to; index += 1) {
      const value = values[index] ?? Number.NaN;
      if (Number.isNaN(value)) {
        missing = index;
        continue;
      }
      if (first < 0) first = index;
      last = index;
      if (smallest < 0 || value < (values[smallest] ?? 0)) smallest = index;
      if (largest < 0 || value > (values[largest] ?? 0)) largest = index;
    }
    const some = first >= 0 ? [first, smallest, largest, last] : [];
    // Gaps next to each other are one gap.
    if (missing >= 0 && !(gap && first < 0)) some.push(missing);
    gap = first < 0;
    kept.push(...new Set(some.sort((a, b) => a - b)));
  }
  return kept.filter((index, place) => !flat(values, kept[place - 1], index, kept[place + 1]));
}

/** A point between two of the same value adds nothing to a line, be it straight or in steps. */
function flat(values: Values, before: number | undefined, index: number, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return values[before] === values[index] && values[index] === values[after];
}

/** The first and the last time that a chart shows, in seconds. */
export type Domain = readonly [from: number, to: number];

/** What the values of one column were; NaN where there were none. */
export interface Summary {
  /** Time in its middle, in seconds. */
  readonly at: number;
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** Minimum, mean and maximum of each column that has entries. */
export function summarize(at: Values, values: Values, domain: Domain, columns: number): readonly Summary[] {
  return columnsOf(at, domain, columns).map(({ from, to, column }) => {
    let [min, max, sum, count] = [Number.NaN, Number.NaN, 0, 0];
    for (let index = from; index < to; index += 1) {
      const value = values[index] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      if (!(min <= value)) min = value;
      if (!(max >= value)) max = value;
      sum += value;
      count += 1;
    }
    return { at: middle(at, from, to, domain, columns, column), min, mean: sum / count, max };
  });
}

/** An entry that has a column for itself stands where it is. */
function middle(at: Values, from: number, to: number, [start, end]: Domain, columns: number, column: number): number {
  return to - from === 1 ? (at[from] ?? start) : start + ((end - start) * (column + 0.5)) / columns;
}

interface Column {
  readonly column: number;
  /** First entry of it, and the one after its last. */
  readonly from: number;
  readonly to: number;
}

function columnsOf(at: Values, [start, end]: Domain, columns: number): readonly Column[] {
  const found: Column[] = [];
  const columnOf = (index: number) =>
    Math.min(columns - 1, Math.max(0, Math.floor((((at[index] ?? 0) - start) / (end - start)) * columns)));
  let from = 0;
  while (from < at.length) {
    const column = columnOf(from);
    let to = from + 1;
    while (to < at.length && columnOf(to) === column) to += 1;
    found.push({ column, from, to });
    from = to;
  }
  return found;
}
