import { CoreV1Api, type KubernetesObject, type V1Deployment, type V1Pod } from "@kubernetes/client-node";
import { TGI } from "../../catalog/tgi";
import { NO_LOAD } from "./fleet";
import type { PlayedStack } from "./playedStack";
import type { Settings } from "./stackObjects";

/** Two GPUs a replica: what goes wrong with one goes wrong with two, and one thing more. */
export const SETTINGS: Settings = { metricStrategy: "queue-size", metricTarget: 10, modelId: "google/gemma-2-9b-it" };
export const HPA = "HorizontalPodAutoscaler";
/** Of each GPU of the one server: 50 %. */
export const HALF_BUSY = { ...NO_LOAD, gpuBusy: 100 };

export const queue = (length: number) => ({ ...NO_LOAD, queue: length, batch: length });

/** Evicts all servers at once, as a drain does, and counts what the API server lets it take. */
export async function evictAll(stack: PlayedStack): Promise<number> {
  const { kubeConfig } = stack.cluster.controlPlane;
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const evictions = stack.pods().map(({ metadata }) => {
    const { name = "", namespace = "" } = metadata ?? {};
    return core.createNamespacedPodEviction({ name, namespace, body: { metadata: { name, namespace } } });
  });
  return (await Promise.allSettled(evictions)).filter(({ status }) => status === "fulfilled").length;
}

/** Servers that get requests, as far as the cluster knows, and do not listen. */
export function deaf(stack: PlayedStack): readonly V1Pod[] {
  return stack
    .pods()
    .filter(({ status }) => status?.conditions?.some((it) => it.type === "Ready" && it.status === "True"))
    .filter(({ metadata }) => !stack.fleet.running.includes(metadata?.name ?? ""));
}

export async function wantedBySpec(stack: PlayedStack): Promise<number | undefined> {
  const { namespace } = stack.stack.config;
  const reference = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: TGI.deploymentName, namespace } };
  return (await stack.cluster.api.read<KubernetesObject & V1Deployment>(reference))?.spec?.replicas;
}

export function ingested(stack: PlayedStack): readonly string[] {
  return stack.store.descriptors(stack.home.project).map(({ type }) => type);
}
