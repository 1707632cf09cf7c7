import { line } from "d3-shape";
import { allPoints, clamp, endAt, isSome, type Point } from "./frame";
import type { Drawn, Frame, MeasuredLayer, Shape } from "./layer";
import { type Content, type Html, html } from "./markup";
import { percent, round } from "./units";

/** Half of the width of the ends of a bar, in pixels. */
const CAP = 3.5;

/** The marks of a layer of measurements. */
export function drawMeasured(layer: MeasuredLayer, frame: Frame): Drawn {
  const { points, shape, color, dash, end } = layer;
  const all = allPoints(points).filter(([x]) => Number.isFinite(frame.x(x)));
  const some = all.filter(isSome);
  const last = some.at(-1);
  return {
    stretched: dash === undefined ? undefined : html`<path class="line ${color} ${dash}" d="${pathOf(all, frame)}"/>`,
    fixed: [
      ...barsOf(layer, frame),
      ...some.map(([x, y]) => {
        const place = placeOf(y, frame);
        // Beyond the upper edge it only counts that there is something.
        return place < 0 ? markAt(x, 0, beyond(color), frame) : markAt(x, place, shapeMark(shape, color), frame);
      }),
    ],
    ...endAt({ end }, last === undefined ? undefined : Math.max(0, placeOf(last[1], frame))),
  };
}

function pathOf(points: readonly Point[], frame: Frame): string {
  const through = line<Point>(
    ([x]) => frame.x(x),
    ([, y]) => placeOf(y, frame),
  );
  return through.defined(isSome).digits(1)(points) ?? "";
}

/** The point itself, around the origin. A diamond is hollow: two shapes that are told apart also when small. */
export function shapeMark(shape: Shape, color: string): Html {
  switch (shape) {
    case "circle":
      return html`<circle class="point ${color}" r="3.2"/>`;
    case "diamond":
      return html`<path class="point hollow ${color}" d="M0,-4.5L4.5,0L0,4.5L-4.5,0Z"/>`;
  }
}

function beyond(color: string): Html {
  return html`<path class="point ${color}" d="M0,0L4.5,7H-4.5Z"/>`;
}

function barsOf({ points, intervals, color }: MeasuredLayer, frame: Frame): readonly Content[] {
  if (intervals === undefined) return [];
  return Array.from(points.x, (x, index) => {
    const [low, high] = [intervals.low[index] ?? Number.NaN, intervals.high[index] ?? Number.NaN];
    if (!Number.isFinite(low) || !Number.isFinite(high) || !Number.isFinite(frame.x(x))) return undefined;
    const [top, bottom] = [clamp(placeOf(high, frame), frame), clamp(placeOf(low, frame), frame)].map(round);
    return markAt(
      x,
      0,
      html`<path class="bar ${color}" d="M-${CAP},${top}H${CAP}M0,${top}V${bottom}M-${CAP},${bottom}H${CAP}"/>`,
      frame,
    );
  });
}

/** On a logarithmic axis nothing is lower than its lower end. */
function placeOf(y: number, frame: Frame): number {
  const place = frame.y(y);
  return Number.isFinite(place) ? place : frame.height;
}

/** A mark that keeps its shape, at a place across that is a share of the width. */
function markAt(x: number, y: number, mark: Html, frame: Frame): Html {
  return html`<svg class="at" x="${percent(frame.x(x) / frame.columns)}" y="${round(y)}">${mark}</svg>`;
}
