import type { StageFigures } from "../../calibrate/contract";
import { largestOf, logAxis, rangeAxis, valueAxis } from "../axis";
import type { CalibratedTarget, CalibrationReport } from "../calibration";
import { extentOf } from "../calibrationTables";
import { inFlightOf, rateOf, secondsText, shareText } from "../calibrationText";
import { short } from "../text";
import type { Chart } from "./chart";
import type { Color, Dash, Layer } from "./layer";
import { type Across, type Drawn, describe, KINDS, pairOf } from "./stageLayers";

const COLUMNS = 800;
const HEIGHTS = { latency: 170, small: 110 } as const;
const TICKS = 5;
/** An axis that shows every excess would show nothing of the tolerance band. */
const SHOWN_TARGETS = 8;

const BY_RATE: Across = { of: rateOf, told: "open" };
const BY_CONCURRENCY: Across = { of: inFlightOf, told: "closed" };

/** Quantiles, the slowest first, so that the more important ones are drawn over it. */
const QUANTILES = [
  { name: "p99", color: "purple", dash: "dashed" },
  { name: "p50", color: "green", dash: "dotted" },
  { name: "p95", color: "blue", dash: "solid" },
] as const satisfies readonly { name: string; color: Color; dash: Dash }[];

/** Charts of latency, of what the SLO is held by, against the rate of requests, to be put over one another. */
export function latencyCharts(report: CalibrationReport): readonly Chart[] {
  const { slo, stages, attainmentGoal } = report;
  const chart = rateChart(report);
  const attained = stages.map(({ attainment }) => attainment.mean);
  return stacked([
    chart({
      title: "Time to first token",
      unit: "seconds",
      height: HEIGHTS.latency,
      ...latency(report, slo.ttftSeconds, 1, {
        quantiles: ({ ttft }) => ttft,
        interval: ({ ttftP95 }) => ttftP95,
      }),
    }),
    chart({
      title: "Time per token after the first",
      unit: "milliseconds",
      height: HEIGHTS.latency,
      ...latency(report, slo.tpotSeconds, 1000, {
        quantiles: ({ tpot }) => tpot,
        interval: ({ tpotP95 }) => tpotP95,
      }),
    }),
    chart({
      title: "Within the SLO",
      unit: "% of requests",
      height: HEIGHTS.small,
      y: valueAxis(100, TICKS - 1),
      description: `${describe("Share of the requests", attained, stages.map(rateOf), "a second", shareText)} Goal ${shareText(attainmentGoal)}.`,
      layers: [
        { kind: "level", at: attainmentGoal * 100, label: "goal", end: `goal ${shareText(attainmentGoal)}` },
        ...pairOf(stages, BY_RATE, "blue", {
          value: ({ attainment }) => attainment.mean * 100,
          interval: ({ attainment: { low, high } }) => ({ low: low * 100, high: high * 100 }),
        }),
      ],
    }),
  ]);
}

const NO_POINTS = { points: { x: [], y: [] } };

/** What the lines of the latency charts mean, for the key that these charts share. */
export function latencyKey(report: CalibrationReport): readonly Layer[] {
  const lines = QUANTILES.map(
    ({ name, color, dash }): Layer => ({ kind: "line", color, dash, label: name, ...NO_POINTS }),
  );
  return [
    ...lines.sort((a, b) => a.label.localeCompare(b.label)),
    { kind: "level", at: 0, label: "SLO, goal" },
    ...commonKey(report),
  ];
}

/** What the marks of all charts mean. */
export function commonKey(report: CalibrationReport): readonly Layer[] {
  return [
    ...KINDS.filter(({ kind }) => report.stages.some(({ load }) => load.kind === kind)).map(
      ({ shape, label }): Layer => ({ kind: "measured", color: "gray", shape, label, ...NO_POINTS }),
    ),
    ...(report.knee.load === undefined ? [] : [{ kind: "vertical", x: 0, label: "knee" } as const]),
  ];
}

/** Charts of what the HPA may look at against the rate of requests, each with its target. */
export function signalCharts(report: CalibrationReport): readonly Chart[] {
  const { stages } = report;
  const hasDutyCycle = stages.some(({ dutyCycle }) => dutyCycle !== undefined);
  return stacked([
    signalChart(report, ["queue-size"], "Queue", "requests, mean", "orange", ({ queue }) => queue),
    signalChart(report, ["batch-size"], "Batch", "requests, mean", "green", ({ batch }) => batch),
    ...(hasDutyCycle
      ? [
          signalChart(
            report,
            ["gke-duty-cycle", "dcgm-gpu-util"],
            "Duty cycle",
            "% of a GPU, mean",
            "purple",
            ({ dutyCycle }) => dutyCycle ?? Number.NaN,
          ),
        ]
      : []),
  ]);
}

/** Charts of how much is answered against how many requests there are at once. */
export function throughputCharts(report: CalibrationReport): readonly Chart[] {
  const { stages, knee } = report;
  const x = logAxis(extentOf(report).inFlight, 9, 2);
  const at = knee.load === undefined ? undefined : knee.inFlight;
  const chart = (title: string, unit: string, color: Color, drawn: Drawn): Chart => ({
    ...{ title, unit, x, columns: COLUMNS, height: HEIGHTS.small },
    xUnit: "requests at once, at the server",
    key: false,
    y: valueAxis(largestOf(stages.map(drawn.value)), TICKS - 1),
    description: describe(title, stages.map(drawn.value), stages.map(inFlightOf), "at once"),
    layers: [...kneeLayers(at), ...pairOf(stages, BY_CONCURRENCY, color, drawn)],
  });
  return stacked([
    chart("Requests answered", "a second", "blue", {
      value: ({ requestsPerSecond }) => requestsPerSecond.mean,
      interval: ({ requestsPerSecond }) => requestsPerSecond,
    }),
    chart("Output tokens", "a second, of all streams", "green", {
      value: ({ tokensPerSecond }) => tokensPerSecond.mean,
      interval: ({ tokensPerSecond }) => tokensPerSecond,
    }),
  ]);
}

/**
 * Charts that stand over one another: labels of the horizontal axis below the last one, the knee's name in the first,
 * and beside each title only what the shared key does not explain.
 */
function stacked(charts: readonly Chart[]): readonly Chart[] {
  return charts.map((chart, index) => ({
    ...chart,
    xLabels: index === charts.length - 1,
    layers: chart.layers.map((layer) => {
      if (layer.kind !== "vertical" || index === 0) return layer;
      const { end: _, ...nameless } = layer;
      return nameless;
    }),
  }));
}

/** What all charts against the rate share: their axis, and the knee. */
function rateChart(report: CalibrationReport) {
  const x = valueAxis(largestOf(extentOf(report).rates), 8);
  const at = report.knee.load === undefined ? undefined : report.knee.requestsPerSecond;
  return (own: Omit<Chart, "x" | "columns">): Chart => ({
    xUnit: "requests a second: sent (open loop), answered (closed loop)",
    ...{ x, columns: COLUMNS, key: false },
    ...own,
    layers: [...kneeLayers(at), ...own.layers],
    description: at === undefined ? own.description : `${own.description} The knee is at ${short(at)} a second.`,
  });
}

function kneeLayers(x: number | undefined): readonly Layer[] {
  return x === undefined || !Number.isFinite(x) ? [] : [{ kind: "vertical", x, label: "knee", end: "knee" }];
}

interface Latency {
  readonly quantiles: (stage: StageFigures) => StageFigures["ttft"];
  readonly interval: NonNullable<Drawn["interval"]>;
}

/** @param limit of the SLO, in seconds. @param scale what a second is in the chart's unit. */
function latency({ stages }: CalibrationReport, limit: number, scale: number, { quantiles, interval }: Latency) {
  const all = stages.map(quantiles);
  const values = [...all.flatMap(({ p50, p95, p99 }) => [p50, p95, p99]), limit].map((seconds) => seconds * scale);
  const p95 = all.map((each) => each.p95);
  const layers = QUANTILES.flatMap(({ name, color, dash }) =>
    pairOf(
      stages,
      BY_RATE,
      color,
      {
        value: (stage) => quantiles(stage)[name] * scale,
        ...(name === "p95" ? { interval: (stage) => scaled(interval(stage), scale) } : {}),
      },
      { name, dash },
    ),
  );
  return {
    y: rangeAxis(values, TICKS),
    description: `${describe("p95", p95, stages.map(rateOf), "a second", secondsText)} SLO ${secondsText(limit)}.`,
    layers: [{ kind: "level", at: limit * scale, label: "SLO", end: `SLO ${secondsText(limit)}` } as const, ...layers],
  };
}

function scaled({ low, high }: { readonly low: number; readonly high: number }, scale: number) {
  return { low: low * scale, high: high * scale };
}

function signalChart(
  report: CalibrationReport,
  strategies: readonly CalibratedTarget["strategy"][],
  title: string,
  unit: string,
  color: Color,
  value: Drawn["value"],
): Chart {
  const targets = report.targets.filter(
    ({ strategy, target }) => strategies.includes(strategy) && Number.isFinite(target),
  );
  const chosen = targets.find(({ isOwn }) => isOwn) ?? targets[0];
  const values = report.stages.map(value);
  const largest = largestOf(values);
  const shown =
    chosen === undefined ? largest : Math.max(chosen.high, Math.min(largest, SHOWN_TARGETS * chosen.target));
  const y = valueAxis(shown, TICKS - 1);
  const isBeyond = largest > y.domain[1];
  return rateChart(report)({
    title,
    unit: isBeyond ? `${unit}, ↑ up to ${short(largest)}` : unit,
    height: HEIGHTS.small,
    y,
    key: targetLayers(chosen),
    description: `${describe(title, values, report.stages.map(rateOf), "a second")}${chosen === undefined ? "" : ` Target ${short(chosen.target)}, tolerated ${short(chosen.low)} to ${short(chosen.high)}.`}`,
    layers: [...targetLayers(chosen), ...pairOf(report.stages, BY_RATE, color, { value })],
  });
}

function targetLayers(chosen: CalibratedTarget | undefined): readonly Layer[] {
  if (chosen === undefined) return [];
  const { strategy, isOwn, low, high, target } = chosen;
  const name = `target ${short(target)}`;
  return [
    { kind: "band", low, high, label: `tolerated: ${short(low)} to ${short(high)}` },
    { kind: "level", at: target, label: `${name}, ${strategy}${isOwn ? ", the stack's own" : ""}`, end: name },
  ];
}
