import { largestOf } from "../axis";
import type { RunSeries, SimulationReport, Values } from "../series";
import { type Chart, chartFigure, keyOf } from "./chart";
import { type Content, html } from "./markup";
import { listOf, page, type Section, tableOf } from "./page";
import { LARGE, type RunCharts, runCharts, SMALL, sharedAxes } from "./runCharts";

/** The result of a simulation as one page: of one run large charts, of several small multiples. */
export function simulationPage(report: SimulationReport): string {
  const { title, subtitle, headline, table, runs, assumptions, notes = [] } = report;
  return page({
    title,
    subtitle,
    headline,
    origin: "simulated",
    sections: [
      { title: "Figures", body: [tableOf(table), notes.length === 0 ? "" : listOf(notes)] },
      ...(runs.length > 1 ? multiples(runs) : runs.map(large)),
      { title: "What this assumes", body: listOf(assumptions) },
    ],
  });
}

function large(run: RunSeries): Section {
  const { load, replicas, metric, misses } = runCharts(run, sharedAxes([run], LARGE), LARGE);
  const missed = largestOf(run.misses) > 0;
  const charts = [load, replicas, ...(metric === undefined ? [] : [metric]), ...(missed ? [misses] : [])];
  return { title: `Over time: ${run.label}`, body: [stack(charts, true), missed ? "" : NONE_MISSED] };
}

const NONE_MISSED = html`<p>No request missed the objective.</p>\n`;

function multiples(runs: readonly RunSeries[]): readonly Section[] {
  const axes = sharedAxes(runs, SMALL);
  const all = runs.map((run) => ({ run, charts: runCharts(run, axes, SMALL) }));
  const [first] = all;
  const sameLoad = runs.every(({ load }) => first !== undefined && same(load, first.run.load));
  const missed = runs.some(({ misses }) => largestOf(misses) > 0);
  const panels = all.map(({ run, charts: { load, replicas, metric, misses } }) => {
    const charts = [
      ...(sameLoad ? [] : [load]),
      replicas,
      ...(metric === undefined ? [] : [metric]),
      ...(missed ? [misses] : []),
    ];
    return html`<section class="run"><h3>${run.label}</h3>\n${stack(charts, false)}</section>\n`;
  });
  return [
    ...(sameLoad && first !== undefined
      ? [{ title: "The same load for all", body: stack([loadOf(first.run)], true) }]
      : []),
    {
      title: "Over time, side by side",
      body: [
        html`<p class="shared">All share the axes of time, replicas and misses; those of one metric share its axis too.</p>\n`,
        first === undefined ? "" : html`<p>${sharedKey(first.charts, sameLoad)}</p>\n`,
        html`<div class="multiples">\n${panels}</div>\n`,
        missed ? "" : NONE_MISSED,
      ],
    },
  ];
}

function loadOf(run: RunSeries): Chart {
  return runCharts(run, sharedAxes([run], LARGE), LARGE).load;
}

/** Targets differ from run to run, so that the key cannot name them. */
function sharedKey({ load, replicas, metric }: RunCharts, sameLoad: boolean): Content {
  const metricLayers = (metric?.layers ?? []).map((layer) => {
    if (layer.kind === "band") return { ...layer, label: "tolerated" };
    return layer.kind === "level" ? { ...layer, label: "target" } : layer;
  });
  return keyOf([...(sameLoad ? [] : load.layers), ...replicas.layers, ...metricLayers]);
}

/** Charts over one another with one time axis below the last one. */
function stack(charts: readonly Chart[], key: boolean): Content {
  const figures = charts.map((chart, index) => chartFigure({ ...chart, key, xLabels: index === charts.length - 1 }));
  return html`<div class="stack">\n${figures}</div>\n`;
}

function same(a: Values, b: Values): boolean {
  return a.length === b.length && Array.from(a).every((value, index) => value === b[index]);
}
