import { HPA_DEFAULTS } from "../../catalog/gke";
import { parseQuantity } from "../quantity";

/** Flags of kube-controller-manager that change what the controller decides. */
export interface ControllerFlags {
  /** Share of the target within which nothing happens, where the behavior sets none. */
  readonly tolerance: number;
  /** Scale-down window in whole seconds, where the behavior sets none. */
  readonly scaleDownStabilizationSeconds: number;
}

/** `HPAScalingPolicy`: at most `value` pods, or percent of the replicas at the period's start, per period. */
export interface ScalingPolicy {
  readonly type: "Pods" | "Percent";
  readonly value: number;
  readonly periodSeconds: number;
}

/** `HPAScalingRules`, as given: what is left out has Kubernetes' default. */
export interface ScalingRules {
  readonly stabilizationWindowSeconds?: number | undefined;
  readonly selectPolicy?: "Max" | "Min" | "Disabled" | undefined;
  readonly policies?: readonly ScalingPolicy[] | undefined;
  /** A share, as a Kubernetes quantity. */
  readonly tolerance?: string | undefined;
}

/** The `behavior` of an `autoscaling/v2` HorizontalPodAutoscaler. */
export interface HpaBehavior {
  readonly scaleUp?: ScalingRules | undefined;
  readonly scaleDown?: ScalingRules | undefined;
}

/** Rules of one direction with nothing left out; times in milliseconds. */
export interface DirectionRules {
  readonly windowMs: number;
  readonly selectPolicy: "Max" | "Min" | "Disabled";
  readonly policies: readonly {
    readonly type: "Pods" | "Percent";
    readonly value: number;
    readonly periodMs: number;
  }[];
  /** An event that is older may be forgotten. */
  readonly longestPeriodMs: number;
}

/** What bounds the controller's steps. */
export interface ReplicaRules {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** The controller's flag, which alone counts without a behavior. */
  readonly scaleDownWindowMs: number;
  /** Undefined where the HPA has no `behavior`: the controller then takes another path, with limits of its own. */
  readonly behavior: { readonly up: DirectionRules; readonly down: DirectionRules } | undefined;
}

/** Source: kubernetes `pkg/apis/autoscaling/v2/defaults.go`, 1.35. */
const SCALE_UP_POLICIES: readonly ScalingPolicy[] = [
  { type: "Pods", value: 4, periodSeconds: 15 },
  { type: "Percent", value: 100, periodSeconds: 15 },
];
const SCALE_DOWN_POLICIES: readonly ScalingPolicy[] = [{ type: "Percent", value: 100, periodSeconds: 15 }];
const SCALE_UP_WINDOW_SECONDS = 0;

/** The rules of an HPA's spec. An empty `behavior` is a behavior, of defaults only. */
export function replicaRules(
  spec: {
    readonly minReplicas?: number | undefined;
    readonly maxReplicas: number;
    readonly behavior?: HpaBehavior | undefined;
  },
  flags: ControllerFlags = HPA_DEFAULTS,
): ReplicaRules {
  const { minReplicas, maxReplicas, behavior } = spec;
  const { scaleDownStabilizationSeconds } = flags;
  return {
    minReplicas: minReplicas ?? 1,
    maxReplicas,
    scaleDownWindowMs: scaleDownStabilizationSeconds * 1000,
    behavior: behavior && {
      up: directionRules(behavior.scaleUp, SCALE_UP_POLICIES, SCALE_UP_WINDOW_SECONDS),
      down: directionRules(behavior.scaleDown, SCALE_DOWN_POLICIES, scaleDownStabilizationSeconds),
    },
  };
}

function directionRules(
  given: ScalingRules | undefined,
  defaultPolicies: readonly ScalingPolicy[],
  defaultWindowSeconds: number,
): DirectionRules {
  const policies = (given?.policies ?? defaultPolicies).map(({ type, value, periodSeconds }) => ({
    type,
    value,
    periodMs: periodSeconds * 1000,
  }));
  return {
    windowMs: (given?.stabilizationWindowSeconds ?? defaultWindowSeconds) * 1000,
    selectPolicy: given?.selectPolicy ?? "Max",
    policies,
    longestPeriodMs: Math.max(0, ...policies.map(({ periodMs }) => periodMs)),
  };
}

/** The shares of a target within which the HPA does nothing: the flag's where the behavior sets none. */
export interface Tolerances {
  readonly down: number;
  readonly up: number;
}

export function tolerancesOf(
  behavior: HpaBehavior | undefined,
  flags: Pick<ControllerFlags, "tolerance"> = HPA_DEFAULTS,
): Tolerances {
  const share = (text: string | undefined) => parseQuantity(text ?? "") ?? flags.tolerance;
  return { down: share(behavior?.scaleDown?.tolerance), up: share(behavior?.scaleUp?.tolerance) };
}
