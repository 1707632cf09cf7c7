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
  matches(pod: V1Pod): boolean;
  /** From its place on a node to its first readiness. */
  readonly startMs: number;
  /** From the wish to end it to its end. */
  readonly drainMs: number;
  /**
   * Starts what it serves: ports of the pod, and the local ports where they are played.
   *
   * @throws Crash when its program ends instead.
   */
  run?(pod: V1Pod): Promise<PlayedPod>;
}

export interface PlayedPod {
  readonly ports: Readonly<Record<number, number>>;
  /** False: it runs, and its probes never succeed. */
  readonly ready?: false;
  stop(): Promise<void>;
}

/** A container's program that has ended by itself, with its last words: it is started again, as kubelet does. */
export class Crash extends Error {}

interface Life {
  readonly address: string;
  readonly node: string;
  state: "starting" | "running" | "ending";
  restarts: number;
  /** Its node is gone, and its kubelet with it: nobody tells the API server anything of it any more. */
  lost: boolean;
  played?: PlayedPod;
}

/** What kubelet says about a pod's containers. */
type ContainersState = "creating" | "crashed" | "unready" | "ready";

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
    /** Between a crash and the next start. */
    private readonly backOffMs: number,
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

  /** The machine of a node is gone: whatever runs there ends at once. The API server still has the pods, as ready. */
  lose(node: string): void {
    for (const life of this.lives.values()) {
      if (life.node !== node || life.lost) continue;
      life.lost = true;
      this.guarded(() => this.halt(life));
    }
  }

  private look(pod: V1Pod): void {
    const { uid = "", deletionTimestamp } = pod.metadata ?? {};
    if (pod.spec?.nodeName === undefined) return;
    const life = this.lives.get(uid);
    const role = this.roles.find((it) => it.matches(pod));
    if (life?.lost === true) return;
    if (deletionTimestamp !== undefined && life?.state !== "ending") {
      this.guarded(() => this.end(pod, life, role));
    } else if (deletionTimestamp === undefined && life === undefined) {
      this.guarded(() => this.begin(pod, role));
    }
  }

  private async begin(pod: V1Pod, role: PodRole | undefined): Promise<void> {
    const node = pod.spec?.nodeName ?? "";
    const life: Life = { address: this.network.newAddress(), node, state: "starting", restarts: 0, lost: false };
    this.lives.set(pod.metadata?.uid ?? "", life);
    // Nobody asks a container without probes: it counts as ready while its program still starts.
    await this.status(pod, life, isProbed(pod) ? "creating" : "ready");
    await elapsed(role?.startMs ?? 0);
    const going = () => life.state === "starting" && !life.lost && !this.stopped;
    for (let started = role?.run === undefined; !started && going(); ) {
      started = await this.tryToRun(pod, life, role);
    }
    if (!going()) return this.halt(life);
    life.state = "running";
    await this.status(pod, life, life.played?.ready === false ? "unready" : "ready");
  }

  /** @returns whether the pod's program runs; after a crash, when the time has come to try again. */
  private async tryToRun(pod: V1Pod, life: Life, role: PodRole | undefined): Promise<boolean> {
    try {
      life.played = await role?.run?.(pod);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      life.restarts += 1;
      await this.status(pod, life, "crashed", error.message);
      await elapsed(this.backOffMs);
      return false;
    }
    for (const [podPort, local] of Object.entries(life.played?.ports ?? {})) {
      this.network.serve(life.address, Number(podPort), local);
    }
    return true;
  }

  private async end(pod: V1Pod, life: Life | undefined, role: PodRole | undefined): Promise<void> {
    if (life !== undefined) {
      life.state = "ending";
      await elapsed(role?.drainMs ?? 0);
      if (life.lost) return;
      await this.halt(life);
    }
    const { name = "", namespace = "" } = pod.metadata ?? {};
    await this.core.deleteNamespacedPod({ name, namespace, gracePeriodSeconds: 0 });
  }

  /** A pod that went without being asked. */
  private forget(pod: V1Pod): void {
    const life = this.lives.get(pod.metadata?.uid ?? "");
    if (life === undefined) return;
    this.lives.delete(pod.metadata?.uid ?? "");
    if (life.state === "ending" || life.lost) return;
    life.state = "ending";
    this.guarded(() => this.halt(life));
  }

  /** Its ports answer no more. */
  private async halt({ address, played }: Life): Promise<void> {
    this.network.withdraw(address);
    await played?.stop();
  }

  private async status(pod: V1Pod, life: Life, containers: ContainersState, message?: string): Promise<void> {
    const { name = "", namespace = "" } = pod.metadata ?? {};
    const now = new Date().toISOString();
    const ready = containers === "ready";
    const podIP = life.address;
    const condition = (type: string, so: boolean) => ({ type, status: so ? "True" : "False", lastTransitionTime: now });
    const body = {
      status: {
        phase: containers === "creating" ? "Pending" : "Running",
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
          restartCount: life.restarts,
          state: stateOf(containers, now, message),
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

function isProbed({ spec }: V1Pod): boolean {
  return (spec?.containers ?? []).some(
    ({ startupProbe, readinessProbe }) => startupProbe !== undefined || readinessProbe !== undefined,
  );
}

function stateOf(containers: ContainersState, startedAt: string, message: string | undefined): object {
  switch (containers) {
    case "creating":
      return { waiting: { reason: "ContainerCreating" } };
    case "crashed":
      return { waiting: { reason: "CrashLoopBackOff", message } };
    case "unready":
    case "ready":
      return { running: { startedAt } };
  }
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
