import { DCGM_EXPORTERS, METRIC_STRATEGIES, type StrategyTarget } from "../../autoscaling/metricStrategy";
import { observedStack } from "../../config/observe";
import type { ObservedStack } from "../../observability/observedStack";
import { accepted, type StackFile } from "./config";

/** What dashboard and alerts know of a stack, from its stack file. */
export function observed(set: StackFile = {}): ObservedStack {
  return observedStack(accepted(set).config);
}

const json = JSON.stringify;

/** Stacks that differ in what dashboard and alerts are made of. */
export const OBSERVED_VARIANTS: Readonly<Record<string, StackFile>> = {
  "queue-size": {},
  "batch-size": { metricStrategy: "batch-size" },
  "gke-duty-cycle": { metricStrategy: "gke-duty-cycle" },
  "dcgm-gpu-util, GKE's": { metricStrategy: "dcgm-gpu-util" },
  "dcgm-gpu-util, our own": { metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" },
  "two GPUs a replica": { metricStrategy: "gke-duty-cycle", modelId: "google/gemma-2-9b-it" },
  "all four signals": {
    extraMetrics: json([
      { strategy: "batch-size", target: 20 },
      { strategy: "gke-duty-cycle", target: 70 },
      { strategy: "dcgm-gpu-util", target: 80 },
    ]),
  },
  "somebody's cluster": { cluster: "existing", clusterName: "theirs", namespace: "llm" },
  "somebody's adapter": { metricsAdapter: "existing" },
  "no scale-down": { scaleBehavior: json({ scaleDown: { selectPolicy: "Disabled" } }) },
  "an outage at rollouts": { gpuMaxNodes: "5" },
  "a slow behavior": {
    scaleBehavior: json({
      scaleUp: { tolerance: 0 },
      scaleDown: {
        stabilizationWindowSeconds: 900,
        policies: [{ type: "Pods", value: 1, periodSeconds: 600 }],
        tolerance: 1,
      },
    }),
  },
};

/** Behaviors of an HPA, by what they are about. */
const BEHAVIORS = {
  "Kubernetes' own": {},
  "no scale-down": OBSERVED_VARIANTS["no scale-down"],
  slow: OBSERVED_VARIANTS["a slow behavior"],
} as const;

export interface Combination {
  readonly name: string;
  /** The name without the signals: stacks that share it differ in nothing else. */
  readonly others: string;
  readonly stack: ObservedStack;
}

let combined: readonly Combination[] | undefined;

/** Every strategy with either exporter, alone and beside another signal, with either adapter, under every behavior. */
export function combinations(): readonly Combination[] {
  combined ??= combine();
  return combined;
}

function combine(): readonly Combination[] {
  const behaviors = Object.entries(BEHAVIORS).map(([name, file]) => {
    const { scaleDown, tolerance } = observed(file);
    return [name, { scaleDown, tolerance }] as const;
  });
  return DCGM_EXPORTERS.flatMap((dcgmExporter) =>
    METRIC_STRATEGIES.flatMap((metricStrategy) =>
      [undefined, ...METRIC_STRATEGIES.filter((it) => it !== metricStrategy)].flatMap((extra) => {
        const extraMetrics: readonly StrategyTarget[] = extra === undefined ? [] : [{ strategy: extra, target: 50 }];
        const stack = observed({ metricStrategy, dcgmExporter, extraMetrics: json(extraMetrics) });
        return [true, false].flatMap((adapter) =>
          behaviors.map(([behavior, parts]) => {
            const others = `${dcgmExporter}, ${adapter ? "our" : "somebody's"} adapter, behavior: ${behavior}`;
            const name = `${stack.metrics.map(({ strategy }) => strategy).join(" and ")}, ${others}`;
            return { name, others, stack: { ...stack, ...parts, adapter } };
          }),
        );
      }),
    ),
  );
}

/** The ids of all alerts, in order. */
export const ALERTS = [
  "hpa-cannot-read-metric",
  "hpa-at-maximum",
  "replicas-not-ready",
  "server-not-scraped",
  "clients-refused",
  "metrics-adapter-unhealthy",
  "scaling-signal-missing",
  "gpu-idle",
] as const;
