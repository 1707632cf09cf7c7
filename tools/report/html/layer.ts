import type { ScaleContinuousNumeric } from "d3-scale";
import type { Values } from "../series";
import type { Content } from "./markup";

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

/** What tells single points apart besides their colour. */
export type Shape = "circle" | "diamond";

/** Measurements: points of one shape. Those above the chart are arrows at its upper edge. */
export interface MeasuredLayer extends Colored {
  readonly kind: "measured";
  readonly points: Points;
  readonly shape: Shape;
  /** Joins the points in their order; without it they stand alone. */
  readonly dash?: Dash;
  /** Drawn as a bar through each point; NaN where nothing is known. */
  readonly intervals?: { readonly low: Values; readonly high: Values };
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

/** One place across, from the bottom to the top, with its label at the top. */
export interface VerticalLayer extends Labelled {
  readonly kind: "vertical";
  readonly x: number;
}

/** A point that matters, with its name beside it. */
export interface MarkerLayer extends Labelled {
  readonly kind: "marker";
  readonly x: number;
  readonly y: number;
}

export type Layer =
  | SeriesLayer
  | SpreadLayer
  | DotsLayer
  | MeasuredLayer
  | BandLayer
  | LevelLayer
  | VerticalLayer
  | MarkerLayer;

/** Where a layer is drawn: pixels from the top left. */
export interface Frame {
  readonly x: ScaleContinuousNumeric<number, number>;
  readonly y: ScaleContinuousNumeric<number, number>;
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
