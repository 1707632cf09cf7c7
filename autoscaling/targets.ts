import { HPA_DEFAULTS } from "../catalog/gke";
import { SIMULATED_BATCHES } from "../catalog/simulatedBatches";
import { decodeStepSeconds, type Replica } from "./capacity";
import type { MetricStrategy } from "./metricStrategy";

/**
 * Simulated: a server that keeps up has half a request waiting on average, the time until TGI lets it join. A larger
 * target sees nothing until servers are full, loses most of its servers after five quiet minutes, and costs no less.
 */
const QUEUE_TARGET = 0.5;
/** Below the batch with which 95 % of the chats still meet the SLO: room for the signal's delay and a cold start. */
const HELD_SHARE = 0.85;
/** A client reads about ten tokens a second: a slower decode step is felt. */
const SLOWEST_STEP_SECONDS = 0.1;
/** A model that is slow even alone gets a batch all the same, as long as it is not slower than this many times. */
const SLOWEST_STEP_RATIO = 2;
/** Of the largest batch that there can be: "slightly below the batch size at which latency peaks". */
const BATCH_SHARE = 0.8;
/**
 * GPU signals say how long a GPU was busy, not how much it did: any steady stream keeps it near 100 %, and a target
 * above 100 ÷ 1.1 = 90 can never fire. Simulated, everything below costs more and attains no more.
 */
const GPU_PERCENT = 90;

/**
 * The default target of a strategy for one replica.
 *
 * - `queue-size`: half a request.
 * - `batch-size`: 85 % of the simulated batch with which 95 % of typical chats still get their first token within 2 s,
 *   and the others within 100 ms each; at most 80 % of the largest batch that fits the KV cache and decodes at ten tokens
 *   a second or faster (at half the speed of a batch of one, for a model that is slower than that alone).
 * - GPU signals: 90 % of one GPU; less when the batch target keeps a GPU busy for a smaller share of the time (busy
 *   share of a server with N requests on average: 1 − e^−N).
 *
 * Sources: `catalog/simulatedBatches.ts`, and simulations of the Azure conversation traffic of 2023 on every model and
 * accelerator (docs/simulator.md). Google's "Best practices for autoscaling LLM inference workloads with GPUs on GKE"
 * starts the queue at 3 to 5 and raises it until latency suffers. All are estimates until measured.
 *
 * @param batch typical chats that fit the replica's KV cache and its concurrency limit, at least 1.
 */
export function defaultTarget(strategy: MetricStrategy, replica: Replica, batch: number): number {
  switch (strategy) {
    case "queue-size":
      return QUEUE_TARGET;
    case "batch-size":
      return batchTarget(replica, batch);
    case "gke-duty-cycle":
    case "dcgm-gpu-util": {
      const busyPercent = 100 * (1 - Math.exp(-batchTarget(replica, batch)));
      return Math.min(GPU_PERCENT, Math.floor(busyPercent));
    }
  }
}

function batchTarget({ model, accelerator, gpus }: Replica, batch: number): number {
  const held = SIMULATED_BATCHES.find(
    (row) => row.parametersB === model.parametersB && row.accelerator === accelerator && row.gpus === gpus,
  );
  // Above the tolerance band there must be room for a batch, or nothing is ever added.
  const most = steppingBatch({ model, accelerator, gpus }, batch) * BATCH_SHARE;
  return Math.max(1, Math.floor(Math.min(most, held === undefined ? most : held.batch * HELD_SHARE)));
}

/** The largest batch that fits and decodes fast enough. */
function steppingBatch(replica: Replica, batch: number): number {
  const slowest = Math.max(SLOWEST_STEP_SECONDS, SLOWEST_STEP_RATIO * decodeStepSeconds(replica, 1));
  let largest = 1;
  while (largest < batch && decodeStepSeconds(replica, largest + 1) <= slowest) largest += 1;
  return largest;
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
 * The default where nothing is known about the model: the queue and the GPU signals do not depend on it. A batch target
 * cannot be guessed: undefined.
 */
export function defaultTargetOfUnknownModel(strategy: MetricStrategy): number | undefined {
  switch (strategy) {
    case "queue-size":
      return QUEUE_TARGET;
    case "batch-size":
      return undefined;
    case "gke-duty-cycle":
    case "dcgm-gpu-util":
      return GPU_PERCENT;
  }
}
