import { OBSERVED, SERIES } from "../../../catalog/metrics";
import type { ServerSample, Sum } from "../contract";

/** A number of the sample, or one half of a sum of it. */
type Place =
  | { readonly key: "queue" | "batch" | "reservedTokens" | "succeeded" | "overloaded" }
  | {
      readonly key: "prefill" | "decode" | "queueDuration" | "inferenceDuration" | "generatedTokens";
      readonly part: keyof Sum;
    };

function histogram(name: string, labels: string, key: Extract<Place, { part: unknown }>["key"]) {
  return [
    [`${name}_sum${labels}`, { key, part: "sum" }],
    [`${name}_count${labels}`, { key, part: "count" }],
  ] as const;
}

/**
 * The series that are read, each by its name and labels as TGI writes them: it has no other labels.
 *
 * Source: huggingface/text-generation-inference v2.4.0 `router/src/server.rs`, `backends/v3/src/backend.rs`.
 */
const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  [SERIES.tgiQueueSize.name, { key: "queue" }],
  [SERIES.tgiBatchCurrentSize.name, { key: "batch" }],
  ["tgi_batch_current_max_tokens", { key: "reservedTokens" }],
  [OBSERVED.tgiRequestSuccess.name, { key: "succeeded" }],
  [`${OBSERVED.tgiRequestFailure.name}{err="overloaded"}`, { key: "overloaded" }],
  ...histogram("tgi_batch_inference_duration", '{method="prefill"}', "prefill"),
  ...histogram("tgi_batch_inference_duration", '{method="decode"}', "decode"),
  ...histogram("tgi_request_queue_duration", "", "queueDuration"),
  ...histogram("tgi_request_inference_duration", "", "inferenceDuration"),
  ...histogram("tgi_request_generated_tokens", "", "generatedTokens"),
]);

const PREFIX = "tgi_";

/** Whether a text has any of TGI's metrics. */
export function hasTgiMetrics(text: string): boolean {
  return /^tgi_/m.test(text);
}

/**
 * Reads what is wanted of a text in Prometheus' format 0.0.4. Lines of other series are passed over, not checked: the
 * text has a thousand of them, of buckets mostly, and comes every second in the middle of a load.
 *
 * @param at seconds on the client's clock.
 * @returns undefined when a wanted line is not understood: half a sample would be a wrong one.
 */
export function parseSample(text: string, at: number): ServerSample | undefined {
  const numbers: Partial<Record<string, number>> = {};
  const sums: Partial<Record<string, Partial<Record<keyof Sum, number>>>> = {};
  for (let from = 0, end = 0; from < text.length; from = end + 1) {
    end = text.indexOf("\n", from);
    if (end === -1) end = text.length;
    if (!text.startsWith(PREFIX, from)) continue;
    const line = text.slice(from, end).trimEnd();
    const split = line.indexOf("}") + 1 || `${line} `.indexOf(" ");
    const place = PLACES.get(line.slice(0, split));
    if (place === undefined) continue;
    // A time stamp may follow the value.
    const value = toNumber(line.slice(split).trim().split(" ")[0]);
    if (value === undefined) return undefined;
    if ("part" in place) {
      sums[place.key] = { ...sums[place.key], [place.part]: value };
    } else numbers[place.key] = value;
  }
  const whole = Object.entries(sums).flatMap(([key, { sum, count } = {}]) =>
    sum === undefined || count === undefined ? [] : [[key, { sum, count }] as const],
  );
  return { at, ...numbers, ...Object.fromEntries(whole) };
}

function toNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
