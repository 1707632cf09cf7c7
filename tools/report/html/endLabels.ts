import type { Drawn } from "./layer";
import { type Content, html } from "./markup";
import { round } from "./units";

/** Pixels from one line of text to the next. */
const LINE = 13;
/** Pixels between the plot and its labels. */
const GAP = 6;

/** Names beside the right ends of what they name, moved apart where they would lie over one another. */
export function endLabels(drawn: readonly Drawn[], height: number): Content {
  const ends = drawn.flatMap(({ end }) => (end === undefined ? [] : [end])).sort((a, b) => a.y - b.y);
  const places = apart(
    ends.map(({ y }) => Math.max(0, y)),
    height,
  );
  return ends.map(
    ({ text }, index) =>
      html`<text class="end" x="100%" dx="${GAP}" y="${round(places[index] ?? 0)}" dy="0.35em">${text}</text>`,
  );
}

/**
 * Places near the wished ones, a line of text apart.
 *
 * @param wished ascending.
 */
export function apart(wished: readonly number[], height: number): readonly number[] {
  const places: number[] = [];
  for (const y of wished) places.push(Math.max(y, (places.at(-1) ?? Number.NEGATIVE_INFINITY) + LINE));
  let lowest = height;
  return places
    .reverse()
    .map((y) => {
      const place = Math.min(y, lowest);
      lowest = place - LINE;
      return place;
    })
    .reverse();
}
