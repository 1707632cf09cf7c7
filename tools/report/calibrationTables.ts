import type { Estimate, StageFigures } from "../calibrate/contract";
import type { CalibrationReport } from "./calibration";
import {
  answeredText,
  estimateText,
  inFlightOf,
  loadText,
  milliseconds,
  NONE,
  percentText,
  rateOf,
  STEP_TIMES,
  secondsText,
  shareText,
} from "./calibrationText";
import type { Table } from "./series";
import { short } from "./text";

/** What clients saw of each load. */
export function clientTable({ stages }: CalibrationReport): Table {
  return {
    columns: [
      "load",
      "answered/s",
      "output tokens/s",
      "TTFT p50, s",
      "p95,\u00a0s",
      "p99,\u00a0s",
      "TPOT p50, ms",
      "p95,\u00a0ms",
      "p99,\u00a0ms",
      "within SLO, %",
    ],
    rows: stages.map((stage) => [
      loadText(stage.load),
      answeredText(stage, (rate) => repeatedText(rate, stage)),
      repeatedText(stage.tokensPerSecond, stage),
      short(stage.ttft.p50),
      estimateText({ ...stage.ttftP95, mean: stage.ttft.p95 }),
      short(stage.ttft.p99),
      milliseconds(stage.tpot.p50),
      estimateText({ ...stage.tpotP95, mean: stage.tpot.p95 }, milliseconds),
      milliseconds(stage.tpot.p99),
      estimateText(stage.attainment, percentText),
    ]),
  };
}

/** A rate with its interval, where that is over repetitions: parts of a single one say nothing of other arrivals. */
function repeatedText(rate: Estimate, { repetitions }: StageFigures): string {
  return repetitions > 1 ? estimateText(rate) : short(rate.mean);
}

/** What became of the requests of each load, and what the server said meanwhile. */
export function serverTable({ stages }: CalibrationReport): Table {
  const hasDutyCycle = stages.some(({ dutyCycle }) => dutyCycle !== undefined);
  return {
    columns: [
      "load",
      "measured,\u00a0s",
      "runs",
      "requests",
      "served",
      "refused (429)",
      "too long (422)",
      "unfinished",
      "failed",
      "queue",
      "at clients",
      "batch",
      "at clients",
      ...(hasDutyCycle ? ["duty cycle, %"] : []),
    ],
    rows: stages.map(({ results, ...stage }) => [
      loadText(stage.load),
      short(stage.seconds),
      ...[stage.repetitions, stage.requests, results.served, results.overloaded].map(String),
      ...[results.rejected, results.unfinished, results.failed].map(String),
      ...[stage.queue, stage.clientQueue, stage.batch, stage.clientBatch].map(short),
      ...(hasDutyCycle ? [stage.dutyCycle === undefined ? NONE : short(stage.dutyCycle)] : []),
    ]),
  };
}

/** Whether requests were as long as the traffic has them. */
export function lengthTable({ stages }: CalibrationReport): Table {
  return {
    columns: ["load", "input tokens planned", "achieved", "output tokens planned", "achieved", "output achieved"],
    rows: stages.map(({ load, planned, achieved }) => [
      loadText(load),
      ...[planned.inputTokens, achieved.inputTokens, planned.outputTokens, achieved.outputTokens].map(short),
      shareText(achieved.outputTokens / planned.outputTokens),
    ]),
  };
}

/** The targets, the stack's own strategy said so. */
export function targetTable({ targets }: CalibrationReport): Table {
  return {
    columns: ["strategy", "at the knee", "ceiling", "target", "tolerated", "unit"],
    rows: targets.map(({ strategy, isOwn, atKnee, ceiling, target, low, high, unit }) => [
      isOwn ? `${strategy} (the stack's own)` : strategy,
      ...[atKnee, ceiling, target].map(short),
      Number.isFinite(target) ? `${short(low)}–${short(high)}` : NONE,
      unit,
    ]),
  };
}

/** The fitted constants, beside what the roofline says where that is known. */
export function fitTable({ fit, roofline }: CalibrationReport): Table {
  if (fit === undefined) return { columns: [], rows: [] };
  return {
    columns: [
      "constant",
      "fitted",
      "standard error",
      ...(roofline === undefined ? [] : ["roofline", "fitted ÷ roofline"]),
    ],
    rows: STEP_TIMES.map(({ key, name }) => [
      name,
      secondsText(fit.times[key]),
      errorText(fit.relativeErrors[key]),
      ...(roofline === undefined ? [] : [secondsText(roofline[key]), ratioText(fit.times[key], roofline[key])]),
    ]),
  };
}

/** What is to be said of a fit besides its constants, a sentence each. */
export function fitSentences({ fit }: CalibrationReport): readonly string[] {
  if (fit === undefined) return [];
  const { prefills, prefillError, decodeSteps, decodeError, overheadSeconds, maxBatchTotalTokens } = fit;
  return [
    `Half of ${count(prefills, "prefill")} are within ${shareText(prefillError)} of the fitted line.`,
    `Half of ${count(decodeSteps, "decode step")} are within ${shareText(decodeError)} of it.`,
    `${secondsText(overheadSeconds)} of a request is neither queue nor prefill: network, router, client.`,
    maxBatchTotalTokens === undefined
      ? "No request waited for KV cache, so that its size is not known."
      : `Requests waited when ${Math.round(maxBatchTotalTokens)} tokens of KV cache were reserved.`,
  ];
}

/** `16 at once: 4.1 requests answered a second. Why.`, `4.5 a second: 13 at once at the server. Why.` */
export function kneeText({ knee }: CalibrationReport): string {
  if (knee.load === undefined) return `No knee. ${knee.why}`;
  const { load, requestsPerSecond, inFlight, simulatedRequestsPerSecond: simulated, why } = knee;
  const figure =
    load.kind === "closed"
      ? `${short(requestsPerSecond)} requests answered a second`
      : `${short(inFlight)} at once at the server`;
  const held =
    simulated === undefined
      ? ""
      : ` Simulated for hours with the fitted step times, one server holds ${short(simulated)} a second.`;
  return `${loadText(load)}: ${figure}. ${why}${held}`;
}

/** Which of the stages is at the knee, to mark it; none where the knee lies between two. */
export function kneeStage({ knee, stages }: CalibrationReport): number {
  if (knee.load === undefined) return -1;
  const at = loadText(knee.load);
  return stages.findIndex(({ load }) => loadText(load) === at);
}

/** All that the axes of rates and of concurrency must have room for. */
export function extentOf({ knee, stages }: CalibrationReport): { rates: number[]; inFlight: number[] } {
  const isFound = knee.load !== undefined;
  return {
    rates: [...stages.map(rateOf), ...(isFound ? [knee.requestsPerSecond] : [])],
    inFlight: [...stages.map(inFlightOf), ...(isFound ? [knee.inFlight] : [])],
  };
}

function errorText(relative: number): string {
  return Number.isFinite(relative) ? `± ${shareText(relative)}` : "cannot be told";
}

function ratioText(fitted: number, estimated: number): string {
  const ratio = fitted / estimated;
  return Number.isFinite(ratio) ? `${short(ratio)} ×` : NONE;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
