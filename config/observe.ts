import { tolerancesOf } from "../autoscaling/hpa/behavior";
import { HPA_DEFAULTS, NODE_PROVISIONING_MINUTES } from "../catalog/gke";
import type { ObservedStack } from "../observability/observedStack";
import type { StackConfig } from "./stackConfig";

/** What dashboard and alerts must know of a stack. */
export function observedStack(config: StackConfig): ObservedStack {
  const { autoscaler, server, dcgmExporter } = config;
  const { scaleDown } = autoscaler.behavior ?? {};
  const scalesOnDcgm = autoscaler.metrics.some((metric) => metric.strategy === "dcgm-gpu-util");
  return {
    project: config.project,
    cluster: config.cluster.name,
    location: config.location.name,
    namespace: config.namespace,
    gpusPerReplica: server.gpus,
    dcgmExporter,
    metrics: autoscaler.metrics,
    minReplicas: autoscaler.minReplicas,
    maxReplicas: autoscaler.maxReplicas,
    tolerance: tolerancesOf(autoscaler.behavior),
    scaleDown: {
      disabled: scaleDown?.selectPolicy === "Disabled",
      stabilizationSeconds: scaleDown?.stabilizationWindowSeconds ?? HPA_DEFAULTS.scaleDownStabilizationSeconds,
      policies: scaleDown?.policies ?? [],
      select: scaleDown?.selectPolicy === "Min" ? "Min" : "Max",
    },
    startBudgetSeconds: (server.readyTimeoutMinutes + NODE_PROVISIONING_MINUTES) * 60,
    adapter: config.metricsAdapter === "install",
    // In a cluster that somebody else made, GKE's exporter is only known to run when the strategy demands it.
    dcgm: config.cluster.kind === "create" || dcgmExporter === "self-managed" || scalesOnDcgm,
  };
}
