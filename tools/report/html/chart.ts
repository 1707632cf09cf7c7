import { scaleLinear, scaleLog } from "d3-scale";
import type { Axis } from "../axis";
import { drawLayer } from "./draw";
import { endLabels } from "./endLabels";
import type { Layer } from "./layer";
import { type Content, type Html, html } from "./markup";
import { swatch } from "./swatch";
import { percent, round } from "./units";

/** A chart with two axes: over time, or of one figure against another. */
export interface Chart {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  /** For those who cannot see it. */
  readonly description: string;
  /** Pixels. */
  readonly height: number;
  /** Pixels across that are worth drawing: the width on a large screen. Series are thinned to it. */
  readonly columns: number;
  readonly x: Axis;
  readonly y: Axis;
  /** What the horizontal axis counts; nothing for time. */
  readonly xUnit?: string;
  /** Whether the horizontal axis has labels: of charts over one another only the lowest needs them. */
  readonly xLabels?: boolean;
  /** Whether to say what the layers mean: of charts beside one another only one needs it. Or what to say it of. */
  readonly key?: boolean | readonly Layer[];
  /** Drawn in this order. */
  readonly layers: readonly Layer[];
}

/** Pixels above the largest value, so that a line there is not cut. */
const HEADROOM = 2;
/** Pixels between the plot and the labels of its axes. */
const LABEL_GAP = { x: 17, y: -7 } as const;

/**
 * A chart that fills the width it is given: its marks stretch, its texts do not. Styled by `STYLE`.
 */
export function chartFigure(chart: Chart): Html {
  const { title, unit, description, height, columns, xUnit, xLabels = true, key = true, layers } = chart;
  const scales = {
    x: scaleOf(chart.x).range([0, columns]),
    y: scaleOf(chart.y).range([height, HEADROOM]),
  };
  const drawn = layers.map((layer) => drawLayer(layer, { ...scales, columns, height }));
  return html`<figure class="chart${xLabels ? "" : " bare"}">
<figcaption><b>${title}</b> <span class="unit">${unit}</span>${key === false ? "" : keyOf(key === true ? layers : key)}</figcaption>
<svg class="plot" role="img" height="${height}"><title>${title}</title><desc>${description}</desc>
<g class="axis">${yAxis(chart, (at) => round(scales.y(at)))}${xAxis(chart, (at) => percent(scales.x(at) / columns))}</g>
<svg width="100%" height="${height}" viewBox="0 0 ${columns} ${height}" preserveAspectRatio="none">${drawn.map(({ stretched }) => stretched)}</svg>
<g>${drawn.map(({ fixed }) => fixed)}${endLabels(drawn, height)}</g>
</svg>
${xUnit === undefined || !xLabels ? "" : html`<div class="unit across">${xUnit}</div>`}</figure>
`;
}

function scaleOf({ domain, scale = "linear" }: Axis) {
  switch (scale) {
    case "linear":
      return scaleLinear().domain(domain);
    case "log":
      return scaleLog().domain(domain);
  }
}

/** What the layers of charts mean, for a key that several charts share. */
export function keyOf(layers: readonly Layer[]): Html {
  const items = layers.map((layer) => html`<span>${swatch(layer)} ${layer.label}</span> `);
  return html` <span class="key">${items}</span>`;
}

function yAxis({ y }: Chart, place: (at: number) => number): Content {
  return y.ticks.map(
    ({ at, label }) =>
      html`<line class="grid" x1="0" x2="100%" y1="${place(at)}" y2="${place(at)}"/><text class="left" x="${LABEL_GAP.y}" y="${place(at)}" dy="0.35em">${label}</text>`,
  );
}

/** Every other label may be left out where there is little room. */
function xAxis({ x, height, xLabels = true }: Chart, place: (at: number) => string): Content {
  return x.ticks.map(({ at, label }, index) => {
    const left = place(at);
    const text = xLabels ? html`<text class="below" x="${left}" y="${height + LABEL_GAP.x}">${label}</text>` : "";
    return html`<g${index % 2 === 0 ? "" : html` class="minor"`}><line x1="${left}" x2="${left}" y1="${height}" y2="${height + 4}"/>${text}</g>`;
  });
}
