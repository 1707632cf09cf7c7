import { createServer } from "node:http";
import type { V1Pod } from "@kubernetes/client-node";
import { DCGM } from "../../catalog/dcgm";
import { monitoringType, SERIES } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { AdapterHome } from "../../standins/adapter/requests";
import { close, listen } from "../../standins/loopback";
import type { SeriesKey, SeriesStore } from "../../standins/monitoring/store";
import type { PlayedFleet } from "./fleet";
import { k8sContainer, prometheusTarget } from "./monitoredResource";
import type { PlayedPod, PodRole } from "./playedKubelet";
import { type DELAYS, type Profile, played } from "./profile";

/**
 * Plays GKE's own agents, which write without being asked: the duty cycle of every GPU that a container holds, and
 * with it, where GKE's DCGM exporter runs, DCGM's utilisation under the labels of the pod that holds the GPU.
 */
export class PlayedGpuAgents {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly fleets: readonly PlayedFleet[],
    private readonly identity: AdapterHome,
    private readonly sink: SeriesStore,
    private readonly profile: Profile,
    private readonly gkeDcgm: boolean,
  ) {}

  start(): void {
    this.timers.push(setInterval(() => this.writeDutyCycle(), played(this.profile, "dutyCyclePeriod")));
    if (this.gkeDcgm) this.timers.push(setInterval(() => this.writeDcgm(), played(this.profile, "gkeDcgmPeriod")));
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private writeDutyCycle(): void {
    const type = monitoringType(SERIES.gpuDutyCycle);
    for (const { namespace, deployment, pod, gpu, busy } of this.gpus()) {
      const metric = { type, labels: { accelerator_id: String(gpu), make: "nvidia" } };
      const container = k8sContainer(this.identity, { namespace, deployment, pod, container: TGI.containerName });
      this.write({ metric, ...container }, busy, "dutyCycleVisible");
    }
  }

  private writeDcgm(): void {
    const type = monitoringType(SERIES.dcgmGpuUtil);
    for (const { namespace, pod, gpu, busy } of this.gpus()) {
      const job = "gke-managed-dcgm-exporter";
      const resource = prometheusTarget(this.identity, { namespace, job, instance: pod });
      const labels = { pod, container: TGI.containerName, gpu: String(gpu), UUID: `GPU-${pod}-${gpu}` };
      this.write({ metric: { type, labels }, resource }, busy, "scrapeVisible");
    }
  }

  private gpus() {
    return this.fleets.flatMap((fleet) =>
      fleet.running.flatMap((pod) => fleet.gpus(pod).map((busy, gpu) => ({ ...fleet.workload, pod, gpu, busy }))),
    );
  }

  private write(series: Omit<SeriesKey, "project">, value: number, delay: keyof typeof DELAYS): void {
    const at = Date.now();
    const { project } = this.identity;
    this.sink.write({ project, ...series }, { value, at, visibleAt: at + played(this.profile, delay) });
  }
}

/** The self-managed exporter's pods: one on each GPU node. */
export function dcgmRole(pods: () => readonly V1Pod[], fleets: readonly PlayedFleet[]): PodRole {
  return {
    matches: ({ metadata }) => metadata?.namespace === DCGM.namespace,
    startMs: 0,
    drainMs: 0,
    run: async (pod): Promise<PlayedPod> => {
      const server = createServer((_, response) => response.end(dcgmText(pod.spec?.nodeName ?? "", pods(), fleets)));
      const port = await listen(server);
      return {
        ports: { [DCGM.exporterPort]: port },
        stop: () => close(server),
      };
    },
  };
}

/** What a self-managed exporter says about the GPUs of the node that it runs on: it names the pod that holds each. */
function dcgmText(node: string, pods: readonly V1Pod[], fleets: readonly PlayedFleet[]): string {
  const field = DCGM.utilisationField;
  const lines = pods
    .filter(({ spec }) => spec?.nodeName === node)
    .flatMap(({ metadata }) =>
      fleets.flatMap((fleet) =>
        fleet.gpus(metadata?.name ?? "").map((busy, gpu) => {
          const labels = { gpu, namespace: metadata?.namespace, pod: metadata?.name, container: TGI.containerName };
          const text = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
          return `${field}{${text.join(",")}} ${busy}`;
        }),
      ),
    );
  // It exports more than one field: the rules of the PodMonitoring must drop the others.
  return [`# TYPE ${field} gauge`, ...lines, "# TYPE DCGM_FI_DEV_SM_CLOCK gauge", "DCGM_FI_DEV_SM_CLOCK 1410", ""].join(
    "\n",
  );
}
