import type { ScaleLinear } from "d3-scale";
import { area, curveLinear, curveStepAfter, line } from "d3-shape";
import type { Values } from "../series";
import { type Domain, summarize, thin } from "../thin";
import { type Content, html } from "./markup";
import { percent, round } from "./units";

/** Colours that people with any kind of colour vision tell apart (Okabe and Ito), and that print. */
export type Color = "blue" | "orange" | "green" | "purple" | "gray";
export type Dash = "solid" | "dashed" | "dotted";

/** Points in the order of their first coordinate. NaN in the second one is a gap in a line. */
export interface Points {
  readonly x: Values;
  readonly y: Values;
}

interface Labelled {
  /** For the key. */
  readonly label: string;
  /** What stands beside the right end, in a word or two. */
  readonly end?: string;
}

interface Colored extends Labelled {
  readonly color: Color;
}

/** A series: a line, or the area below it. `steps`: each value holds until the next one. */
export interface SeriesLayer extends Colored {
  readonly kind: "line" | "area";
  readonly points: Points;
  readonly dash?: Dash;
  readonly steps?: boolean;
}

/** A noisy series: the mean of each column of pixels, and shaded the range of its values. */
export interface SpreadLayer extends Colored {
  readonly kind: "spread";
  readonly points: Points;
}

/** Single points, not joined. */
export interface DotsLayer extends Colored {
  readonly kind: "dots";
  readonly points: Points;
}

/** All values between two. */
export interface BandLayer extends Labelled {
  readonly kind: "band";
  readonly low: number;
  readonly high: number;
}

/** One value, all across. */
export interface LevelLayer extends Labelled {
  readonly kind: "level";
  readonly at: number;
}

/** A point that matters, with its name beside it. */
export interface MarkerLayer extends Labelled {
  readonly kind: "marker";
  readonly x: number;
  readonly y: number;
}

export type Layer = SeriesLayer | SpreadLayer | DotsLayer | BandLayer | LevelLayer | MarkerLayer;

/** Where a layer is drawn: pixels from the top left. */
export interface Frame {
  readonly x: ScaleLinear<number, number>;
  readonly y: ScaleLinear<number, number>;
  readonly columns: number;
  readonly height: number;
}

export interface Drawn {
  /** Is stretched to the width of the chart. */
  readonly stretched?: Content;
  /** Keeps its shape; places across are percentages. */
  readonly fixed?: Content;
  readonly end?: { readonly text: string; readonly y: number };
}

/** The marks of a layer. */
export function drawLayer(layer: Layer, frame: Frame): Drawn {
  switch (layer.kind) {
    case "line":
    case "area":
      return drawSeries(layer, frame);
    case "spread":
      return drawSpread(layer, frame);
    case "dots":
      return {
        fixed: pointsOf(layer.points).map(
          ([x, y]) =>
            html`<circle class="dot ${layer.color}" cx="${percent(frame.x(x) / frame.columns)}" cy="${round(frame.y(y))}" r="3"/>`,
        ),
      };
    case "band": {
      const [top, bottom] = [clamp(frame.y(layer.high), frame), clamp(frame.y(layer.low), frame)];
      return {
        stretched: html`<rect class="band" x="0" width="${frame.columns}" y="${round(top)}" height="${round(bottom - top)}"/>`,
      };
    }
    case "level": {
      const y = round(frame.y(layer.at));
      return {
        stretched: html`<line class="level dashed" x1="0" x2="${frame.columns}" y1="${y}" y2="${y}"/>`,
        ...endAt(layer, y),
      };
    }
    case "marker":
      return drawMarker(layer, frame);
  }
}

function drawSeries({ kind, points, color, dash = "solid", steps = false, end }: SeriesLayer, frame: Frame): Drawn {
  const kept = thin(points.x, points.y, domainOf(frame), frame.columns).map(
    (index): Point => [points.x[index] ?? 0, points.y[index] ?? Number.NaN],
  );
  const curve = steps ? curveStepAfter : curveLinear;
  const x = ([at]: Point) => frame.x(at);
  const y = ([, value]: Point) => frame.y(value);
  const path =
    kind === "line"
      ? line<Point>(x, y).defined(isSome).curve(curve).digits(1)(kept)
      : area<Point>(x, frame.height, y).defined(isSome).curve(curve).digits(1)(kept);
  const last = kept.findLast(isSome);
  return {
    stretched: html`<path class="${kind} ${color} ${dash}" d="${path ?? ""}"/>`,
    ...endAt({ end }, last === undefined ? undefined : y(last)),
  };
}

function drawSpread({ points, color, end }: SpreadLayer, frame: Frame): Drawn {
  const columns = summarize(points.x, points.y, domainOf(frame), frame.columns);
  const some = ({ mean }: { readonly mean: number }) => !Number.isNaN(mean);
  const range = area<(typeof columns)[number]>()
    .x(({ at }) => frame.x(at))
    .y0(({ min }) => frame.y(min))
    .y1(({ max }) => frame.y(max));
  const mean = line<(typeof columns)[number]>(
    ({ at }) => frame.x(at),
    ({ mean }) => frame.y(mean),
  );
  const last = columns.findLast(some);
  return {
    stretched: html`<path class="spread ${color}" d="${range.defined(some).digits(1)(columns) ?? ""}"/><path class="line ${color}" d="${mean.defined(some).digits(1)(columns) ?? ""}"/>`,
    ...endAt({ end }, last === undefined ? undefined : frame.y(last.mean)),
  };
}

function drawMarker({ x, y, label }: MarkerLayer, frame: Frame): Drawn {
  const share = frame.x(x) / frame.columns;
  const [left, top] = [percent(share), round(frame.y(y))];
  // To the side on which there is room.
  const side = share > 0.6 ? html`class="mark before" dx="-9"` : html`class="mark" dx="9"`;
  return {
    fixed: html`<line class="level dashed" x1="${left}" x2="${left}" y1="${top}" y2="${frame.height}"/><circle class="ring" cx="${left}" cy="${top}" r="5"/><text ${side} x="${left}" y="${top}" dy="-7">${label}</text>`,
  };
}

type Point = readonly [x: number, y: number];

function pointsOf({ x, y }: Points): readonly Point[] {
  return Array.from(x, (at, index): Point => [at, y[index] ?? Number.NaN]).filter(isSome);
}

function isSome([, y]: Point): boolean {
  return !Number.isNaN(y);
}

function domainOf({ x }: Frame): Domain {
  const [from = 0, to = 1] = x.domain();
  return [from, to];
}

function clamp(y: number, { height }: Frame): number {
  return Math.min(height, Math.max(0, y));
}

function endAt({ end }: { readonly end?: string | undefined }, y: number | undefined): Pick<Drawn, "end"> {
  return end === undefined || y === undefined ? {} : { end: { text: end, y } };
}
