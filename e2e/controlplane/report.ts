import type { CoreV1Event, V1Deployment, V1Pod, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import type { SeriesStore, TimeSeries } from "../../standins/monitoring/store";
import type { ApiClient } from "./apiClient";

const EVENTS = 12;
const SERIES = 12;
/** Samples older than this say nothing about a failure. */
const RECENT_MS = 5 * 60_000;

/**
 * What one needs to see why a scenario failed: the autoscalers with their conditions and metrics, the Deployments and
 * pods of the stack's namespace, the pods elsewhere that are not ready, the newest events.
 */
export async function report(api: ApiClient, namespace: string): Promise<string> {
  const hpas = await hpasOf(api, namespace);
  const deployments = await list<V1Deployment>(api, `/apis/apps/v1/namespaces/${namespace}/deployments`);
  const pods = await list<V1Pod>(api, "/api/v1/pods");
  const events = await list<CoreV1Event>(api, "/api/v1/events");
  return [
    ...hpas.map(hpaLine),
    ...deployments.map(deploymentLine),
    ...pods.filter((pod) => pod.metadata?.namespace === namespace || !isReady(pod)).map(podLine),
    ...newest(events).map(eventLine),
  ].join("\n");
}

/** The last values of the metrics that the autoscalers of a namespace ask for. */
export async function metricsReport(
  api: ApiClient,
  namespace: string,
  store: SeriesStore,
  project: string,
): Promise<string> {
  const wanted = metricTypesOf(await hpasOf(api, namespace));
  return store
    .read(project, ({ metric }) => wanted.has(metric.type), store.now() - RECENT_MS, store.now())
    .slice(0, SERIES)
    .map((series) => seriesLine(series, store.now()))
    .join("\n");
}

async function list<T>(api: ApiClient, path: string): Promise<readonly T[]> {
  return (await api.get<{ items: T[] }>(path)).items;
}

function hpasOf(api: ApiClient, namespace: string): Promise<readonly V2HorizontalPodAutoscaler[]> {
  return list(api, `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`);
}

function hpaLine({ metadata, spec, status }: V2HorizontalPodAutoscaler): string {
  const conditions = (status?.conditions ?? []).map(
    ({ type, status: so, reason, message }) => `\n  ${type}=${so} ${reason}: ${message}`,
  );
  const metrics = JSON.stringify(status?.currentMetrics ?? []);
  const replicas = `${status?.currentReplicas} replicas, ${status?.desiredReplicas} wanted of at most ${spec?.maxReplicas}`;
  return `hpa/${metadata?.name}: ${replicas}; metrics ${metrics}${conditions.join("")}`;
}

/** The metric types that autoscalers ask for. */
function metricTypesOf(hpas: readonly V2HorizontalPodAutoscaler[]): ReadonlySet<string> {
  return new Set(
    hpas
      .flatMap(({ spec }) => spec?.metrics ?? [])
      .map(({ pods, external }) => (pods ?? external)?.metric.name.replaceAll("|", "/") ?? ""),
  );
}

function deploymentLine({ metadata, spec, status }: V1Deployment): string {
  return `deployment/${metadata?.name}: ${status?.readyReplicas ?? 0} of ${spec?.replicas} ready`;
}

function podLine(pod: V1Pod): string {
  const { metadata, spec, status } = pod;
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  const waiting = status?.containerStatuses?.map(({ state }) => state?.waiting).find((it) => it !== undefined);
  return [
    `pod/${metadata?.namespace}/${metadata?.name}: ${status?.phase}, ${isReady(pod) ? "ready" : "not ready"}`,
    metadata?.deletionTimestamp === undefined ? "" : ", being deleted",
    spec?.nodeName === undefined ? `, on no node: ${scheduled?.message}` : `, on ${spec.nodeName}`,
    waiting === undefined ? "" : `, ${waiting.reason} ${waiting.message ?? ""}`,
  ].join("");
}

function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: so }) => type === "Ready" && so === "True") === true;
}

function newest(events: readonly CoreV1Event[]): readonly CoreV1Event[] {
  const at = ({ lastTimestamp, metadata }: CoreV1Event) => String(lastTimestamp ?? metadata.creationTimestamp);
  return [...events].sort((a, b) => (at(a) < at(b) ? -1 : 1)).slice(-EVENTS);
}

function eventLine({ involvedObject, reason, message }: CoreV1Event): string {
  return `event ${involvedObject.kind}/${involvedObject.name}: ${reason}: ${message}`;
}

function seriesLine({ metric, resource, points }: TimeSeries, now: number): string {
  const last = points.at(-1);
  const who = metric.labels.pod ?? metric.labels.exported_pod ?? resource.labels.pod_name;
  const where = resource.labels.cluster ?? resource.labels.cluster_name;
  return `metric ${metric.type} of ${who} in ${where}: ${last?.value}, ${now - (last?.at ?? now)} ms old`;
}
