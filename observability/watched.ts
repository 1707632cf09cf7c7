import { ADAPTER } from "../catalog/adapter";
import { OBSERVED, type ScrapedCumulative, SERIES, type Series } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import type { ObservedStack } from "./observedStack";
import { type Matcher, select } from "./promql";

type Matchers = Readonly<Record<string, Matcher>>;

/** The pods of the server, by the name that the Deployment gives them. */
export const SERVER_POD: Matcher = { like: `${TGI.deploymentName}-.+` };

/** A series about the stack's HPA. */
export function hpaSeries(series: Series, stack: ObservedStack, matchers: Matchers = {}): string {
  return select(series, stack, { horizontalpodautoscaler: TGI.hpaName, ...matchers });
}

/** A series about the server's Deployment. */
export function deploymentSeries(series: Series, stack: ObservedStack, range?: string): string {
  return select(series, stack, { deployment: TGI.deploymentName }, range);
}

/** A scraped series of the server's pods, or about them. */
export function podSeries(
  series: Series | ScrapedCumulative,
  stack: ObservedStack,
  matchers: Matchers = {},
  range?: string,
): string {
  return select(series, stack, { ...matchers, pod: SERVER_POD }, range);
}

/** Whether the server's container is ready, by pod. */
export function readySeries(stack: ObservedStack, range: string): string {
  return podSeries(OBSERVED.containerReady, stack, { container: TGI.containerName }, range);
}

/** GKE's duty cycle of the server's GPUs, one series each. */
export function dutyCycleSeries(stack: ObservedStack, range?: string): string {
  return select(SERIES.gpuDutyCycle, stack, { container_name: TGI.containerName, pod_name: SERVER_POD }, range);
}

/** Requests that were refused with 429. */
export function refusedRequests(stack: ObservedStack, range: string): string {
  return podSeries(OBSERVED.tgiRequestFailure, stack, { err: "overloaded" }, range);
}

/** A series about the adapter's Deployment. */
export function adapterSeries(series: Series, stack: ObservedStack): string {
  return select(series, adapterPlace(stack), { deployment: ADAPTER.name });
}

/** Restarts of the adapter's containers. */
export function adapterRestarts(stack: ObservedStack, range?: string): string {
  return select(OBSERVED.containerRestarts, adapterPlace(stack), { container_name: ADAPTER.containerName }, range);
}

function adapterPlace(stack: ObservedStack): ObservedStack {
  return { ...stack, namespace: ADAPTER.namespace };
}
