import { OBSERVED, type Series } from "../catalog/metrics";
import type { ObservedStack } from "./observedStack";
import { byPlace } from "./promql";
import { deploymentSeries, hpaSeries } from "./watched";

/** A PromQL alert, as Prometheus and Cloud Monitoring know them. */
export interface AlertRule {
  /** For resource names: `hpa-at-maximum`. */
  readonly id: string;
  /** What it is about, for people: `HPA is at its maximum`. */
  readonly title: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  readonly query: string;
  /** How long the query must have a result. */
  readonly forSeconds: number;
  readonly meaning: string;
  /** The first three things to do, in order; commands in backquotes. */
  readonly firstSteps: readonly [string, string, string];
}

/** What people read in an incident, in Markdown: Google allows 8,192 characters. */
export function documentationOf(rule: AlertRule, { cluster, location, project }: ObservedStack): string {
  return [
    rule.meaning,
    "",
    `First: \`gcloud container clusters get-credentials ${cluster} --location ${location} --project ${project}\`, then`,
    "",
    ...rule.firstSteps.map((step, index) => `${index + 1}. ${step}`),
    "",
    `It fires when that has held for ${durationOf(rule)}. More: docs/operations.md.`,
  ].join("\n");
}

/** How long the condition must hold, for people: `5 min`, `1 h 30 min`. */
export function durationOf({ forSeconds }: Pick<AlertRule, "forSeconds">): string {
  const parts = [
    { count: Math.floor(forSeconds / 3600), unit: "h" },
    { count: Math.floor((forSeconds % 3600) / 60), unit: "min" },
    { count: forSeconds % 60, unit: "s" },
  ];
  return parts.flatMap(({ count, unit }) => (count === 0 ? [] : [`${count} ${unit}`])).join(" ");
}

/** An increase is extrapolated to the ends of its window: two may read as 1.9 or as 2.1. */
export function atLeast(count: number): number {
  return count - 0.5;
}

/** How many servers are available, by place. */
export function availableReplicas(stack: ObservedStack): string {
  return byPlace("max", deploymentSeries(OBSERVED.deploymentAvailable, stack));
}

/** What the HPA says of a number of replicas, by place. */
export function hpaReplicas(series: Series, stack: ObservedStack): string {
  return byPlace("max", hpaSeries(series, stack));
}

/** `kubectl` in the namespace of the stack. */
export function kubectl({ namespace }: ObservedStack): string {
  return `kubectl -n ${namespace}`;
}
