import { createServer, type Server } from "node:http";
import type { V1Pod } from "@kubernetes/client-node";
import { TGI } from "../../catalog/tgi";
import { metricsText, type TgiState } from "../../standins/tgi/metricsText";
import { LOOPBACK } from "../rig/ports";
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

interface PlayedServer {
  readonly namespace: string;
  readonly pod: string;
  answered: number;
}

/** What plays TGI: the servers of one Deployment, their `/metrics`, and how busy their GPUs are. */
export class PlayedFleet {
  load: Load = NO_LOAD;
  /** Servers that start, and never answer a request. */
  readonly mute = new Set<string>();
  private readonly servers = new Map<string, PlayedServer>();

  constructor(
    /** Label `app` and namespace of its pods. */
    private readonly app: string,
    private readonly namespace: string,
    readonly gpusPerReplica: number,
  ) {}

  role(times: { readonly startMs: number; readonly drainMs: number }): PodRole {
    return {
      name: `${this.namespace}/${this.app}`,
      matches: ({ metadata }) => metadata?.namespace === this.namespace && metadata.labels?.app === this.app,
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
    const share = this.load.gpuBusy / Math.max(1, this.servers.size * this.gpusPerReplica);
    return this.servers.has(pod) ? Array.from({ length: this.gpusPerReplica }, () => Math.min(100, share)) : [];
  }

  private async run(pod: V1Pod): Promise<PlayedPod> {
    const name = pod.metadata?.name ?? "";
    // The start-up probe has served one request before a pod is ready.
    this.servers.set(name, { namespace: this.namespace, pod: name, answered: this.mute.has(name) ? 0 : 1 });
    const server = createServer((_, response) => {
      response.setHeader("Content-Type", "text/plain; version=0.0.4");
      response.end(metricsText(this.stateOf(name)));
    });
    const port = await listen(server);
    return {
      ports: { [TGI.port]: port },
      stop: () => {
        this.servers.delete(name);
        server.closeAllConnections();
        return new Promise((resolve) => server.close(() => resolve()));
      },
    };
  }

  private stateOf(name: string): TgiState {
    const server = this.servers.get(name);
    const order = this.running.indexOf(name);
    const share = (total: number) => {
      const even = Math.floor(total / this.servers.size);
      return even + (order < total - even * this.servers.size ? 1 : 0);
    };
    const { queue, batch } = this.load;
    if (server !== undefined && queue + batch > 0 && server.answered > 0) server.answered += 1;
    return { queue: share(queue), batch: share(batch), answered: server?.answered ?? 0, refused: 0 };
  }
}

export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, LOOPBACK, resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
