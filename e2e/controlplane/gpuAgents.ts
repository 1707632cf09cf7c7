import type { V1Pod } from "@kubernetes/client-node";
import { DCGM } from "../../catalog/dcgm";
import { monitoringType, SERIES } from "../../catalog/metrics";
import { TGI } from "../../catalog/tgi";
import type { AdapterHome } from "../../standins/adapter/requests";
import type { SeriesStore } from "../../standins/monitoring/store";
import type { PlayedFleet } from "./fleet";
import { type DELAYS, type Profile, played } from "./profile";

/**
 * Plays GKE's own agents, which write without being asked: the duty cycle of every GPU that a container holds, and
 * with it, where GKE's DCGM exporter runs, DCGM's utilisation under the labels of the pod that holds the GPU.
 */
export class PlayedGpuAgents {
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(
    private readonly fleets: readonly { readonly fleet: PlayedFleet; readonly namespace: string }[],
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
    const { project, location, cluster } = this.identity;
    for (const { namespace, pod, gpu, busy } of this.gpus()) {
      this.write(monitoringType(SERIES.gpuDutyCycle), { accelerator_id: String(gpu), make: "nvidia" }, busy, {
        delay: "dutyCycleVisible",
        resource: {
          type: "k8s_container",
          labels: {
            project_id: project,
            location,
            cluster_name: cluster,
            namespace_name: namespace,
            pod_name: pod,
            container_name: TGI.containerName,
          },
        },
      });
    }
  }

  private writeDcgm(): void {
    const { project, location, cluster } = this.identity;
    for (const { namespace, pod, gpu, busy } of this.gpus()) {
      const labels = { pod, container: TGI.containerName, gpu: String(gpu), UUID: `GPU-${pod}-${gpu}` };
      this.write(monitoringType(SERIES.dcgmGpuUtil), labels, busy, {
        delay: "scrapeVisible",
        resource: {
          type: "prometheus_target",
          labels: {
            project_id: project,
            location,
            cluster,
            namespace,
            job: "gke-managed-dcgm-exporter",
            instance: pod,
          },
        },
      });
    }
  }

  private gpus() {
    return this.fleets.flatMap(({ fleet, namespace }) =>
      fleet.running.flatMap((pod) => fleet.gpus(pod).map((busy, gpu) => ({ namespace, pod, gpu, busy }))),
    );
  }

  private write(
    type: string,
    labels: Readonly<Record<string, string>>,
    value: number,
    { delay, resource }: { delay: keyof typeof DELAYS; resource: Parameters<SeriesStore["write"]>[0]["resource"] },
  ): void {
    const at = Date.now();
    const { project } = this.identity;
    const point = { value, at, visibleAt: at + played(this.profile, delay) };
    this.sink.write({ project, metric: { type, labels }, resource }, point);
  }
}

/** What a self-managed exporter says about the GPUs of the node that it runs on: it names the pod that holds each. */
export function dcgmText(node: string, pods: readonly V1Pod[], fleets: readonly PlayedFleet[]): string {
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
