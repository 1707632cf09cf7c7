import { createServer } from "node:http";
import type { KubernetesObject, V1Deployment, V1Pod, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { DCGM } from "../../catalog/dcgm";
import { HPA_DEFAULTS } from "../../catalog/gke";
import { TGI } from "../../catalog/tgi";
import type { AdapterHome } from "../../standins/adapter/requests";
import { close, listen } from "../../standins/loopback";
import { METHODS, MonitoringServer } from "../../standins/monitoring/server";
import { SeriesStore } from "../../standins/monitoring/store";
import { lastWords } from "../rig/processes";
import { atEnd, temporaryFolder } from "../rig/run";
import { until, type WaitOptions } from "../rig/wait";
import { adapterRole } from "./adapterRole";
import { type Cluster, startCluster } from "./cluster";
import { PlayedCollector } from "./collector";
import { PlayedFleet } from "./fleet";
import { dcgmText, PlayedGpuAgents } from "./gpuAgents";
import { NEIGHBOUR, neighbourObjects } from "./neighbours";
import type { PlayedPod, PodRole } from "./playedKubelet";
import type { PodMonitoring } from "./podMonitoring";
import { played } from "./profile";
import { report } from "./report";
import type { StackObjects } from "./stackObjects";
import { Timeline, type TimelineDocument } from "./timeline";
import { Watched } from "./watched";

const POD_MONITORINGS = "/apis/monitoring.googleapis.com/v1/podmonitorings";
const HPAS = "/apis/autoscaling/v2/horizontalpodautoscalers";
const DEPLOYMENTS = "/apis/apps/v1/deployments";
/** Longer than any two scrapes of a server are apart. */
const SETTLED_SYNCS = 3;

/** A stack on a cluster of real controllers, with everything that its autoscaler reads played around it. */
export class PlayedStack {
  readonly timeline = new Timeline();
  /** Name of the autoscaler that is looked at. */
  hpaName: string = TGI.hpaName;

  private constructor(
    readonly stack: StackObjects,
    readonly cluster: Cluster,
    private readonly hpas: Watched<V2HorizontalPodAutoscaler>,
    private readonly deployments: Watched<V1Deployment>,
    readonly monitoring: MonitoringServer,
    readonly store: SeriesStore,
    readonly fleet: PlayedFleet,
    /** Servers of another Deployment in the same namespace, once it is applied. */
    readonly neighbour: PlayedFleet,
    readonly home: AdapterHome,
  ) {}

  /** Starts a cluster, and applies the stack to it. */
  static async start(stack: StackObjects): Promise<PlayedStack> {
    const { config } = stack;
    const home = { project: config.project, cluster: config.cluster.name, location: config.location.name };
    const store = new SeriesStore();
    const monitoring = new MonitoringServer(store);
    const address = await monitoring.start();
    atEnd(() => monitoring.stop());
    // Google checks a grant; who has none reads nothing.
    if (!stack.adapterMayRead) for (const method of METHODS) monitoring.fail(method, { status: 403 });
    const shape = { namespace: config.namespace, gpusPerReplica: config.server.gpus };
    const fleet = new PlayedFleet({ deployment: TGI.deploymentName, app: TGI.podLabels.app, ...shape });
    const neighbour = new PlayedFleet({ deployment: NEIGHBOUR, app: NEIGHBOUR, ...shape });
    const fleets = [fleet, neighbour];
    let pods: () => readonly V1Pod[] = () => [];
    const folder = temporaryFolder();
    const cluster = await startCluster(stack, folder, (controlPlane, profile) => [
      ...fleets.map((it) =>
        it.role({ startMs: played(profile, "serverStart"), drainMs: played(profile, "serverDrain") }),
      ),
      adapterRole({ controlPlane, home, monitoring: address, profile, folder }),
      dcgmRole(() => pods(), fleets),
    ]);
    pods = () => cluster.kubelet.pods();
    const { api, controlPlane, network, profile, failed } = cluster;
    const watch = async <T extends KubernetesObject>(path: string): Promise<Watched<T>> => {
      const watched = new Watched<T>(controlPlane.kubeConfig, api, path);
      await watched.start();
      atEnd(() => watched.stop());
      return watched;
    };
    const monitorings = await watch<PodMonitoring>(POD_MONITORINGS);
    const hpas = await watch<V2HorizontalPodAutoscaler>(HPAS);
    const deployments = await watch<V1Deployment>(DEPLOYMENTS);
    const collector = new PlayedCollector(monitorings, network, home, store, profile, pods, failed);
    const agents = new PlayedGpuAgents(fleets, home, store, profile, config.dcgmExporter === "gke-managed");
    collector.start();
    agents.start();
    atEnd(() => {
      collector.stop();
      agents.stop();
    });
    const self = new PlayedStack(stack, cluster, hpas, deployments, monitoring, store, fleet, neighbour, home);
    for (const object of stack.objects) await cluster.apply(object);
    return self;
  }

  /** Has another Deployment run beside, whose containers are called as the stack's own. */
  async addNeighbour(replicas: number): Promise<void> {
    for (const object of neighbourObjects(this.stack, replicas)) await this.cluster.apply(object);
    await this.until(
      `${replicas} servers of ${NEIGHBOUR}`,
      () => (this.neighbour.running.length === replicas ? {} : `${this.neighbour.running.length}`),
      { seconds: 60 },
    );
  }

  /**
   * Waits until the autoscaler wants a number of replicas, so many are ready, and that lasts. While load moves to a new
   * server, its first sample beside an older one of another may count some of the load twice: the HPA has its way.
   */
  async settles(replicas: number, seconds: number): Promise<void> {
    let since: number | undefined;
    await this.until(
      `${replicas} replicas, wanted and ready`,
      async () => {
        const { hpa, ready } = await this.look();
        const wanted = hpa.status?.desiredReplicas ?? 0;
        if (wanted !== replicas || ready !== replicas) since = undefined;
        else since ??= Date.now();
        const lasting = since !== undefined && Date.now() - since >= SETTLED_SYNCS * this.cluster.profile.hpaSyncMs;
        return lasting ? {} : `${wanted} wanted, ${ready} ready`;
      },
      { seconds, everyMs: 100 },
    );
  }

  /** Watches that the autoscaler wants a number of replicas for so many of its syncs, whatever else happens. */
  async holds(replicas: number, syncs: number): Promise<void> {
    const end = Date.now() + syncs * this.cluster.profile.hpaSyncMs;
    await this.until(
      `${syncs} syncs to go by`,
      async () => {
        const { hpa } = await this.look();
        const wanted = hpa.status?.desiredReplicas ?? 0;
        if (wanted !== replicas) throw new Moved(`${wanted} replicas are wanted instead of ${replicas}`);
        return Date.now() >= end ? {} : "all as it was";
      },
      {
        seconds: (2 * syncs * HPA_DEFAULTS.syncPeriodSeconds) / this.cluster.profile.scale + 10,
        everyMs: 100,
        unless: (error) => error instanceof Moved,
      },
    );
  }

  /** @param average over the replicas, as the HPA writes it; any value without it. */
  async reads(metric: string, seconds: number, average?: string): Promise<void> {
    await this.until(
      `a value ${average ?? ""} of ${metric}`,
      async () => {
        const { hpa } = await this.look();
        const [current] = hpa.status?.currentMetrics ?? [];
        const { metric: seen, current: value } = current?.pods ?? current?.external ?? {};
        const found = seen?.name.includes(metric) && (average === undefined || value?.averageValue === average);
        return found ? {} : `${value?.averageValue} of ${seen?.name}`;
      },
      { seconds },
    );
  }

  /** Waits until the autoscaler can scale, or until it cannot and says why. */
  async isActive(status: "True" | "False", seconds: number, why = /./): Promise<void> {
    await this.until(
      `ScalingActive to be ${status}, with ${why}`,
      async () => {
        const { hpa } = await this.look();
        const found = hpa.status?.conditions?.find(({ type }) => type === "ScalingActive");
        const text = `${found?.reason}: ${found?.message}`;
        return found?.status === status && why.test(text) ? found : `${found?.status}, ${text}`;
      },
      { seconds },
    );
  }

  /** Waits as `until` does; what it throws tells what the cluster was like. */
  async until<T extends object>(
    what: string,
    look: () => Promise<T | string | undefined> | T | string | undefined,
    options: WaitOptions,
  ): Promise<T> {
    try {
      return await until(what, look, { ...options, seconds: options.seconds * this.cluster.profile.patience });
    } catch (error) {
      throw await this.reported(error);
    }
  }

  /** Pods of the stack that have some labels, as the API server last said. */
  pods(labels: Readonly<Record<string, string>> = TGI.podLabels): readonly V1Pod[] {
    return this.cluster.kubelet
      .pods()
      .filter(({ metadata }) => Object.entries(labels).every(([label, value]) => metadata?.labels?.[label] === value));
  }

  /** The autoscaler and its Deployment as they are, noted in the timeline. */
  async look(): Promise<{ hpa: V2HorizontalPodAutoscaler; ready: number; generation: number }> {
    const { namespace } = this.stack.config;
    const hpa = this.hpas.find(this.hpaName, namespace);
    const deployment = this.deployments.find(TGI.deploymentName, namespace);
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

  private async reported(error: unknown): Promise<Error> {
    const { api } = this.cluster;
    const { project, namespace } = this.stack.config;
    const seen = await report({ api, store: this.store, project, namespace }).catch(
      (fault: unknown) => `the API server does not answer any more: ${fault}`,
    );
    return new Error([error instanceof Error ? error.message : error, ...lastWords(), seen].join("\n"));
  }
}

/** The autoscaler wants something else than it should. */
class Moved extends Error {}

/** The self-managed exporter's pods: one on each GPU node. */
function dcgmRole(pods: () => readonly V1Pod[], fleets: readonly PlayedFleet[]): PodRole {
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
