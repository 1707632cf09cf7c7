import { observedStack } from "../../config/observe";
import type { StackConfig } from "../../config/stackConfig";
import { alertRules, durationOf } from "../../observability/alerts";

/** An alert policy of the stack. */
export interface AlertSummary {
  readonly title: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  readonly forSeconds: number;
  /** The same for people: `5 min`. */
  readonly duration: string;
  readonly query: string;
}

/** What will be watched; nothing where `alerts` is off. */
export function summarizeAlerts(config: StackConfig): readonly AlertSummary[] {
  if (!config.alerts) return [];
  return alertRules(observedStack(config)).map((rule) => ({
    title: rule.title,
    severity: rule.severity,
    forSeconds: rule.forSeconds,
    duration: durationOf(rule),
    query: rule.query,
  }));
}
