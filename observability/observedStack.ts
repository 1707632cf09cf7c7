import type { ScaledWorkload, StrategyTarget } from "../autoscaling/metricStrategy";

/** A policy of the HPA's `scaleDown`. */
export interface ScaleDownPolicy {
  readonly type: "Pods" | "Percent";
  readonly value: number;
  readonly periodSeconds: number;
}

/** What dashboard and alerts must know of a stack. */
export interface ObservedStack extends ScaledWorkload {
  readonly project: string;
  /** The HPA's metrics, as configured. */
  readonly metrics: readonly [StrategyTarget, ...StrategyTarget[]];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Shares of a target within which the HPA does nothing. */
  readonly tolerance: { readonly down: number; readonly up: number };
  readonly scaleDown: {
    readonly disabled: boolean;
    readonly stabilizationSeconds: number;
    /** Empty: all at once. */
    readonly policies: readonly ScaleDownPolicy[];
    /** Which of several policies counts: the one that removes most, or least. */
    readonly select: "Max" | "Min";
  };
  /** How long a replica may take from the wish for it to its first answer: node, image, download, load, warm-up. */
  readonly startBudgetSeconds: number;
  /** Whether the stack runs the adapter. */
  readonly adapter: boolean;
  /** Whether DCGM's series are there, scaled on or not. */
  readonly dcgm: boolean;
}
