import type { KubernetesObject } from "@kubernetes/client-node";
import { DCGM } from "../../catalog/dcgm";
import { monitoringType, SERIES } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { AdapterHome } from "../../standins/adapter/requests";
import type { SeriesKey, SeriesStore } from "../../standins/monitoring/store";
import { atEnd } from "../rig/run";
import { k8sContainer, prometheusTarget } from "./monitoredResource";
import { objectOf, type StackObjects } from "./stackObjects";

/** A Deployment beside the stack's own, and label `app` of its pods. */
export const NEIGHBOUR = "another-deployment";

const VALUE = 500;
const WRITE_MS = 250;

/**
 * Another Deployment in the stack's namespace, whose container is called as every server's in Google's samples, and
 * what scrapes it.
 */
export function neighbourObjects(stack: StackObjects, replicas: number): readonly KubernetesObject[] {
  const { spec = {} } = objectOf(stack, "Deployment", TGI.deploymentName);
  const labels = { app: NEIGHBOUR };
  const metadata = { name: NEIGHBOUR, namespace: stack.config.namespace, labels };
  const selector = { matchLabels: labels };
  const { template } = spec as { template?: object };
  const deployment = { ...spec, replicas, selector, template: { ...template, metadata: { labels } } };
  const scraping = objectOf(stack, "PodMonitoring", TGI.podMonitoringName);
  return [
    { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: deployment } as KubernetesObject,
    { ...scraping, metadata, spec: { ...scraping.spec, selector } } as KubernetesObject,
  ];
}

/**
 * Busy servers that are not on this cluster, or not in this namespace: all series that any strategy reads, at values
 * that would take every autoscaler to its maximum.
 */
export function playBusyNeighbours(store: SeriesStore, ours: AdapterHome & { readonly namespace: string }): void {
  const neighbours = [
    { ...ours, cluster: "another-cluster" },
    { ...ours, location: "europe-west4" },
    { ...ours, namespace: "another-namespace" },
    { ...ours, container: "another-container" },
  ].flatMap((home) => seriesOf({ container: TGI.containerName, ...home }));
  const write = () => {
    const at = Date.now();
    for (const series of neighbours) store.write(series, { value: VALUE, at, visibleAt: at });
  };
  write();
  const writing = setInterval(write, WRITE_MS);
  atEnd(() => clearInterval(writing));
}

function seriesOf(
  home: AdapterHome & { readonly namespace: string; readonly container: string },
): readonly SeriesKey[] {
  const { project, cluster, namespace, container } = home;
  const pod = `other-${cluster}-${namespace}`;
  const prometheus = (job: string, own: string) => prometheusTarget(home, { namespace: own, job, instance: pod });
  const scraped = (series: (typeof SERIES)[keyof typeof SERIES]): SeriesKey => ({
    project,
    metric: { type: monitoringType(series), labels: { pod, container } },
    resource: prometheus("theirs", namespace),
  });
  return [
    scraped(SERIES.tgiQueueSize),
    scraped(SERIES.tgiBatchCurrentSize),
    scraped(SERIES.dcgmGpuUtil),
    {
      project,
      metric: {
        type: monitoringType(SERIES.dcgmGpuUtilRenamed),
        labels: { pod: "exporter", exported_namespace: namespace, exported_pod: pod, exported_container: container },
      },
      resource: prometheus(DCGM.podMonitoringName, DCGM.namespace),
    },
    {
      project,
      metric: { type: monitoringType(SERIES.gpuDutyCycle), labels: { accelerator_id: "0" } },
      ...k8sContainer(home, { namespace, pod, container, deployment: TGI.deploymentName }),
    },
  ];
}
