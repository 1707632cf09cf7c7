import { createServer } from "node:http";
import type { V1Pod } from "@kubernetes/client-node";
import { TGI } from "../../catalog/tgi";
import { close, listen } from "../../standins/loopback";
import { metricsText, type TgiState } from "../../standins/tgi/metricsText";
import type { PlayedPod, PodRole } from "./playedKubelet";

/** The load on a whole fleet. It is spread evenly over the servers that run. */
export interface Load {
  /** Requests that wait, and that decode together. */
  readonly queue: number;
  readonly batch: number;
  /** Percent, summed over all GPUs: 150 keeps one GPU busy and a second one half. No GPU does more than 100. */
  readonly gpuBusy: number;
}

export const NO_LOAD: Load = { queue: 0, batch: 0, gpuBusy: 0 };

/** A Deployment of inference servers. */
export interface Workload {
  readonly deployment: string;
  /** Label `app` of its pods. */
  readonly app: string;
  readonly namespace: string;
  readonly gpusPerReplica: number;
}

/** What plays TGI: the servers of one Deployment, their `/metrics`, and how busy their GPUs are. */
export class PlayedFleet {
  load: Load = NO_LOAD;
  /** Servers that start from now on get their model loaded, or never do. */
  loadsModels = true;
  /** Requests that each server has answered, by pod. */
  private readonly servers = new Map<string, number>();

  constructor(readonly workload: Workload) {}

  role(times: { readonly startMs: number; readonly drainMs: number }): PodRole {
    const { namespace, app } = this.workload;
    return {
      matches: ({ metadata }) => metadata?.namespace === namespace && metadata.labels?.app === app,
      ...times,
      run: (pod) => this.run(pod),
    };
  }

  /** Names of the servers that run. */
  get running(): readonly string[] {
    return [...this.servers.keys()];
  }

  /** Utilisation of each GPU of a server, in percent. */
  gpus(pod: string): readonly number[] {
    const { gpusPerReplica } = this.workload;
    const share = this.load.gpuBusy / Math.max(1, this.servers.size * gpusPerReplica);
    return this.servers.has(pod) ? Array.from({ length: gpusPerReplica }, () => Math.min(100, share)) : [];
  }

  private async run(pod: V1Pod): Promise<PlayedPod> {
    if (!this.loadsModels) return { ports: {}, ready: false, stop: () => Promise.resolve() };
    const name = pod.metadata?.name ?? "";
    this.servers.set(name, warmedUp(pod) ? 1 : 0);
    const server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/plain; version=0.0.4");
      response.end(metricsText(this.stateOf(name)));
    });
    const port = await listen(server);
    return {
      ports: { [TGI.port]: port },
      stop: () => {
        this.servers.delete(name);
        return close(server);
      },
    };
  }

  private stateOf(name: string): TgiState {
    const before = this.servers.get(name) ?? 0;
    const order = this.running.indexOf(name);
    const share = (total: number) => {
      const even = Math.floor(total / this.servers.size);
      return even + (order < total - even * this.servers.size ? 1 : 0);
    };
    const { queue, batch } = this.load;
    const answered = queue + batch > 0 ? before + 1 : before;
    this.servers.set(name, answered);
    return { queue: share(queue), batch: share(batch), answered, refused: 0 };
  }
}

/** Whether a server has served a request by the time its pod is ready, because a start-up probe demands it. */
function warmedUp({ spec }: V1Pod): boolean {
  return (spec?.containers ?? []).some(
    ({ startupProbe }) => startupProbe?.exec?.command?.some((word) => word.includes("/generate")) === true,
  );
}
