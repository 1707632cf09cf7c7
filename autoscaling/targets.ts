import { HPA_DEFAULTS } from "../catalog/gke";
import { decodeStepSeconds, type Replica, requestsPerSecond } from "./capacity";
import type { MetricStrategy } from "./metricStrategy";

/** A queued request should wait no longer than this before it is admitted. */
const QUEUE_WAIT_SECONDS = 3;
/** Google's best practice starts at 3 to 5 queued requests; below, one burst adds a replica. */
const SMALLEST_QUEUE_TARGET = 3;
/** A client reads about ten tokens a second: a slower decode step is felt. */
const SLOWEST_STEP_SECONDS = 0.1;
/** A model that is slow even alone gets a batch all the same, as long as it is not slower than this many times. */
const SLOWEST_STEP_RATIO = 2;
/** "Slightly below the batch size at which latency peaks", room for the HPA's tolerance included. */
const BATCH_SHARE = 0.8;
/**
 * GPU signals say how long a GPU was busy, not how much it did: any steady stream keeps it near 100 %, and a target
 * above 100 ÷ 1.1 = 90 can never fire. Below that the headroom pays for the signal's delay: DCGM is seen within
 * 30 s, the duty cycle within 270 s (95th percentiles).
 */
const GPU_PERCENT: Readonly<Record<"gke-duty-cycle" | "dcgm-gpu-util", number>> = {
  "gke-duty-cycle": 70,
  "dcgm-gpu-util": 85,
};

/**
 * The default target of a strategy for one replica.
 *
 * - `queue-size`: what a replica with a full batch works off in 3 s (Little's law), at least 3.
 * - `batch-size`: 80 % of the largest batch that fits the KV cache and decodes at ten tokens a second or faster (at
 *   half the speed of a batch of one, for a model that is slower than that alone).
 * - GPU signals: percent of one GPU, the lower the later the signal is seen; less when the batch target keeps a GPU
 *   busy for a smaller share of the time (busy share of a server with N requests on average: 1 − e^−N).
 *
 * Source of the rules: Google's "Best practices for autoscaling LLM inference workloads with GPUs on GKE"; the
 * figures come from the roofline in `capacity.ts`, so they are estimates until measured.
 *
 * @param batch typical chats that fit the replica's KV cache and its concurrency limit, at least 1.
 */
export function defaultTarget(strategy: MetricStrategy, replica: Replica, batch: number): number {
  switch (strategy) {
    case "queue-size":
      return Math.max(SMALLEST_QUEUE_TARGET, Math.round(requestsPerSecond(replica, batch) * QUEUE_WAIT_SECONDS));
    case "batch-size":
      return batchTarget(replica, batch);
    case "gke-duty-cycle":
    case "dcgm-gpu-util": {
      const busyPercent = 100 * (1 - Math.exp(-batchTarget(replica, batch)));
      return Math.min(GPU_PERCENT[strategy], Math.floor(busyPercent));
    }
  }
}

function batchTarget(replica: Replica, batch: number): number {
  const slowest = Math.max(SLOWEST_STEP_SECONDS, SLOWEST_STEP_RATIO * decodeStepSeconds(replica, 1));
  let largest = 1;
  while (largest < batch && decodeStepSeconds(replica, largest + 1) <= slowest) largest += 1;
  return Math.max(1, Math.floor(largest * BATCH_SHARE));
}

/** The range around a target in which the HPA does nothing, both ends included. */
export function toleranceBand(
  target: number,
  down: number = HPA_DEFAULTS.tolerance,
  up: number = HPA_DEFAULTS.tolerance,
): { low: number; high: number } {
  return { low: target * (1 - down), high: target * (1 + up) };
}

/**
 * The default where nothing is known about the model: Google's own starting point for the queue, the plain headroom
 * for the GPU signals. A batch target cannot be guessed: undefined.
 */
export function defaultTargetOfUnknownModel(strategy: MetricStrategy): number | undefined {
  switch (strategy) {
    case "queue-size":
      return 5;
    case "batch-size":
      return undefined;
    case "gke-duty-cycle":
    case "dcgm-gpu-util":
      return GPU_PERCENT[strategy];
  }
}
