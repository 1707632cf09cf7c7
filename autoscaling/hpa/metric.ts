import type { HpaMetric } from "../metricStrategy";
import { parseThousandths } from "../quantity";
import { type Condition, failedGetMetric, validMetricFound } from "./conditions";
import { NO_PODS_USED } from "./proposals";

/** A metric of the HPA as the controller works with it. */
export interface MetricSource {
  readonly type: HpaMetric["type"];
  readonly targetMilli: number;
  /** `ScalingActive` while its proposal is the largest. */
  readonly found: Condition;
  /** `ScalingActive` while it fails, for what `proposeFrom…` or the metrics client says. */
  readonly failed: (error: string) => Condition;
}

/** @throws {RangeError} when the target is not a positive quantity. */
export function metricSource(metric: HpaMetric, namespace: string): MetricSource {
  switch (metric.type) {
    case "Pods": {
      const { metric: identifier, target } = metric.pods;
      return {
        type: "Pods",
        targetMilli: positiveMilli(target.averageValue),
        found: validMetricFound(`pods metric ${identifier.name}`),
        failed: (error) =>
          failedGetMetric(
            "FailedGetPodsMetric",
            error === NO_PODS_USED ? error : `unable to get metric ${identifier.name}: ${error}`,
          ),
      };
    }
    case "External": {
      const { metric: identifier, target } = metric.external;
      const selector = goSelector(identifier.selector.matchLabels);
      return {
        type: "External",
        targetMilli: positiveMilli(target.averageValue),
        found: validMetricFound(`external metric ${identifier.name}(${selector})`),
        failed: (error) =>
          failedGetMetric(
            "FailedGetExternalMetric",
            `unable to get external metric ${namespace}/${identifier.name}/${selector}: ${error}`,
          ),
      };
    }
  }
}

function positiveMilli(averageValue: string): number {
  const milli = parseThousandths(averageValue);
  if (milli === undefined || milli <= 0)
    throw new RangeError(`averageValue ${averageValue} is not a positive quantity`);
  return milli;
}

/** A label selector as Go prints it. */
function goSelector(matchLabels: Readonly<Record<string, string>>): string {
  const labels = Object.entries(matchLabels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{},}`;
}
