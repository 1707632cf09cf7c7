import { DCGM } from "./dcgm";

/**
 * A gauge that an exporter declares and managed Prometheus scrapes: its type survives, so Cloud Monitoring's name for
 * it ends in `/gauge`.
 */
export interface ScrapedGauge {
  readonly origin: "scraped";
  readonly name: string;
}

/**
 * A series renamed by `metricRelabeling`: it loses its type metadata and ends in `/unknown`. The Kubernetes client
 * lower-cases the names of External metrics, so the type admits nothing but lower case.
 */
export interface RenamedSeries {
  readonly origin: "renamed";
  readonly name: Lowercase<string>;
}

/** A system metric of GKE, written by GKE's own agents. */
export interface GkeSystemMetric {
  readonly origin: "gke-system";
  readonly type: `kubernetes.io/${Lowercase<string>}`;
}

/** What an HPA can scale on. */
export type Series = ScrapedGauge | RenamedSeries | GkeSystemMetric;

/** A counter or histogram that an exporter declares and managed Prometheus scrapes: for rates and quantiles. */
export interface ScrapedCumulative {
  readonly origin: "scraped-counter" | "scraped-histogram";
  readonly name: string;
}

/**
 * The series that can scale the server. Sources: the gauges from huggingface/text-generation-inference v2.4.0
 * `router/`; the duty cycle (percent of the last 10 s, written every 60 s) from GKE's list of system metrics; DCGM's
 * utilisation (percent) from NVIDIA/dcgm-exporter.
 */
export const SERIES = {
  tgiQueueSize: { origin: "scraped", name: "tgi_queue_size" },
  tgiBatchCurrentSize: { origin: "scraped", name: "tgi_batch_current_size" },
  gpuDutyCycle: { origin: "gke-system", type: "kubernetes.io/container/accelerator/duty_cycle" },
  dcgmGpuUtil: { origin: "scraped", name: DCGM.utilisationField },
  dcgmGpuUtilRenamed: { origin: "renamed", name: "dcgm_fi_dev_gpu_util" },
} as const satisfies Record<string, Series>;

/**
 * What dashboard and alerts read beside the signals. Sources: the counters and histograms from
 * huggingface/text-generation-inference v2.4.0 `router/` (durations in seconds, of successful requests only); `kube_*`
 * from GKE's kube-state-metrics packages HPA, POD and DEPLOYMENT, every 30 s; restarts from GKE's list of system
 * metrics, every 60 s.
 */
export const OBSERVED = {
  /** Counts twice on the OpenAI routes: a sign of traffic, not a measure of it. */
  tgiRequestCount: { origin: "scraped-counter", name: "tgi_request_count" },
  tgiRequestSuccess: { origin: "scraped-counter", name: "tgi_request_success" },
  /** Label `err`: `overloaded` (HTTP 429), `validation`, `template`, `incomplete`, `generation`, `dropped` (client left). */
  tgiRequestFailure: { origin: "scraped-counter", name: "tgi_request_failure" },
  tgiRequestDuration: { origin: "scraped-histogram", name: "tgi_request_duration" },
  tgiTimePerToken: { origin: "scraped-histogram", name: "tgi_request_mean_time_per_token_duration" },

  hpaMaxReplicas: { origin: "scraped", name: "kube_horizontalpodautoscaler_spec_max_replicas" },
  hpaMinReplicas: { origin: "scraped", name: "kube_horizontalpodautoscaler_spec_min_replicas" },
  hpaCurrentReplicas: { origin: "scraped", name: "kube_horizontalpodautoscaler_status_current_replicas" },
  hpaDesiredReplicas: { origin: "scraped", name: "kube_horizontalpodautoscaler_status_desired_replicas" },
  /** One series for each `condition` and `status` (`true`, `false`, `unknown`), 1 where it holds. */
  hpaCondition: { origin: "scraped", name: "kube_horizontalpodautoscaler_status_condition" },

  deploymentReplicas: { origin: "scraped", name: "kube_deployment_spec_replicas" },
  /** Replicas of the newest template, ready or not: it moves with every step of a rollout. */
  deploymentUpdated: { origin: "scraped", name: "kube_deployment_status_replicas_updated" },
  deploymentAvailable: { origin: "scraped", name: "kube_deployment_status_replicas_available" },

  /** Labels `pod`, `uid`, `container`. */
  containerReady: { origin: "scraped", name: "kube_pod_container_status_ready" },
  /** One series for each `phase`, 1 where it holds. */
  podPhase: { origin: "scraped", name: "kube_pod_status_phase" },
  podUnschedulable: { origin: "scraped", name: "kube_pod_status_unschedulable" },

  containerRestarts: { origin: "gke-system", type: "kubernetes.io/container/restart_count" },
} as const satisfies Record<string, Series | ScrapedCumulative>;

/**
 * The name of a series in PromQL on Google Cloud: a scraped one keeps its own; in the type of a system metric the
 * first `/` becomes `:`, every other special character `_`.
 */
export function promqlName(series: Series | ScrapedCumulative): string {
  return series.origin === "gke-system" ? series.type.replace("/", ":").replaceAll(/[^\w:]/g, "_") : series.name;
}

/** The metric type under which Cloud Monitoring stores a series. */
export function monitoringType(series: Series): string {
  switch (series.origin) {
    case "scraped":
      return `prometheus.googleapis.com/${series.name}/gauge`;
    case "renamed":
      return `prometheus.googleapis.com/${series.name}/unknown`;
    case "gke-system":
      return series.type;
  }
}

/** The name by which an HPA asks the adapter for a series: metric names in Kubernetes APIs may not contain slashes. */
export function hpaMetricName(series: Series): string {
  return monitoringType(series).replaceAll("/", "|");
}
