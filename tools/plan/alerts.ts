import type { CapturedGraph, CapturedResource } from "./capture";
import { valueAt } from "./values";

/** An alert policy of the stack. */
export interface AlertSummary {
  readonly title: string;
  readonly severity: string;
  readonly forSeconds: number;
  /** PromQL. */
  readonly query: string;
}

/** What will be watched, as the policies themselves say. */
export function summarizeAlerts(graph: CapturedGraph): readonly AlertSummary[] {
  return graph.resources
    .filter((resource) => resource.type === "gcp:monitoring/alertPolicy:AlertPolicy")
    .map((policy) => ({
      title: text(policy, "conditions.0.displayName"),
      severity: text(policy, "severity"),
      forSeconds: Number.parseInt(text(policy, "conditions.0.conditionPrometheusQueryLanguage.duration"), 10),
      query: text(policy, "conditions.0.conditionPrometheusQueryLanguage.query"),
    }));
}

function text({ inputs }: CapturedResource, path: string): string {
  return String(valueAt(inputs, path));
}
