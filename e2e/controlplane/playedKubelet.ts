import {
  CoreV1Api,
  type Informer,
  type KubeConfig,
  makeInformer,
  type ObjectCache,
  PatchStrategy,
  setHeaderOptions,
  type V1Pod,
} from "@kubernetes/client-node";
import type { PodNetwork } from "./podNetwork";

/** What a kind of pod does when it runs. */
export interface PodRole {
  readonly name: string;
  matches(pod: V1Pod): boolean;
  /** From its place on a node to its first readiness. */
  readonly startMs: number;
  /** From the wish to end it to its end. */
  readonly drainMs: number;
  /** Starts what it serves: ports of the pod, and the local ports where they are played. */
  run?(pod: V1Pod): Promise<PlayedPod>;
}

export interface PlayedPod {
  readonly ports: Readonly<Record<number, number>>;
  stop(): Promise<void>;
}

interface Life {
  readonly address: string;
  state: "starting" | "running" | "ending";
  played?: PlayedPod;
}

/** Plays the kubelets of all nodes: runs the pods that the scheduler puts there, and ends them when they are deleted. */
export class PlayedKubelet {
  private readonly core: CoreV1Api;
  private readonly informer: Informer<V1Pod> & ObjectCache<V1Pod>;
  private readonly lives = new Map<string, Life>();
  private stopped = false;

  constructor(
    kubeConfig: KubeConfig,
    private readonly network: PodNetwork,
    private readonly roles: readonly PodRole[],
    private readonly failed: (error: unknown) => void,
  ) {
    this.core = kubeConfig.makeApiClient(CoreV1Api);
    this.informer = makeInformer(kubeConfig, "/api/v1/pods", () => this.core.listPodForAllNamespaces());
    this.informer.on("add", (pod) => this.look(pod));
    this.informer.on("update", (pod) => this.look(pod));
    this.informer.on("delete", (pod) => this.forget(pod));
    this.informer.on("error", () => {
      if (!this.stopped) void this.informer.start();
    });
  }

  async start(): Promise<void> {
    await this.informer.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.informer.stop();
    await Promise.all([...this.lives.values()].map(({ played }) => played?.stop()));
  }

  /** All pods, as the API server last said. */
  pods(): readonly V1Pod[] {
    return this.informer.list();
  }

  private look(pod: V1Pod): void {
    const { uid = "", deletionTimestamp } = pod.metadata ?? {};
    if (pod.spec?.nodeName === undefined) return;
    const life = this.lives.get(uid);
    const role = this.roles.find((it) => it.matches(pod));
    if (deletionTimestamp !== undefined && life?.state !== "ending") {
      this.guarded(() => this.end(pod, life, role));
    } else if (deletionTimestamp === undefined && life === undefined) {
      this.guarded(() => this.begin(pod, role));
    }
  }

  private async begin(pod: V1Pod, role: PodRole | undefined): Promise<void> {
    const life: Life = { address: this.network.newAddress(), state: "starting" };
    this.lives.set(pod.metadata?.uid ?? "", life);
    await this.status(pod, life.address, false);
    await elapsed(role?.startMs ?? 0);
    if (life.state !== "starting" || this.stopped) return;
    const played = await role?.run?.(pod);
    if (played !== undefined) {
      life.played = played;
      for (const [podPort, local] of Object.entries(played.ports)) {
        this.network.serve(life.address, Number(podPort), local);
      }
    }
    life.state = "running";
    await this.status(pod, life.address, true);
  }

  private async end(pod: V1Pod, life: Life | undefined, role: PodRole | undefined): Promise<void> {
    if (life !== undefined) {
      life.state = "ending";
      await elapsed(role?.drainMs ?? 0);
      this.network.withdraw(life.address);
      await life.played?.stop();
    }
    const { name = "", namespace = "" } = pod.metadata ?? {};
    await this.core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
  }

  /** A pod that went without being asked: its node was lost. */
  private forget(pod: V1Pod): void {
    const life = this.lives.get(pod.metadata?.uid ?? "");
    if (life === undefined) return;
    this.lives.delete(pod.metadata?.uid ?? "");
    if (life.state === "ending") return;
    life.state = "ending";
    this.network.withdraw(life.address);
    this.guarded(async () => life.played?.stop());
  }

  private async status(pod: V1Pod, podIP: string, ready: boolean): Promise<void> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    const now = new Date().toISOString();
    const condition = (type: string, so: boolean) => ({ type, status: so ? "True" : "False", lastTransitionTime: now });
    const body = {
      status: {
        phase: ready ? "Running" : "Pending",
        podIP,
        podIPs: [{ ip: podIP }],
        startTime: now,
        conditions: [
          condition("PodScheduled", true),
          condition("Initialized", true),
          condition("ContainersReady", ready),
          condition("Ready", ready),
        ],
        containerStatuses: pod.spec?.containers.map((container) => ({
          name: container.name,
          image: container.image ?? "",
          imageID: "",
          ready,
          started: ready,
          restartCount: 0,
          state: ready ? { running: { startedAt: now } } : { waiting: { reason: "ContainerCreating" } },
        })),
      },
    };
    await this.core.patchNamespacedPodStatus(
      { name, namespace, body },
      setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
    );
  }

  /** A pod that has gone in the meantime is no fault; anything else ends the run. */
  private guarded(step: () => Promise<unknown>): void {
    step().catch((error: unknown) => {
      const gone = typeof error === "object" && error !== null && "code" in error && error.code === 404;
      if (!gone && !this.stopped) this.failed(error);
    });
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
