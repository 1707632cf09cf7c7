import type { Load, StageFigures } from "../../../tools/calibrate/contract";

const NOTHING = { mean: Number.NaN, low: Number.NaN, high: Number.NaN };
const QUANTILES = { p50: 1, p95: 1, p99: 1 };

export function closed(concurrency: number): Load {
  return { kind: "closed", concurrency };
}

export function open(requestsPerSecond: number): Load {
  return { kind: "open", requestsPerSecond };
}

/** A stage that attained so much, surely or nearly. */
export function stage(
  load: Load,
  attained: number,
  some: Partial<StageFigures> & { doubt?: number } = {},
): StageFigures {
  const { doubt = 0.001, ...rest } = some;
  const rate = { mean: 4, low: 4, high: 4 };
  return {
    ...{ load, repetitions: 1, seconds: 60, requests: 1000 },
    results: { served: 1000, overloaded: 0, rejected: 0, unfinished: 0, failed: 0 },
    attainment: { mean: attained, low: Math.max(0, attained - doubt), high: Math.min(1, attained + doubt) },
    ...{ requestsPerSecond: rate, tokensPerSecond: NOTHING },
    ...{ ttft: QUANTILES, ttftP95: NOTHING, tpot: QUANTILES, tpotP95: NOTHING },
    ...{ queue: 0, batch: 0, clientQueue: 0, clientBatch: 0 },
    achieved: { inputTokens: 1000, outputTokens: 200 },
    planned: { inputTokens: 1000, outputTokens: 200 },
    ...{ from: 0, to: 60 },
    ...rest,
  };
}

/** The same, with refusals. */
export function refusing(load: Load, attained: number): StageFigures {
  return stage(load, attained, { results: { served: 990, overloaded: 10, rejected: 0, unfinished: 0, failed: 0 } });
}
