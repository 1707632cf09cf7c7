import type { KubernetesObject, V1Deployment, V1Pod, V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { HPA_DEFAULTS } from "../../catalog/gke";
import { TGI } from "../../catalog/tgi";
import type { AdapterHome } from "../../standins/adapter/requests";
import { METHODS, MonitoringServer } from "../../standins/monitoring/server";
import { SeriesStore } from "../../standins/monitoring/store";
import { onFailure } from "../rig/failures";
import { atEnd, temporaryFolder } from "../rig/run";
import { until, type WaitOptions } from "../rig/wait";
import { adapterRole } from "./adapterRole";
import { type Cluster, startCluster } from "./cluster";
import { PlayedCollector } from "./collector";
import { PlayedFleet } from "./fleet";
import { dcgmRole, PlayedGpuAgents } from "./gpuAgents";
import { NEIGHBOUR } from "./neighbours";
import type { PodMonitoring } from "./podMonitoring";
import { played } from "./profile";
import { metricsReport } from "./report";
import type { StackObjects } from "./stackObjects";
import { Timeline, type TimelineDocument } from "./timeline";
import { Watched } from "./watched";

const POD_MONITORINGS = "/apis/monitoring.googleapis.com/v1/podmonitorings";
const HPAS = "/apis/autoscaling/v2/horizontalpodautoscalers";
const DEPLOYMENTS = "/apis/apps/v1/deployments";
/** Longer than any two scrapes of a server are apart. */
const SETTLED_SYNCS = 3;

/** What an autoscaler may want meanwhile, both numbers included, while it syncs so many times at least. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
  readonly syncs: number;
}

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
    onFailure(() => metricsReport(api, config.namespace, store, config.project));
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
    hpas.onState((hpa) => self.note(hpa));
    for (const object of stack.objects) await cluster.apply(object);
    return self;
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
        const syncs = this.cluster.controlPlane.hpaSyncs.count;
        if (wanted !== replicas || ready !== replicas) since = undefined;
        else since ??= syncs;
        const lasting = since === undefined ? 0 : syncs - since;
        return lasting >= SETTLED_SYNCS ? {} : `${wanted} wanted, ${ready} ready, for ${lasting} syncs`;
      },
      { seconds, everyMs: 100 },
    );
  }

  /** Watches that the autoscaler wants a number of replicas for so many of its syncs, whatever else happens. */
  async holds(replicas: number, syncs: number): Promise<void> {
    const seconds = (2 * syncs * HPA_DEFAULTS.syncPeriodSeconds) / this.cluster.profile.scale + 10;
    const bounds = { least: replicas, most: replicas, syncs };
    await this.staysWithin(bounds, `${syncs} syncs to go by`, () => ({}), { seconds, everyMs: 100 });
  }

  /** Waits as `until` does, and throws as soon as the autoscaler wants what it should not. */
  async staysWithin(
    { least, most, syncs }: Bounds,
    what: string,
    look: () => object | string | undefined,
    options: WaitOptions,
  ): Promise<void> {
    const { hpaSyncs } = this.cluster.controlPlane;
    const begin = hpaSyncs.count;
    await this.until(
      what,
      async () => {
        // What a sync has made of its metrics is written before the next one begins.
        const gone = Math.max(0, hpaSyncs.count - begin - 1);
        const wanted = (await this.look()).hpa.status?.desiredReplicas ?? 0;
        const within = wanted >= least && wanted <= most;
        if (!within) throw new Moved(`${wanted} replicas are wanted instead of ${least} to ${most}`);
        const found = look();
        return typeof found === "object" && gone < syncs ? `${gone} syncs of the HPA controller` : found;
      },
      { ...options, unless: (error) => error instanceof Moved || options.unless?.(error) === true },
    );
  }

  /** What the autoscaler read last of its first metric: the average over its replicas, as it writes it. */
  reading(): { readonly name: string; readonly value: string | undefined } {
    const [current] = this.hpas.find(this.hpaName, this.stack.config.namespace)?.status?.currentMetrics ?? [];
    const { metric, current: { averageValue: value } = {} } = current?.pods ?? current?.external ?? {};
    return { name: metric?.name ?? "no metric", value };
  }

  /** @param average over the replicas, as the HPA writes it; any value without it. */
  async reads(metric: string, seconds: number, average?: string): Promise<void> {
    await this.until(
      `${average ?? "a value"} of ${metric}`,
      async () => {
        await this.look();
        const { name, value } = this.reading();
        return name.includes(metric) && (average ?? value) === value ? {} : `${value} of ${name}`;
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

  /** Every autoscaler that there ever was on this cluster, by name and uid. */
  hpasEver(): readonly string[] {
    return this.hpas.ever();
  }

  /** Waits as `until` does, as long as things take at the run's speed. */
  until<T extends object>(
    what: string,
    look: () => Promise<T | string | undefined> | T | string | undefined,
    options: WaitOptions,
  ): Promise<T> {
    return until(what, look, { ...options, seconds: options.seconds * this.cluster.profile.patience });
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

  /** Puts a state of the autoscaler that is looked at into the timeline. */
  private note(hpa: V2HorizontalPodAutoscaler): void {
    const { name, namespace } = hpa.metadata ?? {};
    if (name !== this.hpaName || namespace !== this.stack.config.namespace) return;
    this.timeline.add(hpa, this.deployments.find(TGI.deploymentName, namespace)?.status?.readyReplicas ?? 0);
  }

  /** What was seen, for a simulator to replay. */
  async document(scenario: string): Promise<TimelineDocument> {
    const { hpa } = await this.look();
    const { profile, controlPlane } = this.cluster;
    const { controllerFlags } = controlPlane;
    return { version: 1, scenario, profile, controllerFlags, hpa: hpa.spec, moments: this.timeline.moments };
  }
}

/** The autoscaler wants something else than it should. */
class Moved extends Error {}
