import { GPU_RESOURCE } from "../../catalog/gke";
import type { CapturedGraph } from "../../tools/plan/capture";
import { find, has, input } from "../support/stack";
import type { Stage } from "./model";

/**
 * The stage that a program makes, read from its objects and not from what the alerts were made of: a name that only
 * the alerts have would find nothing there.
 */
export function stageOf(graph: CapturedGraph): Stage {
  const cluster = find(graph, "cluster-gke");
  const deployment = find(graph, "server-deployment");
  const hpa = find(graph, "autoscaler-hpa");
  const limits = input(deployment, "spec.template.spec.containers.0.resources.limits");
  const gpus = Object.entries(limits ?? {}).find(([resource]) => resource === GPU_RESOURCE)?.[1];
  return {
    place: {
      cluster: String(input(cluster, "name")),
      location: String(input(cluster, "location")),
      namespace: String(input(deployment, "metadata.namespace")),
    },
    minReplicas: Number(input(hpa, "spec.minReplicas")),
    maxReplicas: Number(input(hpa, "spec.maxReplicas")),
    gpusPerReplica: Number(gpus),
    surge: input(deployment, "spec.strategy.rollingUpdate.maxSurge") === 1,
    dcgmExporter: has(graph, "dcgm-daemonset") ? "self-managed" : "gke-managed",
  };
}
