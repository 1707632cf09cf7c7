import truncatedWidth from "fast-string-truncated-width";
import { createColors } from "picocolors";
import type { Glyphs, Paint } from "./style";

/** Inks of a terminal with colour, or none. */
export function paintOf(color: boolean): Paint {
  const { blue, green, yellow, cyan, magenta, gray } = createColors(color);
  return { load: blue, ready: green, wanted: yellow, metric: cyan, target: magenta, faint: gray, none: String };
}

/** Columns that a text takes in a terminal. */
export function columnsOf(text: string): number {
  return truncatedWidth(text).width;
}

/** The text, cut where it takes more columns than there are. */
export function cut(text: string, columns: number, { ellipsis }: Glyphs): string {
  const { index, ellipsed } = truncatedWidth(text, { limit: Math.max(0, columns), ellipsis });
  return index === text.length ? text : text.slice(0, index) + (ellipsed ? ellipsis : "");
}
