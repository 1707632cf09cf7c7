import { area, curveLinear, curveStepAfter, line } from "d3-shape";
import type { Values } from "../series";
import { summarize, thin } from "../thin";
import { drawMeasured } from "./drawMeasured";
import { clamp, endAt, isSome, type Point, pointsOf } from "./frame";
import type { Drawn, Frame, Layer, MarkerLayer, Points, SeriesLayer, SpreadLayer, VerticalLayer } from "./layer";
import { html } from "./markup";
import { percent, round } from "./units";

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
    case "measured":
      return drawMeasured(layer, frame);
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
    case "vertical":
      return drawVertical(layer, frame);
    case "marker":
      return drawMarker(layer, frame);
  }
}

function drawSeries({ kind, points, color, dash = "solid", steps = false, end }: SeriesLayer, frame: Frame): Drawn {
  const across = acrossOf(points, frame);
  const kept = thin(across, points.y, [0, frame.columns], frame.columns).map(
    (index): Point => [across[index] ?? 0, points.y[index] ?? Number.NaN],
  );
  const curve = steps ? curveStepAfter : curveLinear;
  const x = ([at]: Point) => at;
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
  const columns = summarize(acrossOf(points, frame), points.y, [0, frame.columns], frame.columns);
  const some = ({ mean }: { readonly mean: number }) => !Number.isNaN(mean);
  const range = area<(typeof columns)[number]>()
    .x(({ at }) => at)
    .y0(({ min }) => frame.y(min))
    .y1(({ max }) => frame.y(max));
  const mean = line<(typeof columns)[number]>(
    ({ at }) => at,
    ({ mean }) => frame.y(mean),
  );
  const last = columns.findLast(some);
  return {
    stretched: html`<path class="spread ${color}" d="${range.defined(some).digits(1)(columns) ?? ""}"/><path class="line ${color}" d="${mean.defined(some).digits(1)(columns) ?? ""}"/>`,
    ...endAt({ end }, last === undefined ? undefined : frame.y(last.mean)),
  };
}

/** Places in pixels: what is thinned is what is seen, whatever the axis. */
function acrossOf({ x }: Points, frame: Frame): Values {
  return Array.from(x, (at) => frame.x(at));
}

/** Texts stand to the side on which there is room. */
function beside(share: number): { readonly className: string; readonly dx: number } {
  return share > 0.6 ? { className: "mark before", dx: -9 } : { className: "mark", dx: 9 };
}

function drawMarker({ x, y, label }: MarkerLayer, frame: Frame): Drawn {
  const share = frame.x(x) / frame.columns;
  const [left, top] = [percent(share), round(frame.y(y))];
  const { className, dx } = beside(share);
  return {
    fixed: html`<line class="level dashed" x1="${left}" x2="${left}" y1="${top}" y2="${frame.height}"/><circle class="ring" cx="${left}" cy="${top}" r="5"/><text class="${className}" dx="${dx}" x="${left}" y="${top}" dy="-7">${label}</text>`,
  };
}

function drawVertical({ x, end }: VerticalLayer, frame: Frame): Drawn {
  const share = frame.x(x) / frame.columns;
  const left = percent(share);
  const { className, dx } = beside(share);
  const name =
    end === undefined ? "" : html`<text class="${className}" dx="${dx}" x="${left}" y="0" dy="9">${end}</text>`;
  return { fixed: html`<line class="level dotted" x1="${left}" x2="${left}" y1="0" y2="${frame.height}"/>${name}` };
}
