import { createServer } from "node:http";
import type { KubernetesObject, V1Deployment, V1Pod, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { DCGM } from "../../catalog/dcgm";
import { TGI } from "../../catalog/tgi";
import type { AdapterHome } from "../../standins/adapter/requests";
import { MonitoringServer } from "../../standins/monitoring/server";
import { SeriesStore } from "../../standins/monitoring/store";
import { atEnd } from "../rig/run";
import { until } from "../rig/wait";
import { adapterRole } from "./adapterRole";
import { type Cluster, startCluster } from "./cluster";
import { PlayedCollector } from "./collector";
import { listen, PlayedFleet } from "./fleet";
import { dcgmText, PlayedGpuAgents } from "./gpuAgents";
import type { PlayedPod, PodRole } from "./playedKubelet";
import { played } from "./profile";
import { type Settings, type StackObjects, stackObjects } from "./stackObjects";
import { Timeline, type TimelineDocument } from "./timeline";

/** A stack on a cluster of real controllers, with everything that its autoscaler reads played around it. */
export class PlayedStack {
  readonly timeline = new Timeline();

  private constructor(
    readonly stack: StackObjects,
    readonly cluster: Cluster,
    readonly monitoring: MonitoringServer,
    readonly store: SeriesStore,
    readonly fleet: PlayedFleet,
    readonly home: AdapterHome,
  ) {}

  /** Starts a cluster, and applies the stack to it. */
  static async start(settings: Settings): Promise<PlayedStack> {
    const stack = await stackObjects(settings);
    const { config } = stack;
    const home = { project: config.project, cluster: config.cluster.name, location: config.location.name };
    const store = new SeriesStore();
    const monitoring = new MonitoringServer(store);
    const address = await monitoring.start();
    atEnd(() => monitoring.stop());
    const fleet = new PlayedFleet(TGI.podLabels.app, config.namespace, config.server.gpus);
    let pods: () => readonly V1Pod[] = () => [];
    const cluster = await startCluster(stack, (controlPlane, profile) => [
      fleet.role({ startMs: played(profile, "serverStart"), drainMs: played(profile, "serverDrain") }),
      adapterRole({ controlPlane, home, monitoring: address, profile }),
      dcgmRole(() => pods(), [fleet]),
    ]);
    pods = () => cluster.kubelet.pods();
    const { api, network, profile, failed } = cluster;
    const collector = new PlayedCollector(api, network, home, store, profile, pods, failed);
    const gkeDcgm = config.dcgmExporter === "gke-managed";
    const agents = new PlayedGpuAgents([{ fleet, namespace: config.namespace }], home, store, profile, gkeDcgm);
    collector.start();
    agents.start();
    atEnd(() => {
      collector.stop();
      agents.stop();
    });
    const self = new PlayedStack(stack, cluster, monitoring, store, fleet, home);
    for (const object of stack.objects) await cluster.apply(object);
    return self;
  }

  /** Waits until the autoscaler wants a number of replicas and so many are ready. */
  async settles(replicas: number, seconds: number): Promise<object> {
    return until(
      `${replicas} replicas, wanted and ready`,
      async () => {
        const { hpa, ready } = await this.look();
        const wanted = hpa.status?.desiredReplicas ?? 0;
        if (wanted === replicas && ready === replicas) return {};
        return `${wanted} wanted, ${ready} ready; ${conditionsOf(hpa)}`;
      },
      { seconds, everyMs: 100 },
    );
  }

  /** Watches that the autoscaler wants a number of replicas for so many of its syncs, whatever else happens. */
  async holds(replicas: number, syncs: number): Promise<void> {
    const end = Date.now() + syncs * this.cluster.profile.hpaSyncMs;
    await until(
      `${syncs} syncs to go by`,
      async () => {
        const { hpa } = await this.look();
        const wanted = hpa.status?.desiredReplicas ?? 0;
        if (wanted !== replicas) throw new Moved(`${wanted} wanted instead of ${replicas}; ${conditionsOf(hpa)}`);
        return Date.now() >= end ? {} : "all as it was";
      },
      {
        seconds: 2 * syncs * (this.cluster.profile.hpaSyncMs / 1000) + 10,
        everyMs: 100,
        unless: (error) => error instanceof Moved,
      },
    );
  }

  /** The autoscaler and its Deployment as they are, noted in the timeline. */
  async look(): Promise<{ hpa: V2HorizontalPodAutoscaler; ready: number; generation: number }> {
    const { namespace } = this.stack.config;
    const hpa = await this.read<V2HorizontalPodAutoscaler>("autoscaling/v2", "HorizontalPodAutoscaler", TGI.hpaName);
    const deployment = await this.read<V1Deployment>("apps/v1", "Deployment", TGI.deploymentName);
    if (hpa === undefined || deployment === undefined) throw new Error(`there is no stack in ${namespace}`);
    const ready = deployment.status?.readyReplicas ?? 0;
    this.timeline.add(hpa, ready);
    return { hpa, ready, generation: deployment.metadata?.generation ?? 0 };
  }

  /** What was seen, for a simulator to replay. */
  async document(scenario: string): Promise<TimelineDocument> {
    const { hpa } = await this.look();
    const { profile, controlPlane } = this.cluster;
    const { controllerFlags } = controlPlane;
    return { version: 1, scenario, profile, controllerFlags, hpa: hpa.spec, moments: this.timeline.moments };
  }

  private read<T extends KubernetesObject>(apiVersion: string, kind: string, name: string): Promise<T | undefined> {
    return this.cluster.api.read<T>({ apiVersion, kind, metadata: { name, namespace: this.stack.config.namespace } });
  }
}

/** The autoscaler wants something else than it should. */
class Moved extends Error {}

function conditionsOf({ status }: V2HorizontalPodAutoscaler): string {
  return (status?.conditions ?? [])
    .map(({ type, status: so, reason, message }) => `${type}=${so} ${reason}: ${message}`)
    .join("; ");
}

/** The self-managed exporter's pods: one on each GPU node. */
function dcgmRole(pods: () => readonly V1Pod[], fleets: readonly PlayedFleet[]): PodRole {
  return {
    name: "dcgm",
    matches: ({ metadata }) => metadata?.namespace === DCGM.namespace,
    startMs: 0,
    drainMs: 0,
    run: async (pod): Promise<PlayedPod> => {
      const server = createServer((_, response) => response.end(dcgmText(pod.spec?.nodeName ?? "", pods(), fleets)));
      const port = await listen(server);
      return {
        ports: { [DCGM.exporterPort]: port },
        stop: () => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(() => resolve()));
        },
      };
    },
  };
}
