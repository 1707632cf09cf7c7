import { median } from "d3-array";
import { decodeSeconds, prefillSeconds, type StepTimes } from "../../../autoscaling/roofline";
import type { Fit } from "../contract";
import type { DecodeSpan, Observations, PrefillSpan } from "./observations";
import { type Regression, type Row, regress } from "./regression";

/** A fit, and what is to be said about it. */
export interface Fitted extends Fit {
  /** A sentence for each constant that could not be told, and for whatever else is doubtful. */
  readonly reasons: readonly string[];
}

/** Too little was seen to fit anything: the message says what is missing. */
export class FitError extends Error {
  override readonly name = "FitError";
}

/** With fewer prefills seen between decode steps, the server's own sums are taken for data, too. */
const FEW_JOINING = 50;
/** Server and client may differ by so much before it is said. */
const TOLERATED = 0.1;

/**
 * Fits step times to what was seen. Decode steps and joining prefills are taken as the client sees them, since what
 * passes between two steps is a part of what users wait for; the server's own sums are a check, and data where joining
 * prefills are few. What comes on top of a prefill when the server was idle is the request's overhead.
 *
 * Noise is multiplicative, and constants are 0 or more (`regression.ts`).
 *
 * @throws FitError without any decode step or prefill.
 */
export function fitStepTimes(seen: Observations): Fitted {
  if (seen.decode.length === 0) throw new FitError("no decode step was seen: answers need two tokens or more");
  if (seen.prefill.length === 0) throw new FitError("no prefill was seen");
  const known = seen.overhead === undefined ? undefined : Math.max(0, seen.overhead.seconds / seen.overhead.requests);
  const prefill = fitPrefill(seen.prefill, known);
  const decode = regress(
    seen.decode.map(({ steps, sequences, kvTokens, seconds }) => ({
      amounts: [steps, sequences, kvTokens],
      seconds,
      steps,
    })),
    [1, 2],
  );
  const times: StepTimes = {
    prefillBaseSeconds: constant(prefill, 0),
    prefillPerTokenSeconds: constant(prefill, 1),
    decodeBaseSeconds: constant(decode, 0),
    decodePerSequenceSeconds: constant(decode, 1),
    decodePerKvTokenSeconds: constant(decode, 2),
  };
  const overheadSeconds = known ?? (hasOverhead(seen.prefill) ? constant(prefill, 2) : Number.NaN);
  return {
    times,
    relativeErrors: {
      prefillBaseSeconds: relativeError(prefill, 0, isIdleOnly(seen.prefill) ? [2] : []),
      prefillPerTokenSeconds: relativeError(prefill, 1, [0]),
      decodeBaseSeconds: relativeError(decode, 0, [1]),
      decodePerSequenceSeconds: relativeError(decode, 1, []),
      decodePerKvTokenSeconds: relativeError(decode, 2, []),
    },
    prefillError: prefillError(seen.prefill, times, overheadSeconds),
    decodeError: decodeError(seen.singleSteps, times),
    prefills: seen.prefills,
    decodeSteps: seen.decodeSteps,
    overheadSeconds,
    maxBatchTotalTokens: seen.fullKvTokens,
    reasons: [
      ...prefillReasons(prefill, seen.prefill),
      ...decodeReasons(decode),
      ...prefillDisagreement(seen.prefill, times),
      ...decodeDisagreement(seen, times),
    ],
  };
}

/** @param overhead where the server has told it; else it is a constant like the others. */
function fitPrefill(spans: readonly PrefillSpan[], overhead: number | undefined): Regression {
  const joining = spans.filter(({ kind }) => kind === "joining");
  const used = joining.length < FEW_JOINING ? spans : spans.filter(({ kind }) => kind !== "server");
  const rows = used.flatMap(({ kind, prefills, tokens, seconds }): Row[] => {
    if (kind !== "idle") return [{ amounts: [prefills, tokens, 0], seconds, steps: prefills }];
    if (overhead === undefined) return [{ amounts: [prefills, tokens, 1], seconds, steps: prefills }];
    return seconds > overhead ? [{ amounts: [prefills, tokens, 0], seconds: seconds - overhead, steps: prefills }] : [];
  });
  // Without idle ones the overhead's column is empty, and with nothing else it is the base's.
  return regress(rows, [2, 0]);
}

function hasOverhead(spans: readonly PrefillSpan[]): boolean {
  return spans.some(({ kind }) => kind === "idle") && spans.some(({ kind }) => kind !== "idle");
}

function isIdleOnly(spans: readonly PrefillSpan[]): boolean {
  return spans.every(({ kind }) => kind === "idle");
}

function constant({ constants }: Regression, column: number): number {
  return constants[column] ?? 0;
}

/** @param mixed columns that, where they could not be told, have gone into this one. */
function relativeError({ constants, errors, untold }: Regression, column: number, mixed: readonly number[]): number {
  if (mixed.some((it) => untold.includes(it))) return Number.NaN;
  return (errors[column] ?? Number.NaN) / (constants[column] ?? Number.NaN);
}

function prefillReasons({ constants, untold }: Regression, spans: readonly PrefillSpan[]): readonly string[] {
  return [
    ...when(
      isIdleOnly(spans),
      "prefillBaseSeconds holds the request's overhead, too: the server has no metrics, and no prefill was seen between decode steps, so they cannot be told apart.",
    ),
    ...when(
      spans.every(({ kind }) => kind !== "idle"),
      "The request's overhead is not known: no request found the server idle.",
    ),
    ...when(
      untold.includes(0),
      "prefillBaseSeconds cannot be told from prefillPerTokenSeconds, which holds both: all prompts were of one length.",
    ),
    ...when(!untold.includes(0) && constants[0] === 0, "prefillBaseSeconds came out as 0: it is too small to be seen."),
    ...when(constants[1] === 0, "prefillPerTokenSeconds came out as 0: longer prompts took no longer."),
  ];
}

function decodeReasons({ constants, untold }: Regression): readonly string[] {
  const zero = (column: number) => !untold.includes(column) && constants[column] === 0;
  return [
    ...when(
      untold.includes(1),
      "decodePerSequenceSeconds cannot be told from decodeBaseSeconds, which holds both: all decode steps had as many sequences.",
    ),
    ...when(untold.includes(2), "decodePerKvTokenSeconds cannot be told: the contexts were all of one length."),
    ...when(zero(0), "decodeBaseSeconds came out as 0: the steps are not what the model takes them for."),
    ...when(zero(1), "decodePerSequenceSeconds came out as 0: it is too small to be seen."),
    ...when(zero(2), "decodePerKvTokenSeconds came out as 0: it is too small to be seen."),
  ];
}

function prefillDisagreement(spans: readonly PrefillSpan[], times: StepTimes): readonly string[] {
  const ratios = spans.flatMap(({ kind, prefills, tokens, seconds }) => {
    if (kind !== "server") return [];
    return [(prefills * times.prefillBaseSeconds + tokens * times.prefillPerTokenSeconds) / seconds];
  });
  return differs("prefills", median(ratios));
}

function decodeDisagreement({ decodeCheck }: Observations, times: StepTimes): readonly string[] {
  if (decodeCheck === undefined) return [];
  const { serverSteps, serverSeconds, steps, sequences, kvTokens } = decodeCheck;
  if (steps === 0) return [];
  const fitted = decodeSeconds(times, sequences / steps, kvTokens / steps);
  return [
    ...differs("decode steps", fitted / (serverSeconds / serverSteps)),
    ...when(
      Math.abs(serverSteps / steps - 1) > TOLERATED,
      `The server made ${serverSteps} decode steps, and the client saw ${steps}: others use it, or streams were not read in time.`,
    ),
  ];
}

function differs(what: string, ratio: number | undefined): readonly string[] {
  if (ratio === undefined || Math.abs(ratio - 1) <= TOLERATED) return [];
  return [
    `${what[0]?.toUpperCase()}${what.slice(1)} as fitted take ${ratio.toFixed(2)} × what the server says: it counts neither its own work between steps nor the network.`,
  ];
}

function prefillError(spans: readonly PrefillSpan[], times: StepTimes, overhead: number): number {
  const errors = spans.flatMap(({ kind, prefills, tokens, seconds }) => {
    if (kind === "server" && prefills > 1) return [];
    const extra = kind === "idle" && Number.isFinite(overhead) ? overhead : 0;
    return [Math.abs((prefillSeconds(times, tokens) + extra) / seconds - 1)];
  });
  return median(errors) ?? Number.NaN;
}

function decodeError(steps: readonly DecodeSpan[], times: StepTimes): number {
  return (
    median(steps, ({ sequences, kvTokens, seconds }) =>
      Math.abs(decodeSeconds(times, sequences, kvTokens) / seconds - 1),
    ) ?? Number.NaN
  );
}

function when(so: boolean, sentence: string): readonly string[] {
  return so ? [sentence] : [];
}
