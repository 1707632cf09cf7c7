import { kvCacheTokens, type Replica } from "../../autoscaling/capacity";
import { rooflineStepTimes } from "../../autoscaling/roofline";
import { ACCELERATOR_NAMES, gpuCountsOf } from "../../catalog/accelerators";
import { MODELS } from "../../catalog/models";
import { HOLDING_SHARE, type SimulatedBatch } from "../../catalog/simulatedBatches";
import { canShard, deriveTokenLimits } from "../../config/derive";
import { largestThatHolds } from "../simulate/bisect";
import { type ServerLimits, validate, withTgiRules } from "../simulate/server/limits";
import { Replica as Server } from "../simulate/server/replica";
import { type ServerRequest, tpotSeconds, ttftSeconds } from "../simulate/server/request";
import { profileTraffic } from "../simulate/traffic/profiles";
import { DEFAULT_SLO, meetsSlo } from "../simulate/world/figures";

/** Enough requests that the share of those that meet the SLO is known within a percent. */
const REQUESTS = 4000;
const SEED = 1;
const SAMPLE_SECONDS = 5;
const HALVINGS = 12;
/** Requests per second: fewer than any server holds, and more. */
const RATES = { low: 0.02, high: 200 } as const;

/** One server at some load. */
interface Held {
  /** Requests per second. */
  readonly rate: number;
  /** Share of the requests that meet the SLO. */
  readonly share: number;
  /** Mean batch over time. */
  readonly batch: number;
}

/** Every model, accelerator and number of GPUs that one server can have, as far as the weights fit. */
export function simulateBatches(progress: (done: number, all: number) => void = () => undefined): SimulatedBatch[] {
  const models = [...new Map([...MODELS.values()].map((model) => [model.parametersB, model])).values()];
  const replicas = models.flatMap((model) =>
    ACCELERATOR_NAMES.flatMap((accelerator) =>
      gpuCountsOf(accelerator)
        .filter((gpus) => canShard(model, gpus))
        .map((gpus): Replica => ({ model, accelerator, gpus })),
    ),
  );
  return replicas.flatMap((replica, index) => {
    progress(index, replicas.length);
    const batch = holdingBatch(replica);
    const { parametersB } = replica.model;
    return batch === undefined ? [] : [{ parametersB, accelerator: replica.accelerator, gpus: replica.gpus, batch }];
  });
}

/** Mean batch of one server at the load that it holds; undefined where it holds none. */
export function holdingBatch(replica: Replica): number | undefined {
  const held = heldLoad(replica);
  return held && Math.round(held.batch * 10) / 10;
}

/**
 * The largest steady load of chats at which `HOLDING_SHARE` of them meet the SLO; undefined where the model does not
 * fit, or no load holds.
 */
export function heldLoad(replica: Replica): Held | undefined {
  const limits = deriveTokenLimits(replica);
  const maxBatchTotalTokens = kvCacheTokens(replica, limits.maxBatchPrefillTokens);
  if (maxBatchTotalTokens < limits.maxTotalTokens) return undefined;
  // Nobody is refused: who waits too long is a miss all the same.
  const server = withTgiRules({ ...limits, maxBatchTotalTokens, maxConcurrentRequests: Number.MAX_SAFE_INTEGER });
  return largestThatHolds(RATES, HALVINGS, (rate) => {
    const result = hold(replica, server, rate);
    return { result, holds: result.share >= HOLDING_SHARE };
  });
}

function hold(replica: Replica, limits: ServerLimits, rate: number): Held {
  let met = 0;
  let offered = 0;
  const server = new Server<ServerRequest>(limits, rooflineStepTimes(replica), {
    finished: (served) => {
      if (meetsSlo(DEFAULT_SLO, ttftSeconds(served), tpotSeconds(served))) met += 1;
    },
    dropped: () => undefined,
  });
  let batches = 0;
  let samples = 0;
  let next = SAMPLE_SECONDS;
  const { arrivals } = profileTraffic("steady", { rate, durationSeconds: REQUESTS / rate });
  for (const { at, inputTokens, outputTokens } of arrivals(SEED)) {
    for (; next <= at; next += SAMPLE_SECONDS) {
      server.advance(next);
      batches += server.batchSize;
      samples += 1;
    }
    if (validate(limits, inputTokens, outputTokens) !== undefined) continue;
    offered += 1;
    server.offer({ inputTokens, outputTokens, maxNewTokens: outputTokens }, at);
  }
  server.advance(Number.MAX_VALUE);
  return { rate, share: met / Math.max(1, offered), batch: batches / Math.max(1, samples) };
}
