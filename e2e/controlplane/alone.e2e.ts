import { monitoringType, SERIES } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { SeriesKey } from "../../standins/monitoring/store";
import { endRun } from "../rig/run";
import { NO_LOAD } from "./fleet";
import { PlayedStack } from "./playedStack";
import type { Settings } from "./stackObjects";

const STACKS: readonly Settings[] = [
  { metricStrategy: "queue-size", metricTarget: 10 },
  { metricStrategy: "gke-duty-cycle", metricTarget: 60 },
  { metricStrategy: "dcgm-gpu-util", metricTarget: 60 },
  { metricStrategy: "dcgm-gpu-util", metricTarget: 60, dcgmExporter: "self-managed" },
];

interface Elsewhere {
  readonly cluster: string;
  readonly location: string;
  readonly namespace: string;
  readonly container: string;
}

/** Busy servers of somebody else, in the same project: all series that any strategy reads. */
function busy({ project, ...home }: { project: string } & Elsewhere): readonly SeriesKey[] {
  const { cluster, location, namespace, container } = home;
  const pod = `other-${cluster}-${namespace}`;
  const prometheus = (job: string, own: string) => ({
    type: "prometheus_target",
    labels: { project_id: project, location, cluster, namespace: own, job, instance: pod },
  });
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
      resource: prometheus("nvidia-dcgm-exporter-for-hpa", "gmp-public"),
    },
    {
      project,
      metric: { type: monitoringType(SERIES.gpuDutyCycle), labels: { accelerator_id: "0" } },
      resource: {
        type: "k8s_container",
        labels: {
          project_id: project,
          location,
          cluster_name: cluster,
          namespace_name: namespace,
          pod_name: pod,
          container_name: container,
        },
      },
    },
  ];
}

describe("the stack scales on its own load only", () => {
  for (const settings of STACKS) {
    it(`beside busy neighbours: ${JSON.stringify(settings)}`, async () => {
      const stack = await PlayedStack.start(settings);
      try {
        await stack.settles(1, 60);
        const { home, store } = stack;
        const ours = { ...home, namespace: stack.stack.config.namespace, container: TGI.containerName };
        const neighbours = [
          { ...ours, cluster: "another-cluster" },
          { ...ours, location: "europe-west4" },
          { ...ours, namespace: "another-namespace" },
          { ...ours, container: "another-container" },
        ].flatMap(busy);
        const write = () => {
          const at = Date.now();
          for (const series of neighbours) store.write(series, { value: 500, at, visibleAt: at });
        };
        const writing = setInterval(write, 250);
        write();
        // With a neighbour's 500 in it, no sync would want three. (While load moves to new servers, an old sample beside a
        // new one may count some of it twice: that is the HPA's own, and settles.)
        stack.fleet.load = { queue: 28, batch: 0, gpuBusy: 165 };
        await stack.settles(3, 60);
        await stack.holds(3, 12);
        stack.fleet.load = NO_LOAD;
        await stack.settles(1, 90);
        clearInterval(writing);
      } finally {
        await endRun();
      }
    });
  }
});
