import { type MetricStrategy, type Signal, scopeLabels, signalOf } from "../autoscaling/metricStrategy";
import { DCGM } from "../catalog/dcgm";
import { OBSERVED } from "../catalog/metrics";
import type { ObservedStack } from "./observedStack";
import { type Matcher, select } from "./promql";
import { hpaSeries, podSeries, SERVER_POD } from "./watched";

/** The series of a strategy's signal as the HPA reads them, in PromQL. */
export function signalSeries(strategy: MetricStrategy, stack: ObservedStack): string {
  const signal = signalOf(strategy, stack.dcgmExporter);
  switch (signal.type) {
    case "Pods":
      return podSeries(signal.series, stack);
    case "External":
      return select(signal.series, { ...stack, namespace: writingNamespace(signal, stack) }, scopeOf(signal, stack));
  }
}

/**
 * What the HPA compares with the target: for Pods metrics the sum over the pods that have a sample, divided by their
 * number; for External metrics the sum, divided by the replicas in the HPA's status.
 */
export function signalPerReplica(strategy: MetricStrategy, stack: ObservedStack): string {
  const series = signalSeries(strategy, stack);
  switch (signalOf(strategy, stack.dcgmExporter).type) {
    case "Pods":
      return `sum(${series}) / count(count by (pod) (${series}))`;
    case "External":
      return `sum(${series}) / max(${hpaSeries(OBSERVED.hpaCurrentReplicas, stack)})`;
  }
}

/** The HPA's own selector under the names that labels have in PromQL, where the pods' names stand for their Deployment. */
function scopeOf(signal: Extract<Signal, { type: "External" }>, stack: ObservedStack): Record<string, Matcher> {
  return Object.fromEntries(
    Object.entries(scopeLabels(signal.scope, stack)).map(([key, value]): [string, Matcher] =>
      key.startsWith("metadata.") ? ["pod_name", SERVER_POD] : [key.slice(key.lastIndexOf(".") + 1), value],
    ),
  );
}

/** An exporter's series are written in its own namespace, whatever pods they are about. */
function writingNamespace(signal: Extract<Signal, { type: "External" }>, stack: ObservedStack): string {
  return signal.series.origin === "renamed" ? DCGM.namespace : stack.namespace;
}
