import type { Drawn, Frame, Points } from "./layer";

export type Point = readonly [x: number, y: number];

/** The points that there are: those without a value left out. */
export function pointsOf(points: Points): readonly Point[] {
  return allPoints(points).filter(isSome);
}

export function allPoints({ x, y }: Points): readonly Point[] {
  return Array.from(x, (at, index): Point => [at, y[index] ?? Number.NaN]);
}

export function isSome([, y]: Point): boolean {
  return !Number.isNaN(y);
}

/** No further than the chart. */
export function clamp(y: number, { height }: Frame): number {
  return Math.min(height, Math.max(0, y));
}

/** What stands beside the right end of a layer, if anything does. */
export function endAt({ end }: { readonly end?: string | undefined }, y: number | undefined): Pick<Drawn, "end"> {
  return end === undefined || y === undefined ? {} : { end: { text: end, y } };
}
