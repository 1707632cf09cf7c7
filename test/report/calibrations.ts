import { decodeSeconds, type StepTimes } from "../../autoscaling/roofline";
import type { Estimate, Load, StageFigures } from "../../tools/calibrate/contract";
import type { CalibratedTarget, CalibrationReport } from "../../tools/report/calibration";

/** Of a server that is about as fast as a small model on one L4. */
export const TIMES: StepTimes = {
  prefillBaseSeconds: 0.0185,
  prefillPerTokenSeconds: 6.3e-5,
  decodeBaseSeconds: 0.0258,
  decodePerSequenceSeconds: 1.62e-4,
  decodePerKvTokenSeconds: 4.1e-7,
};
const [INPUT, OUTPUT] = [512, 128];
/** The server's longest batch. */
const BATCH = 96;

export function around(mean: number, share: number): Estimate {
  return { mean, low: mean * (1 - share), high: mean * (1 + share) };
}

/** Figures that hang together as those of a server under this load do. */
export function fakeStage(load: Load, changes: Partial<StageFigures> = {}): StageFigures {
  const streamSeconds = (sequences: number) =>
    0.05 + OUTPUT * (decodeSeconds(TIMES, sequences, sequences * 600) + sequences * 2.5e-4);
  const rateOf = (sequences: number) => sequences / streamSeconds(sequences);
  const most = rateOf(BATCH);
  const offered = load.kind === "open" ? load.requestsPerSecond : rateOf(Math.min(BATCH, load.concurrency));
  const inBatch =
    Array.from({ length: BATCH }, (_, index) => index + 1).find((size) => rateOf(size) >= offered) ?? BATCH;
  const batch = load.kind === "closed" ? Math.min(BATCH, load.concurrency) * 0.97 : inBatch;
  const excess = load.kind === "closed" ? Math.max(0, load.concurrency - BATCH) : Math.max(0, offered - most) * 30;
  const rate = Math.min(offered, most);
  const queue = load.kind === "closed" ? excess + load.concurrency * 0.03 : excess + 0.4 * (offered / most) ** 2;
  const ttft = 0.05 + queue / rate;
  const tpot = decodeSeconds(TIMES, batch, batch * 600);
  const requests = Math.round(rate * 180);
  const overloaded = Math.round(excess);
  const attained = ttft * 1.9 > 2 ? Math.max(0.02, 2 / (ttft * 3)) : 0.996;
  return {
    load,
    repetitions: 3,
    seconds: 180,
    requests: requests + overloaded,
    results: { served: requests, overloaded, rejected: 0, unfinished: 0, failed: 0 },
    attainment: { ...around(attained, 0.02), high: Math.min(1, attained * 1.02) },
    requestsPerSecond: around(rate, 0.03),
    tokensPerSecond: around(rate * OUTPUT, 0.03),
    ttft: { p50: ttft * 0.9, p95: ttft * 1.9, p99: ttft * 2.6 },
    ttftP95: around(ttft * 1.9, 0.12),
    tpot: { p50: tpot, p95: tpot * 1.25, p99: tpot * 1.5 },
    tpotP95: around(tpot * 1.25, 0.04),
    ...{ queue, batch, clientQueue: queue * 1.02, clientBatch: batch * 0.99 },
    planned: { inputTokens: INPUT, outputTokens: OUTPUT },
    achieved: { inputTokens: INPUT - 2, outputTokens: OUTPUT - 4 },
    dutyCycle: Math.min(99, 100 * (1 - Math.exp(-batch))),
    from: 1_790_000_000,
    to: 1_790_000_200,
    ...changes,
  };
}

export const CLOSED = [1, 2, 4, 8, 16, 32, 64, 128].map((concurrency) => fakeStage({ kind: "closed", concurrency }));
export const OPEN = [2, 4, 6, 8, 9, 10].map((requestsPerSecond) => fakeStage({ kind: "open", requestsPerSecond }));

export function fakeTarget(changes: Partial<CalibratedTarget> = {}): CalibratedTarget {
  return {
    strategy: "batch-size",
    isOwn: true,
    unit: "requests",
    atKnee: 47.3,
    ceiling: 96,
    target: 40,
    low: 36,
    high: 44,
    sentence: "85 % of the batch at the knee.",
    ...changes,
  };
}

export const TARGETS: readonly CalibratedTarget[] = [
  fakeTarget({
    ...{ strategy: "queue-size", isOwn: false, atKnee: 0.61, ceiling: 32, target: 0.5, low: 0.45, high: 0.55 },
    sentence: "The queue at the knee, rounded down.",
  }),
  fakeTarget(),
  fakeTarget({
    ...{ strategy: "gke-duty-cycle", isOwn: false, unit: "%", atKnee: 99, ceiling: 100, target: 90, low: 81, high: 99 },
    sentence: "The GPU is busy under any steady load: above 90 the HPA would never add a replica.",
  }),
  fakeTarget({
    ...{ strategy: "dcgm-gpu-util", isOwn: false, unit: "%", atKnee: Number.NaN, ceiling: 100 },
    ...{ target: Number.NaN, low: Number.NaN, high: Number.NaN },
    sentence: "Not measured: no samples of DCGM were given.",
  }),
];

/** A calibration as one of a real server looks, with everything in it that there can be. */
export function fakeCalibration(changes: Partial<CalibrationReport> = {}): CalibrationReport {
  return {
    origin: "measured",
    title: "Calibration of google/gemma-2-2b-it",
    subtitle: "google/gemma-2-2b-it on 1 × nvidia-l4, TGI 2.4.0. Conversation traffic. SLO: 2 s, then 100 ms a token.",
    headline: "One replica holds 8 requests/s within the SLO: set batch-size to 40.",
    slo: { ttftSeconds: 2, tpotSeconds: 0.1 },
    attainmentGoal: 0.95,
    stages: [...CLOSED, ...OPEN],
    knee: {
      load: { kind: "open", requestsPerSecond: 8 },
      requestsPerSecond: 8,
      inFlight: 48.2,
      simulatedRequestsPerSecond: 7.4,
      why: "At 9 a second 71 % of the requests meet the SLO, fewer than the 95 % that must.",
    },
    targets: TARGETS,
    targetsNote: "The HPA tolerates 10 %: it adds a replica only above target × 1.1.",
    fit: {
      times: TIMES,
      relativeErrors: {
        prefillBaseSeconds: 0.041,
        prefillPerTokenSeconds: 0.012,
        decodeBaseSeconds: 0.004,
        decodePerSequenceSeconds: 0.09,
        decodePerKvTokenSeconds: Number.NaN,
      },
      prefillError: 0.034,
      decodeError: 0.021,
      prefills: 2213,
      decodeSteps: 41877,
      overheadSeconds: 0.0031,
      maxBatchTotalTokens: 61440,
    },
    roofline: {
      prefillBaseSeconds: 0.016,
      prefillPerTokenSeconds: 8.1e-5,
      decodeBaseSeconds: 0.0287,
      decodePerSequenceSeconds: 1.56e-4,
      decodePerKvTokenSeconds: 4.4e-7,
    },
    checks: ["At 128 at once the server says a queue of 33, the clients 36: a scrape comes once a second."],
    assumptions: ["The client was not the bottleneck: it was busy 11 % of the time.", "The server was warm."],
    notes: ["The calibration file is for npm run simulate."],
    stackFile: ["  gke-llm-autoscaling:metricStrategy: batch-size", "  gke-llm-autoscaling:metricTarget: 40"],
    ...changes,
  };
}
