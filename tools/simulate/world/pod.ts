import type { PodSample } from "../../../autoscaling/hpa/proposals";
import { COLD_STARTS, type ColdStart } from "../../../catalog/coldStarts";
import { TGI } from "../../../catalog/tgi";
import type { Replica } from "../server/replica";
import type { Agenda } from "./agenda";
import type { Node, NodePool, Tenant } from "./pool";
import type { Request } from "./request";
import { PodSeries } from "./signal";

/** What a pod needs to know of its fleet. */
export interface PodWorld {
  readonly agenda: Agenda;
  readonly pool: NodePool;
  readonly coldStart: ColdStart;
  readonly metrics: number;
  uniform(): number;
  newReplica(): Replica<Request>;
  /** It can be read from now on, and serves or stops serving. */
  started(pod: Pod, at: number): void;
  changed(pod: Pod, at: number): void;
  gone(pod: Pod, at: number): void;
}

/** One server pod, from its creation to its end. */
export class Pod implements Tenant {
  readonly series: readonly PodSeries[];
  state: "pending" | "loading" | "ready" | "deleted" | "gone" = "pending";
  /** Undefined until its container serves. */
  replica: Replica<Request> | undefined;
  readySince = Number.POSITIVE_INFINITY;
  private node: Node | undefined;

  constructor(private readonly world: PodWorld) {
    this.series = Array.from({ length: world.metrics }, () => new PodSeries());
  }

  placed(node: Node, isNew: boolean, at: number): void {
    this.node = node;
    const { agenda, coldStart, uniform } = this.world;
    const { least, most } = (isNew ? coldStart : COLD_STARTS["warm-node"]).loadingSeconds;
    agenda.add(Math.max(at, node.availableAt), (runsAt) => {
      if (this.state !== "pending") return;
      this.state = "loading";
      this.world.changed(this, runsAt);
      agenda.add(runsAt + least + (most - least) * uniform(), (readyAt) => {
        if (this.state === "loading") this.serve(readyAt);
      });
    });
  }

  /** A server that has been up for long when the run begins, unless the pool has no place for it. */
  standBy(): void {
    if (this.node !== undefined) this.serve(0);
  }

  /** Its node is taken away: what it has not answered is lost. */
  evicted(at: number): void {
    this.replica?.kill(at);
    this.end(at);
  }

  /** The Deployment does not want it any more. */
  delete(at: number): void {
    if (this.state === "deleted" || this.state === "gone") return;
    const { replica } = this;
    const { agenda } = this.world;
    if (replica === undefined) {
      this.end(at);
      return;
    }
    this.state = "deleted";
    this.world.changed(this, at);
    agenda.add(at + TGI.preStopSeconds, (termAt) => {
      replica.drain(termAt);
      this.endWhenDrained(replica, termAt);
    });
  }

  /** As the HPA sees it. */
  sample(metric: number, now: number): PodSample {
    const value = this.series[metric]?.read(now) ?? null;
    return {
      phase: this.state === "pending" ? "Pending" : "Running",
      deleted: this.state === "deleted",
      sampleMilli: value === null ? null : Math.ceil(value * 1000),
    };
  }

  private serve(at: number): void {
    this.replica = this.world.newReplica();
    this.replica.advance(at);
    this.readySince = at;
    this.state = "ready";
    this.world.started(this, at);
    this.world.changed(this, at);
  }

  private endWhenDrained(replica: Replica<Request>, at: number): void {
    replica.advance(at);
    if (replica.lifecycle === "ended") this.end(at);
    else this.world.agenda.add(replica.nextEventAt, (next) => this.endWhenDrained(replica, next));
  }

  private end(at: number): void {
    if (this.state === "gone") return;
    this.state = "gone";
    this.world.changed(this, at);
    this.world.pool.release(this, this.node, at);
    this.world.gone(this, at);
  }
}
