import { OBSERVED, SERIES } from "../../catalog/metrics";

/** What a server has to say about itself. */
export interface TgiState {
  /** Requests that wait, and that decode together. */
  readonly queue: number;
  readonly batch: number;
  /** Since the server started. */
  readonly answered: number;
  readonly refused: number;
}

/**
 * The part of TGI's `/metrics` that scales it and counts its requests, in the text format of Prometheus. The gauges
 * exist from the first request on: a server that never served has none.
 *
 * Source: huggingface/text-generation-inference v2.4.0 `router/`.
 */
export function metricsText(state: TgiState): string {
  const { queue, batch, answered, refused } = state;
  const served = answered + refused > 0;
  return [
    ...(served ? metric("gauge", SERIES.tgiQueueSize.name, "", queue) : []),
    ...(served ? metric("gauge", SERIES.tgiBatchCurrentSize.name, "", batch) : []),
    ...(served ? metric("counter", OBSERVED.tgiRequestCount.name, "", answered + refused) : []),
    ...(answered > 0 ? metric("counter", OBSERVED.tgiRequestSuccess.name, "", answered) : []),
    ...(refused > 0 ? metric("counter", OBSERVED.tgiRequestFailure.name, '{err="overloaded"}', refused) : []),
    "",
  ].join("\n");
}

function metric(type: "gauge" | "counter", name: string, labels: string, value: number): readonly string[] {
  return [`# TYPE ${name} ${type}`, `${name}${labels} ${value}`];
}
