import { METRIC_PATHS, type MetricPath } from "../catalog/metricPath";
import { type GkeSystemMetric, hpaMetricName, type RenamedSeries, type ScrapedGauge, SERIES } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import { quantityOf } from "./quantity";

/** The signals that a stack can scale on, as the config key `metricStrategy` names them. */
export const METRIC_STRATEGIES = ["queue-size", "batch-size", "gke-duty-cycle", "dcgm-gpu-util"] as const;
export type MetricStrategy = (typeof METRIC_STRATEGIES)[number];

/** Whose DCGM exporter measures `dcgm-gpu-util`: GKE's own, or one that the stack installs. */
export const DCGM_EXPORTERS = ["gke-managed", "self-managed"] as const;
export type DcgmExporterKind = (typeof DCGM_EXPORTERS)[number];

/** One metric of the HPA as the user chose it. */
export interface StrategyTarget {
  readonly strategy: MetricStrategy;
  /** Per replica: requests for queue and batch, percent of **one** GPU for the GPU signals. */
  readonly target: number;
}

/** What the HPA scales and where its series are to be found. */
export interface ScaledWorkload {
  /** Name of the GKE cluster, its location (region or zone) and the server's namespace. */
  readonly cluster: string;
  readonly location: string;
  readonly namespace: string;
  readonly gpusPerReplica: number;
  readonly dcgmExporter: DcgmExporterKind;
}

/**
 * How a signal reaches the HPA. Pods metrics are scoped to the pods by the adapter, so they need a series that
 * carries the server's pod as a label. External metrics sum whatever their selector admits, in the whole project:
 * the scope is part of the type, and it cannot be left out.
 */
export type Signal =
  | { readonly type: "Pods"; readonly series: ScrapedGauge; readonly per: "replica" | "gpu" }
  | {
      readonly type: "External";
      readonly series: GkeSystemMetric | RenamedSeries;
      readonly per: "replica" | "gpu";
      readonly scope: Scope;
    };

/** The label keys that tell a workload's series from everybody else's, in the adapter's syntax. */
interface Scope {
  readonly cluster: `resource.labels.${string}`;
  readonly location: `resource.labels.${string}`;
  readonly namespace: `${"resource" | "metric"}.labels.${string}`;
  readonly container: `${"resource" | "metric"}.labels.${string}`;
  /** The Deployment, where the series says it. Containers of other Deployments may have the same name. */
  readonly controller?: `metadata.system_labels.${string}`;
}

/**
 * Resource `k8s_container`, which GKE's system metrics are written against. Google's samples call every server's
 * container `inference-server`: what tells two of them in one namespace apart is the metadata that Cloud Monitoring
 * keeps of the workload. Source: Monitoring API v3, `GkeWorkload` and "Monitoring filters".
 */
const K8S_CONTAINER: Scope = {
  cluster: "resource.labels.cluster_name",
  location: "resource.labels.location",
  namespace: "resource.labels.namespace_name",
  container: "resource.labels.container_name",
  controller: "metadata.system_labels.top_level_controller_name",
};

/**
 * Resource `prometheus_target` of an exporter that runs elsewhere than the pods it reports on: its own namespace is
 * the resource's, theirs is in `exported_*` metric labels. The pods of other Deployments are dropped when it is scraped.
 */
const EXPORTER_TARGET: Scope = {
  cluster: "resource.labels.cluster",
  location: "resource.labels.location",
  namespace: "metric.labels.exported_namespace",
  container: "metric.labels.exported_container",
};

/** The signal behind a strategy: the only place that knows. */
export function signalOf(strategy: MetricStrategy, dcgmExporter: DcgmExporterKind): Signal {
  switch (strategy) {
    case "queue-size":
      return { type: "Pods", series: SERIES.tgiQueueSize, per: "replica" };
    case "batch-size":
      return { type: "Pods", series: SERIES.tgiBatchCurrentSize, per: "replica" };
    case "gke-duty-cycle":
      return { type: "External", series: SERIES.gpuDutyCycle, per: "gpu", scope: K8S_CONTAINER };
    case "dcgm-gpu-util":
      switch (dcgmExporter) {
        case "gke-managed":
          return { type: "Pods", series: SERIES.dcgmGpuUtil, per: "gpu" };
        case "self-managed":
          return { type: "External", series: SERIES.dcgmGpuUtilRenamed, per: "gpu", scope: EXPORTER_TARGET };
      }
  }
}

/** How the samples behind a strategy reach the HPA. */
export function metricPathOf(strategy: MetricStrategy, dcgmExporter: DcgmExporterKind): MetricPath {
  switch (strategy) {
    case "queue-size":
    case "batch-size":
      return METRIC_PATHS.scraped;
    case "gke-duty-cycle":
      return METRIC_PATHS.dutyCycle;
    case "dcgm-gpu-util":
      return dcgmExporter === "gke-managed" ? METRIC_PATHS.managedDcgm : METRIC_PATHS.scrapedDcgm;
  }
}

/** Whether a strategy's target is a percentage of one GPU (else a number of requests). */
export function isGpuStrategy(strategy: MetricStrategy): boolean {
  return signalOf(strategy, "gke-managed").per === "gpu";
}

interface AverageValueTarget {
  readonly type: "AverageValue";
  /** A Kubernetes quantity. */
  readonly averageValue: string;
}

/** A metric of an `autoscaling/v2` HorizontalPodAutoscaler, as far as we use them. */
export type HpaMetric =
  | { readonly type: "Pods"; readonly pods: { metric: { name: string }; target: AverageValueTarget } }
  | {
      readonly type: "External";
      readonly external: {
        metric: { name: string; selector: { matchLabels: Record<string, string> } };
        target: AverageValueTarget;
      };
    };

/** What the HPA compares the average per replica with: GPU series come one per GPU and are summed over a replica. */
export function targetPerReplica(metric: StrategyTarget, gpusPerReplica: number): number {
  return isGpuStrategy(metric.strategy) ? metric.target * gpusPerReplica : metric.target;
}

/** The HPA metric for one strategy and target. */
export function hpaMetric(metric: StrategyTarget, workload: ScaledWorkload): HpaMetric {
  const signal = signalOf(metric.strategy, workload.dcgmExporter);
  const name = hpaMetricName(signal.series);
  const target: AverageValueTarget = {
    type: "AverageValue",
    averageValue: quantityOf(targetPerReplica(metric, workload.gpusPerReplica)),
  };
  switch (signal.type) {
    case "Pods":
      return { type: "Pods", pods: { metric: { name }, target } };
    case "External":
      return {
        type: "External",
        external: { metric: { name, selector: { matchLabels: scopeLabels(signal.scope, workload) } }, target },
      };
  }
}

/** The labels, in the adapter's syntax, that admit the series of a workload and no others. */
export function scopeLabels(scope: Scope, workload: ScaledWorkload): Record<string, string> {
  return {
    [scope.cluster]: workload.cluster,
    [scope.location]: workload.location,
    [scope.namespace]: workload.namespace,
    [scope.container]: TGI.containerName,
    ...(scope.controller === undefined ? {} : { [scope.controller]: TGI.deploymentName }),
  };
}
