import truncate from "cli-truncate";
import { createColors } from "picocolors";
import stringWidth from "string-width";
import type { Glyphs, Paint } from "./style";

/** Inks of a terminal with colour, or none. */
export function paintOf(color: boolean): Paint {
  const { blue, green, yellow, cyan, magenta, gray } = createColors(color);
  return { load: blue, ready: green, wanted: yellow, metric: cyan, target: magenta, faint: gray, none: String };
}

/** Columns that a text takes in a terminal. */
export function columnsOf(text: string): number {
  return stringWidth(text);
}

/** The text, cut where it takes more columns than there are. */
export function cut(text: string, columns: number, { ellipsis }: Glyphs): string {
  if (columns < ellipsis.length) return "";
  return truncate(text, columns, { truncationCharacter: ellipsis });
}
