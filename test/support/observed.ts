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
