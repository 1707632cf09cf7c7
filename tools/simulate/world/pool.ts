import type { ColdStart } from "../../../catalog/coldStarts";
import type { Agenda } from "./agenda";

/** The GPU pool that a fleet's pods are placed in. */
export interface PoolShape {
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly replicasPerNode: number;
  readonly gpusPerNode: number;
  /** Losses of one Spot node in an hour; 0 for nodes that stay. */
  readonly lossesPerNodeHour: number;
  /** An empty node goes after so many seconds. */
  readonly unneededSeconds: number;
}

/** What a node carries. It hears of its place, and of the node's end. */
export interface Tenant {
  /** @param isNew whether the node is still being made, or has what earlier tenants have left. */
  placed(node: Node, isNew: boolean, at: number): void;
  evicted(at: number): void;
}

export interface Node {
  readonly createdAt: number;
  /** When its pods can start. */
  readonly availableAt: number;
  readonly tenants: Set<Tenant>;
  /** Undefined while it has tenants. */
  emptySince: number | undefined;
}

/**
 * The nodes of a pool, as GKE's cluster autoscaler keeps them: one is made for a pod that finds no room, up to the
 * maximum; one that has been empty for some minutes goes. What finds no room waits, the first first.
 */
export class NodePool {
  private readonly nodes = new Set<Node>();
  private readonly waiting: Tenant[] = [];
  private deletedGpuSeconds = 0;

  constructor(
    private readonly shape: PoolShape,
    private readonly coldStart: ColdStart,
    private readonly agenda: Agenda,
    private readonly uniform: () => number,
  ) {}

  get size(): number {
    return this.nodes.size;
  }

  /** From each node's creation to its deletion, or to a moment. */
  gpuSeconds(at: number): number {
    let seconds = this.deletedGpuSeconds;
    for (const node of this.nodes) seconds += (at - node.createdAt) * this.shape.gpusPerNode;
    return seconds;
  }

  /** Nodes that have stood since before the run. */
  standBy(count: number): void {
    for (let index = 0; index < count; index += 1) this.add({ at: 0, availableAt: 0 });
  }

  /** Finds a place for a pod, now or when there is one. */
  admit(tenant: Tenant, at: number): void {
    const free = [...this.nodes].find(({ tenants }) => tenants.size < this.shape.replicasPerNode);
    if (free !== undefined) {
      this.place(tenant, free, at);
      return;
    }
    this.waiting.push(tenant);
    this.fill(at);
  }

  /** A pod has gone, or does not want a place any more. */
  release(tenant: Tenant, node: Node | undefined, at: number): void {
    const place = this.waiting.indexOf(tenant);
    if (place >= 0) this.waiting.splice(place, 1);
    if (node === undefined || !node.tenants.delete(tenant) || !this.nodes.has(node)) return;
    const next = this.waiting.shift();
    if (next !== undefined) this.place(next, node, at);
    else if (node.tenants.size === 0) this.rest(node, at);
  }

  /** Makes the nodes that somebody waits for, and those that the pool always has. */
  private fill(at: number): void {
    const { minNodes, maxNodes } = this.shape;
    const isShort = () => this.nodes.size < (this.waiting.length > 0 ? maxNodes : minNodes);
    while (isShort() && this.order(at)) {}
  }

  /** @returns whether there is one to be had: a node that never comes costs nothing. */
  private order(at: number): boolean {
    const { least, most } = this.coldStart.pendingSeconds;
    const availableAt = least === Number.POSITIVE_INFINITY ? least : at + least + (most - least) * this.uniform();
    if (availableAt === Number.POSITIVE_INFINITY) return false;
    const node = this.add({ at, availableAt });
    for (let free = this.shape.replicasPerNode; free > 0; free -= 1) {
      const next = this.waiting.shift();
      if (next !== undefined) this.place(next, node, at);
    }
    return true;
  }

  private add({ at, availableAt }: { readonly at: number; readonly availableAt: number }): Node {
    const node: Node = { createdAt: at, availableAt, tenants: new Set(), emptySince: at };
    this.nodes.add(node);
    const { lossesPerNodeHour } = this.shape;
    if (lossesPerNodeHour > 0) {
      const life = (-Math.log(1 - this.uniform()) / lossesPerNodeHour) * 3600;
      this.agenda.add(availableAt + life, (lostAt) => this.lose(node, lostAt));
    }
    return node;
  }

  private place(tenant: Tenant, node: Node, at: number): void {
    const isNew = node.availableAt > at;
    node.tenants.add(tenant);
    node.emptySince = undefined;
    tenant.placed(node, isNew, at);
  }

  private rest(node: Node, at: number): void {
    node.emptySince = at;
    this.agenda.add(at + this.shape.unneededSeconds, (now) => {
      if (node.emptySince === at && this.nodes.size > this.shape.minNodes) this.delete(node, now);
    });
  }

  private lose(node: Node, at: number): void {
    this.delete(node, at);
    for (const tenant of [...node.tenants]) tenant.evicted(at);
    this.fill(at);
  }

  private delete(node: Node, at: number): void {
    if (!this.nodes.delete(node)) return;
    this.deletedGpuSeconds += (at - node.createdAt) * this.shape.gpusPerNode;
  }
}
