import type { ColdStart } from "../../../catalog/coldStarts";
import type { ServerLimits } from "../server/limits";
import { Replica, type ReplicaSink } from "../server/replica";
import type { ServerTimes } from "../server/serverTimes";
import type { Agenda } from "./agenda";
import { Pod, type PodWorld } from "./pod";
import { NodePool, type PoolShape } from "./pool";
import type { Request } from "./request";

/** The servers of a fleet, all alike. */
export interface ServerShape {
  readonly limits: ServerLimits;
  readonly times: ServerTimes;
  readonly gpus: number;
  /** Whether a start-up probe has it serve once before it is ready; without, it has no gauges until then. */
  readonly warmsUp: boolean;
  /** Whether it counts as ready only when it serves; without probes, it gets requests while its model loads. */
  readonly isProbed: boolean;
}

export interface FleetOptions {
  readonly server: ServerShape;
  readonly pool: PoolShape;
  readonly coldStart: ColdStart;
  /** Metrics that are sampled of each pod. */
  readonly metrics: number;
  readonly sink: ReplicaSink<Request>;
  readonly uniform: () => number;
  readonly started: (pod: Pod, at: number) => void;
}

/** The Deployment, its pods and the pool that they are placed in. */
export class Fleet implements PodWorld {
  readonly pool: NodePool;
  readonly coldStart: ColdStart;
  readonly metrics: number;
  /** In the order of their creation. */
  readonly pods: Pod[] = [];
  /** Pods that get requests. */
  readonly ready: Pod[] = [];
  /** Pods that have gone and whose series may still be read. */
  readonly ghosts: Pod[] = [];
  replicas = 0;

  constructor(
    readonly agenda: Agenda,
    private readonly options: FleetOptions,
  ) {
    this.coldStart = options.coldStart;
    this.metrics = options.metrics;
    this.pool = new NodePool(options.pool, options.coldStart, agenda, options.uniform);
  }

  uniform = (): number => this.options.uniform();

  /** Pods that exist and are not being deleted, ready or not. */
  get statusReplicas(): number {
    let count = 0;
    for (const { state } of this.pods) if (state !== "deleted") count += 1;
    return count;
  }

  /** Begins with servers that have been up for long. */
  standBy(replicas: number): void {
    const { minNodes, replicasPerNode, maxNodes } = this.options.pool;
    this.pool.standBy(Math.min(maxNodes, Math.max(minNodes, Math.ceil(replicas / replicasPerNode))));
    this.replicas = replicas;
    for (let index = 0; index < replicas; index += 1) this.create(0).standBy();
  }

  /** Makes pods, or deletes those that cost least: first what does not serve yet, then the youngest. */
  scaleTo(replicas: number, at: number): void {
    this.replicas = replicas;
    const kept = this.pods.filter(({ state }) => state !== "deleted").toReversed();
    for (let missing = replicas - kept.length; missing > 0; missing -= 1) this.create(at);
    if (kept.length <= replicas) return;
    const cheapestFirst = kept.toSorted((a, b) => RANK[a.state] - RANK[b.state] || youngestFirst(a, b));
    for (const pod of cheapestFirst.slice(0, kept.length - replicas)) pod.delete(at);
  }

  newReplica(): Replica<Request> {
    const { limits, times } = this.options.server;
    return new Replica(limits, times, this.options.sink);
  }

  started(pod: Pod, at: number): void {
    this.options.started(pod, at);
  }

  changed(pod: Pod): void {
    const place = this.ready.indexOf(pod);
    const isReady = pod.state === "ready" || (pod.state === "loading" && !this.options.server.isProbed);
    if (isReady && place < 0) this.ready.push(pod);
    if (!isReady && place >= 0) this.ready.splice(place, 1);
  }

  gone(pod: Pod, at: number): void {
    this.pods.splice(this.pods.indexOf(pod), 1);
    if (pod.series.some((series) => !series.isOver(at))) this.ghosts.push(pod);
    // The Deployment replaces what it has not deleted itself.
    if (this.statusReplicas < this.replicas) this.create(at);
  }

  private create(at: number): Pod {
    const pod = new Pod(this);
    this.pods.push(pod);
    this.pool.admit(pod, at);
    return pod;
  }
}

/** By the time of readiness. What is not ready keeps its order, and so does what became so at one time. */
function youngestFirst(a: Pod, b: Pod): number {
  return a.readySince === b.readySince ? 0 : b.readySince - a.readySince;
}

const RANK = { pending: 0, loading: 1, ready: 2, deleted: 3, gone: 4 } as const;
