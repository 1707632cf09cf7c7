import { DCGM } from "../../catalog/dcgm";
import { OBSERVED, SERIES } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { Place } from "../../observability/promql";
import { type Load, type Server, type World, workloadOf } from "./model";
import { always, during, GRID_SECONDS, type PlayedSeries, type Seconds, type Timeline } from "./series";

/** The pod sleeps before its server hears of the end, and closes its port at once when it does. */
const SCRAPED_AFTER_DELETION = 20;
/** The worst case: it drains for as long as it may, and kubelet calls it ready until it has gone. */
const GONE_AFTER_DELETION = SCRAPED_AFTER_DELETION + TGI.drainSeconds;
/** Everything that TGI's `/metrics` has and alerts read. */
export const SCRAPED_FROM_TGI = [
  SERIES.tgiQueueSize,
  SERIES.tgiBatchCurrentSize,
  OBSERVED.tgiRequestCount,
  OBSERVED.tgiRequestFailure,
];

/** The series that are about one pod of the server. */
export function serverSeries(server: Server, world: World): readonly PlayedSeries[] {
  const { place } = world;
  const workload = workloadOf(world);
  const pod = `${workload.deployment}-${server.suffix}`;
  const container = workload.container;
  const runs = { from: server.startedAt, until: server.deletedAt + GONE_AFTER_DELETION };
  const serves = { from: server.readyAt, until: server.deletedAt + SCRAPED_AFTER_DELETION };
  const load = (key: keyof Load): Timeline<number> => during(serves, (at) => server.load(at)?.[key] ?? 0);
  // A loading server computes nothing.
  const duty: Timeline<number> = during(runs, (at) => load("duty")(at) ?? 0);
  const fromTgi = { labels: { ...place, pod, container }, every: 15 } as const;
  const requests = counter(load("requestsPerSecond"), server.readyAt);
  const refused = counter(load("refusedPerSecond"), server.readyAt);
  return [
    { ...fromTgi, metric: SERIES.tgiQueueSize, value: load("queue") },
    { ...fromTgi, metric: SERIES.tgiBatchCurrentSize, value: load("batch") },
    {
      ...fromTgi,
      metric: OBSERVED.tgiRequestCount,
      // The warm-up is a request.
      value: during(serves, (at) => 1 + requests(at)),
    },
    {
      ...fromTgi,
      labels: { ...fromTgi.labels, err: "overloaded" },
      metric: OBSERVED.tgiRequestFailure,
      // A label's series begins with its first event.
      value: during(serves, (at) => refused(at) || undefined),
    },
    {
      ...fromTgi,
      labels: { ...fromTgi.labels, err: "validation" },
      metric: OBSERVED.tgiRequestFailure,
      // Clients always send some that cannot be answered.
      value: during(serves, (at) => Math.floor(requests(at) / 10) || undefined),
    },
    {
      metric: OBSERVED.containerReady,
      labels: { ...place, pod, container, uid: `uid-of-${pod}` },
      every: 30,
      value: during({ from: server.createdAt, until: runs.until }, (at) => (server.readyAt <= at ? 1 : 0)),
    },
    {
      metric: OBSERVED.containerReady,
      // A sidecar that something injects is ready long before the server.
      labels: { ...place, pod, container: "sidecar", uid: `uid-of-${pod}` },
      every: 30,
      value: during(runs, always(1)),
    },
    {
      metric: OBSERVED.containerRestarts,
      labels: systemLabels(place, pod, container),
      every: 60,
      value: during(runs, server.restarts ?? always(0)),
    },
    ...gpuSeries(world, pod, container, duty),
  ];
}

/** GPU series come one per GPU. */
function gpuSeries(
  { place, gpusPerReplica, dcgmExporter }: World,
  pod: string,
  container: string,
  value: Timeline<number>,
): readonly PlayedSeries[] {
  const { cluster, location, namespace } = place;
  return Array.from({ length: gpusPerReplica }, (_, gpu): readonly PlayedSeries[] => [
    {
      metric: SERIES.gpuDutyCycle,
      labels: { ...systemLabels(place, pod, container), accelerator_id: `GPU-${pod}-${gpu}` },
      every: 60,
      value,
    },
    dcgmExporter === "gke-managed"
      ? { metric: SERIES.dcgmGpuUtil, labels: { ...place, pod, container, gpu: `${gpu}` }, every: 30, value }
      : {
          metric: SERIES.dcgmGpuUtilRenamed,
          labels: {
            cluster,
            location,
            namespace: DCGM.namespace,
            gpu: `${gpu}`,
            exported_namespace: namespace,
            exported_pod: pod,
            exported_container: container,
          },
          every: DCGM.scrapeIntervalSeconds,
          value,
        },
  ]).flat();
}

/** The labels of series that GKE's own agents write. */
export function systemLabels({ cluster, location, namespace }: Place, pod: string, container: string) {
  const resource = { monitored_resource: "k8s_container", cluster_name: cluster, location, namespace_name: namespace };
  return { ...resource, pod_name: pod, container_name: container };
}

/** Starts at zero with the process. */
function counter(perSecond: Timeline<number>, from: Seconds): (at: Seconds) => number {
  const first = Math.max(0, Math.ceil(from / GRID_SECONDS) * GRID_SECONDS);
  const totals = [0];
  return (at) => {
    const scrapes = Math.max(0, Math.floor((at - first) / GRID_SECONDS));
    while (totals.length <= scrapes) {
      const past = first + (totals.length - 1) * GRID_SECONDS;
      totals.push((totals.at(-1) ?? 0) + (perSecond(past) ?? 0) * GRID_SECONDS);
    }
    return Math.round(totals[scrapes] ?? 0);
  };
}
