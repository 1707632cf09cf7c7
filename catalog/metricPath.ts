import { DCGM } from "./dcgm";
import { TGI } from "./tgi";

/** How a sample of a signal gets to where the HPA can read it. All in seconds. */
export interface MetricPath {
  /** Between two samples of one series. */
  readonly periodSeconds: number;
  /** A sample is the average over so much time before it; 0: the value of the moment. */
  readonly averagedSeconds: number;
  /** From a sample until Cloud Monitoring shows it, usually. */
  readonly visibleSeconds: { readonly least: number; readonly most: number };
}

/**
 * The metric paths of the signals. Sources: the PodMonitorings of this stack for what is scraped, with measured pieces
 * of managed Prometheus' ingestion (2–7 s); GKE's list of system metrics for the duty cycle (over the last 10 s, every
 * 60 s; visible after 60–120 s as a rule, documented up to 240 s) and its managed DCGM exporter (30 s); NVML's
 * documentation for DCGM's utilisation (over the last sample period, at most 1 s). As of 2026-11.
 */
export const METRIC_PATHS = {
  scraped: { periodSeconds: TGI.scrapeIntervalSeconds, averagedSeconds: 0, visibleSeconds: { least: 2, most: 7 } },
  scrapedDcgm: { periodSeconds: DCGM.scrapeIntervalSeconds, averagedSeconds: 1, visibleSeconds: { least: 2, most: 7 } },
  managedDcgm: { periodSeconds: 30, averagedSeconds: 1, visibleSeconds: { least: 2, most: 7 } },
  dutyCycle: { periodSeconds: 60, averagedSeconds: 10, visibleSeconds: { least: 60, most: 120 } },
} as const satisfies Record<string, MetricPath>;

/** The adapter takes the newest point of a series within so many seconds. Source: k8s-stackdriver v0.16.9. */
export const ADAPTER_WINDOW_SECONDS = 300;
