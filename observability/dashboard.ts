import { isGpuStrategy, type StrategyTarget, targetPerReplica } from "../autoscaling/metricStrategy";
import { thousandths } from "../autoscaling/quantity";
import { toleranceBand } from "../autoscaling/targets";
import { OBSERVED } from "../catalog/metrics";
import { DASHBOARD_LIMITS, type DashboardDocument, type Scorecard, type Tile, type Widget } from "./dashboardDocument";
import type { ObservedStack } from "./observedStack";
import { quantile } from "./promql";
import { signalPerReplica, signalSeries } from "./signals";
import {
  adapterRestarts,
  adapterSeries,
  deploymentSeries,
  dutyCycleSeries,
  hpaSeries,
  podSeries,
  refusedRequests,
} from "./watched";

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
  const active = hpaSeries(OBSERVED.hpaCondition, stack, { condition: "ScalingActive", status: "true" });
  const wanted = hpaSeries(OBSERVED.hpaDesiredReplicas, stack);
  const maximum = hpaSeries(OBSERVED.hpaMaxReplicas, stack);
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
    scorecard("Is anybody refused? (429 a second)", `sum(rate(${refusedRequests(stack, RATE_RANGE)})) or vector(0)`, [
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
  return chart("Replicas", "replicas", [
    line(`max(${hpaSeries(OBSERVED.hpaDesiredReplicas, stack)})`, "wanted"),
    line(`max(${deploymentSeries(OBSERVED.deploymentAvailable, stack)})`, "running"),
    line(`max(${hpaSeries(OBSERVED.hpaMaxReplicas, stack)})`, "maximum"),
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
  const success = podSeries(OBSERVED.tgiRequestSuccess, stack, {}, RATE_RANGE);
  const failed = podSeries(OBSERVED.tgiRequestFailure, stack, { err: { not: "overloaded" } }, RATE_RANGE);
  return chart("Requests by outcome", "requests a second", [
    line(`sum(rate(${success}))`, "answered"),
    line(`sum(rate(${refusedRequests(stack, RATE_RANGE)}))`, "refused (429)"),
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
      line(quantile(q, podSeries(histogram, stack, {}, QUANTILE_RANGE)), `p${100 * q}`, "s"),
    ),
  );
}

function dutyCycleChart(stack: ObservedStack): Widget {
  return chart("GPU duty cycle by replica (average of its GPUs)", "percent", [
    line(`avg by (pod_name) (${dutyCycleSeries(stack)})`, label("pod_name"), "%"),
  ]);
}

function dcgmChart(stack: ObservedStack): Widget {
  const pod = stack.dcgmExporter === "gke-managed" ? "pod" : "exported_pod";
  return chart("DCGM GPU utilisation by replica (average of its GPUs)", "percent", [
    line(`avg by (${pod}) (${signalSeries("dcgm-gpu-util", stack)})`, label(pod), "%"),
  ]);
}

function pendingChart(stack: ObservedStack): Widget {
  const pending = podSeries(OBSERVED.podPhase, stack, { phase: "Pending" });
  const unschedulable = podSeries(OBSERVED.podUnschedulable, stack);
  return chart("Pods pending", "pods", [
    line(`sum(max by (pod) (${pending}))`, "pending"),
    line(`sum(max by (pod) (${unschedulable}))`, "of which no node has room"),
  ]);
}

function adapterChart(stack: ObservedStack): Widget {
  return chart("Metrics adapter", "replicas, restarts", [
    line(`max(${adapterSeries(OBSERVED.deploymentReplicas, stack)})`, "wanted"),
    line(`max(${adapterSeries(OBSERVED.deploymentAvailable, stack)})`, "running"),
    line(`sum(increase(${adapterRestarts(stack, "15m")}))`, "restarts in 15 minutes"),
  ]);
}

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
