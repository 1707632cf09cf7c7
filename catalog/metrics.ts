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

export type Series = ScrapedGauge | RenamedSeries | GkeSystemMetric;

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
