import { OBSERVED } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import type { ObservedStack } from "./observedStack";
import { byPlace, select } from "./promql";

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

/** Label of the HPA's series. */
export const HPA = { horizontalpodautoscaler: TGI.hpaName };

/** An increase is extrapolated to the ends of its window: two may read as 1.9 or as 2.1. */
export function atLeast(count: number): number {
  return count - 0.5;
}

/** How many servers are available, by place. */
export function availableReplicas(stack: ObservedStack): string {
  return byPlace("max", select(OBSERVED.deploymentAvailable, stack, { deployment: TGI.deploymentName }));
}

/** `kubectl` in the namespace of the stack. */
export function kubectl({ namespace }: ObservedStack): string {
  return `kubectl -n ${namespace}`;
}
