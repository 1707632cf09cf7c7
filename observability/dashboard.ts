import { isGpuStrategy, type StrategyTarget, targetPerReplica } from "../autoscaling/metricStrategy";
import { toleranceBand } from "../autoscaling/targets";
import { ADAPTER } from "../catalog/adapter";
import { OBSERVED, SERIES } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import { DASHBOARD_LIMITS, type DashboardDocument, type Scorecard, type Tile, type Widget } from "./dashboardDocument";
import type { ObservedStack } from "./observedStack";
import { quantile, select } from "./promql";
import { SERVER_POD, signalPerReplica, signalSeries } from "./signals";

/** The dashboard of a stack, fitted to the strategies in use. */
export function dashboardDocument(stack: ObservedStack): DashboardDocument {
  return {
    displayName: `${stack.cluster}/${stack.namespace}: LLM autoscaling`,
    mosaicLayout: {
      columns: DASHBOARD_LIMITS.columns,
      tiles: layOut([
        { height: 8, widgets: headline(stack) },
        ...inPairs([...stack.metrics.map((metric) => signalChart(metric, stack)), replicasChart(stack)]),
        { height: 12, widgets: [queueChart(stack), batchChart(stack), outcomeChart(stack)] },
        { height: 12, widgets: [durationChart(stack), timePerTokenChart(stack)] },
        { height: 12, widgets: [dutyCycleChart(stack), ...(stack.dcgm ? [dcgmChart(stack)] : [])] },
        { height: 12, widgets: [pendingChart(stack), ...(stack.adapter ? [adapterChart(stack)] : [])] },
      ]),
    },
  };
}

interface Row {
  readonly height: number;
  /** They share the width; their number divides the columns. */
  readonly widgets: readonly Widget[];
}

function inPairs(widgets: readonly Widget[]): readonly Row[] {
  return widgets.flatMap((_, index) =>
    index % 2 === 0 ? [{ height: 16, widgets: widgets.slice(index, index + 2) }] : [],
  );
}

function layOut(rows: readonly Row[]): readonly Tile[] {
  let top = 0;
  return rows.flatMap(({ height, widgets }) => {
    const width = DASHBOARD_LIMITS.columns / widgets.length;
    const y = top;
    top += height;
    return widgets.map((widget, index) => ({
      ...(index === 0 ? {} : { xPos: index * width }),
      ...(y === 0 ? {} : { yPos: y }),
      width,
      height,
      widget,
    }));
  });
}

/** Three questions, each answered by a figure that turns red or yellow. */
function headline(stack: ObservedStack): readonly Widget[] {
  const active = select(OBSERVED.hpaCondition, stack, { ...HPA, condition: "ScalingActive", status: "true" });
  const wanted = select(OBSERVED.hpaDesiredReplicas, stack, HPA);
  const maximum = select(OBSERVED.hpaMaxReplicas, stack, HPA);
  const refused = select(OBSERVED.tgiRequestFailure, stack, { err: "overloaded", pod: SERVER_POD }, RATE_RANGE);
  return [
    scorecard("Is it scaling? (1: the HPA reads its metric)", `max(${active})`, [
      { value: 0.5, color: "RED", direction: "BELOW" },
    ]),
    scorecard(
      "Is it at its limit? (wanted, % of the maximum)",
      `100 * max(${wanted}) / max(${maximum})`,
      // A stack of a fixed size is always there.
      stack.minReplicas === stack.maxReplicas ? [] : [{ value: 99.5, color: "YELLOW", direction: "ABOVE" }],
      "%",
    ),
    scorecard("Is anybody refused? (429 a second)", `sum(rate(${refused})) or vector(0)`, [
      { value: 0.001, color: "RED", direction: "ABOVE" },
    ]),
  ];
}

/** The signal as the HPA sees it. Inside the band the HPA does nothing. */
function signalChart(metric: StrategyTarget, stack: ObservedStack): Widget {
  const { strategy } = metric;
  const target = targetPerReplica(metric, stack.gpusPerReplica);
  const { low, high } = toleranceBand(target, stack.tolerance.down, stack.tolerance.up);
  const percent = isGpuStrategy(strategy);
  const unit = percent ? "%" : undefined;
  const summed = percent && stack.gpusPerReplica > 1 ? `, ${stack.gpusPerReplica} GPUs summed` : "";
  return {
    title: `Scaling signal: ${strategy} per replica${summed}`,
    xyChart: {
      dataSets: [line(signalPerReplica(strategy, stack), "average per replica", unit)],
      thresholds: [
        threshold(high, "scales up above"),
        threshold(target, "target"),
        // A tolerance of 1 has no lower end.
        ...(thousandths(low) > 0 ? [threshold(low, "scales down below")] : []),
      ],
      yAxis: { label: percent ? "percent" : "requests", scale: "LINEAR" },
    },
  };
}

function replicasChart(stack: ObservedStack): Widget {
  const available = select(OBSERVED.deploymentAvailable, stack, { deployment: TGI.deploymentName });
  return chart("Replicas", "replicas", [
    line(`max(${select(OBSERVED.hpaDesiredReplicas, stack, HPA)})`, "wanted"),
    line(`max(${available})`, "running"),
    line(`max(${select(OBSERVED.hpaMaxReplicas, stack, HPA)})`, "maximum"),
  ]);
}

function queueChart(stack: ObservedStack): Widget {
  const queue = signalSeries("queue-size", stack);
  return chart("Queue", "requests", [line(`sum(${queue})`, "all"), line(`max(${queue})`, "longest of a replica")]);
}

function batchChart(stack: ObservedStack): Widget {
  const batch = signalSeries("batch-size", stack);
  return chart("Running batch", "requests", [
    line(`sum(${batch})`, "all"),
    line(`max(${batch})`, "largest of a replica"),
  ]);
}

function outcomeChart(stack: ObservedStack): Widget {
  const success = select(OBSERVED.tgiRequestSuccess, stack, { pod: SERVER_POD }, RATE_RANGE);
  const refused = select(OBSERVED.tgiRequestFailure, stack, { err: "overloaded", pod: SERVER_POD }, RATE_RANGE);
  const failed = select(OBSERVED.tgiRequestFailure, stack, { err: { not: "overloaded" }, pod: SERVER_POD }, RATE_RANGE);
  return chart("Requests by outcome", "requests a second", [
    line(`sum(rate(${success}))`, "answered"),
    line(`sum(rate(${refused}))`, "refused (429)"),
    line(`sum by (err) (rate(${failed}))`, `failed: ${label("err")}`),
  ]);
}

function durationChart(stack: ObservedStack): Widget {
  return quantileChart("Request duration (answered requests)", OBSERVED.tgiRequestDuration, stack);
}

function timePerTokenChart(stack: ObservedStack): Widget {
  return quantileChart("Time per token (mean of a request)", OBSERVED.tgiTimePerToken, stack);
}

function quantileChart(
  title: string,
  histogram: typeof OBSERVED.tgiRequestDuration | typeof OBSERVED.tgiTimePerToken,
  stack: ObservedStack,
): Widget {
  return chart(
    title,
    "seconds",
    [0.5, 0.95, 0.99].map((q) =>
      line(quantile(q, select(histogram, stack, { pod: SERVER_POD }, QUANTILE_RANGE)), `p${100 * q}`, "s"),
    ),
  );
}

function dutyCycleChart(stack: ObservedStack): Widget {
  const series = select(SERIES.gpuDutyCycle, stack, { container_name: TGI.containerName, pod_name: SERVER_POD });
  return chart("GPU duty cycle by replica (average of its GPUs)", "percent", [
    line(`avg by (pod_name) (${series})`, label("pod_name"), "%"),
  ]);
}

function dcgmChart(stack: ObservedStack): Widget {
  const pod = stack.dcgmExporter === "gke-managed" ? "pod" : "exported_pod";
  return chart("DCGM GPU utilisation by replica (average of its GPUs)", "percent", [
    line(`avg by (${pod}) (${signalSeries("dcgm-gpu-util", stack)})`, label(pod), "%"),
  ]);
}

function pendingChart(stack: ObservedStack): Widget {
  const pending = select(OBSERVED.podPhase, stack, { phase: "Pending", pod: SERVER_POD });
  const unschedulable = select(OBSERVED.podUnschedulable, stack, { pod: SERVER_POD });
  return chart("Pods pending", "pods", [
    line(`sum(max by (pod) (${pending}))`, "pending"),
    line(`sum(max by (pod) (${unschedulable}))`, "of which no node has room"),
  ]);
}

function adapterChart(stack: ObservedStack): Widget {
  const place = { ...stack, namespace: ADAPTER.namespace };
  const deployment = { deployment: ADAPTER.name };
  const restarts = select(OBSERVED.containerRestarts, place, { container_name: ADAPTER.containerName }, "15m");
  return chart("Metrics adapter", "replicas, restarts", [
    line(`max(${select(OBSERVED.deploymentReplicas, place, deployment)})`, "wanted"),
    line(`max(${select(OBSERVED.deploymentAvailable, place, deployment)})`, "running"),
    line(`sum(increase(${restarts}))`, "restarts in 15 minutes"),
  ]);
}

const HPA = { horizontalpodautoscaler: TGI.hpaName };
/** Eight scrapes: a missed one does not show. */
const RATE_RANGE = "2m";
/** Quantiles of few requests jump: more of them count. */
const QUANTILE_RANGE = "5m";

type DataSet = NonNullable<Widget["xyChart"]>["dataSets"][number];

function line(prometheusQuery: string, legendTemplate: string, unit?: "s" | "%"): DataSet {
  const timeSeriesQuery = { prometheusQuery, ...(unit === undefined ? {} : { unitOverride: unit }) };
  return { timeSeriesQuery, plotType: "LINE", legendTemplate, targetAxis: "Y1" };
}

function chart(title: string, axis: string, dataSets: readonly DataSet[]): Widget {
  return { title, xyChart: { dataSets, yAxis: { label: axis, scale: "LINEAR" } } };
}

/** The step in which the HPA computes. */
function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function threshold(value: number, meaning: string) {
  const rounded = thousandths(value);
  return { value: rounded, label: `${meaning} ${rounded}`, targetAxis: "Y1" as const };
}

function scorecard(
  title: string,
  prometheusQuery: string,
  thresholds: NonNullable<Scorecard["thresholds"]>,
  unitOverride?: "%",
): Widget {
  const timeSeriesQuery = { prometheusQuery, ...(unitOverride === undefined ? {} : { unitOverride }) };
  const sparkChartView = { sparkChartType: "SPARK_LINE" } as const;
  return {
    title,
    scorecard: { timeSeriesQuery, sparkChartView, ...(thresholds.length === 0 ? {} : { thresholds }) },
  };
}

/** The value of a label, in Cloud Monitoring's templates. */
function label(name: string): string {
  return `\${labels.${name}}`;
}
