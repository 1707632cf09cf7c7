/** A condition of the HPA's status; `type` is the key under which it is kept. */
export interface Condition {
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** Conditions of the HPA's status. One that a sync does not set stays as it was; both optional ones begin unset. */
export interface Conditions {
  AbleToScale: Condition;
  ScalingActive?: Condition;
  ScalingLimited?: Condition;
}

function condition<Reason extends string>(
  status: "True" | "False",
  reason: Reason,
  message: string,
): Condition & { readonly reason: Reason } {
  return { status, reason, message };
}

/** Reasons that stabilisation gives to `AbleToScale`. */
export const ABLE_TO_SCALE = {
  ReadyForNewScale: condition("True", "ReadyForNewScale", "recommended size matches current size"),
  ScaleUpStabilized: condition(
    "True",
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
  ),
  ScaleDownStabilized: condition(
    "True",
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
  ),
} as const;

/** Reasons that limits give to `ScalingLimited`. */
export const SCALING_LIMITED = {
  DesiredWithinRange: condition("False", "DesiredWithinRange", "the desired count is within the acceptable range"),
  TooFewReplicas: condition(
    "True",
    "TooFewReplicas",
    "the desired replica count is less than the minimum replica count",
  ),
  TooManyReplicas: condition(
    "True",
    "TooManyReplicas",
    "the desired replica count is more than the maximum replica count",
  ),
  ScaleUpLimit: condition(
    "True",
    "ScaleUpLimit",
    "the desired replica count is increasing faster than the maximum scale rate",
  ),
  ScaleDownLimit: condition(
    "True",
    "ScaleDownLimit",
    "the desired replica count is decreasing faster than the maximum scale rate",
  ),
} as const;

export const SUCCEEDED_GET_SCALE = condition(
  "True",
  "SucceededGetScale",
  "the HPA controller was able to get the target's current scale",
);

export const SCALING_DISABLED = condition(
  "False",
  "ScalingDisabled",
  "scaling is disabled since the replica count of the target is zero",
);

export function succeededRescale(replicas: number): Condition {
  return condition("True", "SucceededRescale", `the HPA controller was able to update the target scale to ${replicas}`);
}

/** @param description the metric with the largest proposal, such as "pods metric queue". */
export function validMetricFound(description: string): Condition {
  const message = `the HPA was able to successfully calculate a replica count from ${description}`;
  return condition("True", "ValidMetricFound", message);
}

export function failedGetMetric(reason: "FailedGetPodsMetric" | "FailedGetExternalMetric", error: string): Condition {
  return condition("False", reason, `the HPA was unable to compute the replica count: ${error}`);
}
