import type { StepTimes } from "../../autoscaling/roofline";
import type { Estimate, Load, StageFigures } from "../calibrate/contract";
import { short } from "./text";

/** What stands where there is no figure. */
export const NONE = short(Number.NaN);

/** `16 at once`, `4.5 a second`. */
export function loadText(load: Load): string {
  switch (load.kind) {
    case "closed":
      return `${short(load.concurrency)} at once`;
    case "open":
      return `${short(load.requestsPerSecond)} a second`;
  }
}

/**
 * Requests a second: what was asked for, or what came of so many clients. Where the measured time is too short to count
 * their answers, as many requests as the output tokens come to.
 */
export function rateOf(stage: StageFigures): number {
  const { load, requestsPerSecond, tokensPerSecond, achieved } = stage;
  if (load.kind === "open") return load.requestsPerSecond;
  const byTokens = tokensPerSecond.mean / achieved.outputTokens;
  return isShort(stage) && Number.isFinite(byTokens) ? byTokens : requestsPerSecond.mean;
}

/** Requests that the server had at once: of a closed load as many as clients. */
export function inFlightOf({ load, clientQueue, clientBatch }: StageFigures): number {
  return load.kind === "closed" ? load.concurrency : clientQueue + clientBatch;
}

/** `4.1 (3.9–4.3)`; the mean alone where nothing is known of the interval. */
export function estimateText({ mean, low, high }: Estimate, show: (value: number) => string = short): string {
  const isKnown = Number.isFinite(low) && Number.isFinite(high);
  // Student's interval knows nothing of amounts that are never below 0.
  return isKnown ? `${show(mean)} (${show(Math.max(0, low))}–${show(high)})` : show(mean);
}

/** Seconds from being sent to the last token, of a usual request; not a number where none was served. */
export function staySecondsOf({ ttft, tpot, achieved }: Pick<StageFigures, "ttft" | "tpot" | "achieved">): number {
  return ttft.p50 + achieved.outputTokens * tpot.p50;
}

/** Of a measured time. Requests that stay longer were, when they are answered in it, mostly asked before it. */
const LONG_STAY_SHARE = 0.5;
const MARK = "*";

/** Whether the answers of a load's measured time are mostly to requests of before, so that their rate is not the load's. */
function isShort(stage: StageFigures): boolean {
  const { results, tokensPerSecond, seconds, repetitions } = stage;
  // Tokens came, and no answer came to its end: it stays for longer than the whole of it.
  if (results.served === 0) return tokensPerSecond.mean > 0 && results.failed === 0;
  return staySecondsOf(stage) > (LONG_STAY_SHARE * seconds) / repetitions;
}

/**
 * Answered requests a second, marked where the measured time is too short to tell: `shortNotes` says what that means.
 *
 * @param show the figure; its mean unless told.
 */
export function answeredText(stage: StageFigures, show = (rate: Estimate) => short(rate.mean)): string {
  return `${show(stage.requestsPerSecond)}${isShort(stage) ? MARK : ""}`;
}

/** What the mark of `answeredText` means; nothing where there is none. */
export function shortNotes(stages: readonly StageFigures[]): readonly string[] {
  if (!stages.some(isShort)) return [];
  return [
    `${MARK} Requests stay for more than half of the measured time: most that were answered in it were asked before it. Longer --step-seconds say more.`,
  ];
}

const TENTHS = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** A share of 0 to 1 in percent, never rounded to all or to nothing: `100 %`, `> 99.9 %`, `85.2 %`, `< 0.1 %`. */
export function shareText(share: number): string {
  return Number.isFinite(share) ? `${percentText(share)} %` : NONE;
}

/** The same without its unit. */
export function percentText(share: number): string {
  if (!Number.isFinite(share)) return NONE;
  if (share > 0.999 && share < 1) return "> 99.9";
  if (share > 0 && share < 0.001) return "< 0.1";
  return TENTHS.format(share * 100);
}

const UNITS = [
  [1, "s"],
  [1e-3, "ms"],
  [1e-6, "µs"],
  [1e-9, "ns"],
] as const;

/** Seconds in the unit that fits them: `2.1 s`, `35 ms`, `1.2 µs`. */
export function secondsText(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  if (seconds === 0) return "0 s";
  const [size, unit] = UNITS.find(([least]) => Math.abs(seconds) >= least) ?? UNITS[3];
  return `${short(seconds / size)} ${unit}`;
}

/** Milliseconds as a number alone. */
export function milliseconds(seconds: number): string {
  return short(seconds * 1000);
}

/** What the constants of the step times are called, in the order in which they are told. */
export const STEP_TIMES: readonly { readonly key: keyof StepTimes; readonly name: string }[] = [
  { key: "prefillBaseSeconds", name: "prefill" },
  { key: "prefillPerTokenSeconds", name: "prefill, each token" },
  { key: "decodeBaseSeconds", name: "decode step" },
  { key: "decodePerSequenceSeconds", name: "decode step, each sequence" },
  { key: "decodePerKvTokenSeconds", name: "decode step, each KV token" },
];
