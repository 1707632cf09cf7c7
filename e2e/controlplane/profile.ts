import { HPA_DEFAULTS } from "../../catalog/gke";
import { METRIC_PATHS } from "../../catalog/metricPath";

/** How fast a run plays: what it shortens, and to what. */
export interface Profile {
  readonly name: "fast" | "real-time";
  /** Delays and windows of the stand-ins are divided by this. */
  readonly scale: number;
  readonly hpaSyncMs: number;
  readonly downscaleStabilizationSeconds: number;
  /** What scenarios wait for may take this many times as long. */
  readonly patience: number;
}

export const PROFILES = {
  fast: {
    name: "fast",
    scale: 20,
    hpaSyncMs: (HPA_DEFAULTS.syncPeriodSeconds * 1000) / 20,
    downscaleStabilizationSeconds: HPA_DEFAULTS.scaleDownStabilizationSeconds / 20,
    patience: 1,
  },
  "real-time": {
    name: "real-time",
    scale: 1,
    hpaSyncMs: HPA_DEFAULTS.syncPeriodSeconds * 1000,
    downscaleStabilizationSeconds: HPA_DEFAULTS.scaleDownStabilizationSeconds,
    patience: 20,
  },
} as const satisfies Record<string, Profile>;

/** The profile of this run. */
export function currentProfile(): Profile {
  return PROFILES[process.env.E2E_PROFILE === "real-time" ? "real-time" : "fast"];
}

/**
 * Delays of the played world in seconds, before a profile shortens them.
 * Sources: Google's documentation of sampling and ingestion, and published measurements of start-up.
 */
export const DELAYS = {
  /** From a scrape until Cloud Monitoring shows it. */
  scrapeVisible: 5,
  /** The duty cycle is written this often, and seen this much later. */
  dutyCyclePeriod: METRIC_PATHS.dutyCycle.periodSeconds,
  dutyCycleVisible: 90,
  /** GKE's own DCGM exporter. */
  gkeDcgmPeriod: METRIC_PATHS.managedDcgm.periodSeconds,
  /** A new GPU node, then the server on it. */
  node: 60,
  serverStart: 60,
  /** TGI's drain is up to 90 s; nothing is left to answer in these runs. */
  serverDrain: 10,
  /** Between a crash and the next start of a container; kubelet doubles it each time. */
  crashBackOff: 10,
  /** The adapter's readiness probe waits this long. */
  adapterStart: 40,
} as const;

/** A delay of the played world in milliseconds. */
export function played(profile: Profile, delay: keyof typeof DELAYS): number {
  return (DELAYS[delay] * 1000) / profile.scale;
}
