import { valueAxis } from "../../tools/report/axis";
import { type Chart, chartFigure } from "../../tools/report/html/chart";
import type { Layer } from "../../tools/report/html/layer";
import { parsed } from "./document";

/** A chart of round numbers, so that places on it can be told by head. */
export const base: Chart = {
  title: "Latency",
  unit: "seconds",
  description: "Rises with the load.",
  height: 102,
  columns: 400,
  x: valueAxis(40, 4),
  y: valueAxis(10, 5),
  layers: [],
};
export const drawn = (layers: readonly Layer[], changes: Partial<Chart> = {}) =>
  parsed(chartFigure({ ...base, layers, ...changes }).source);
export const x = [0, 10, 20, 40];
export const y = [0, 5, Number.NaN, 10];
