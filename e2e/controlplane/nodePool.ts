import type { V1Pod } from "@kubernetes/client-node";
import { GPU_RESOURCE } from "../../catalog/gke";
import type { GpuPoolConfig } from "../../config/stackConfig";
import type { PlayedNodes } from "./playedNodes";

/**
 * Plays the cluster autoscaler for the GPU pool: a node comes some time after the scheduler said that a pod with GPUs
 * fits nowhere, unless one has come meanwhile, until the pool is at its maximum. It takes no node away: a run is over
 * before that would begin.
 */
export class PlayedNodePool {
  private coming = 0;
  private timer: NodeJS.Timeout | undefined;
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly nodes: PlayedNodes,
    private readonly pool: GpuPoolConfig,
    private readonly pods: () => readonly V1Pod[],
    private readonly nodeMs: number,
    private readonly failed: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => this.look(), 100);
  }

  stop(): void {
    clearInterval(this.timer);
    for (const timer of this.timers) clearTimeout(timer);
  }

  private look(): void {
    const { replicasPerNode, maxNodes } = this.pool;
    const { gpuNodes } = this.nodes;
    const servers = this.pods().filter(wantsGpu);
    const placed = servers.filter(({ spec }) => gpuNodes.includes(spec?.nodeName ?? "")).length;
    // The scheduler takes a moment to put a pod on a new node: until then it is said to fit nowhere, and it has a place.
    const waiting = servers.filter(fitsNowhere).length - (gpuNodes.length * replicasPerNode - placed);
    const wanted = Math.ceil(waiting / replicasPerNode);
    const room = maxNodes - gpuNodes.length - this.coming;
    for (let count = Math.min(wanted - this.coming, room); count > 0; count -= 1) this.order();
  }

  private order(): void {
    this.coming += 1;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.nodes
        .addGpuNode()
        .catch(this.failed)
        .finally(() => {
          this.coming -= 1;
        });
    }, this.nodeMs);
    this.timers.add(timer);
  }
}

function wantsGpu({ spec }: V1Pod): boolean {
  return (spec?.containers ?? []).some(({ resources }) => resources?.requests?.[GPU_RESOURCE] !== undefined);
}

function fitsNowhere({ spec, status }: V1Pod): boolean {
  const unschedulable = status?.conditions?.some(
    (condition) => condition.type === "PodScheduled" && condition.reason === "Unschedulable",
  );
  return unschedulable === true && spec?.nodeName === undefined;
}
