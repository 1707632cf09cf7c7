import { CoordinationV1Api, CoreV1Api, type KubeConfig, V1MicroTime, type V1Node } from "@kubernetes/client-node";
import {
  ACCELERATOR_LABEL,
  allocatableCpu,
  allocatableDiskGib,
  allocatableMemoryGib,
  GPU_RESOURCE,
  GPU_TAINT,
} from "../../catalog/gke";
import type { StackConfig } from "../../config/stackConfig";

/** How often a node says that it lives; the controllers give it up after 40 s of silence. */
const HEARTBEAT_MS = 5000;
const LEASE_SECONDS = 40;

/** The nodes of a played cluster, sized as the stack's machines are. */
export class PlayedNodes {
  private readonly core: CoreV1Api;
  private readonly leases: CoordinationV1Api;
  private readonly names = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private made = 0;

  constructor(
    kubeConfig: KubeConfig,
    private readonly stack: StackConfig,
  ) {
    this.core = kubeConfig.makeApiClient(CoreV1Api);
    this.leases = kubeConfig.makeApiClient(CoordinationV1Api);
  }

  /** Makes the system pool, and from now on sends every node's heartbeats. */
  async start(): Promise<void> {
    const { cluster } = this.stack;
    const count = cluster.kind === "create" ? cluster.systemNodes : 2;
    const machine = systemMachine(cluster.kind === "create" ? cluster.systemMachineType : "e2-standard-2");
    for (let index = 1; index <= count; index += 1) {
      await this.create({
        metadata: { name: `system-${index}`, labels: { "cloud.google.com/gke-nodepool": "system" } },
        capacity: capacityOf(machine.vcpus, machine.memoryGib, 50, 0),
      });
    }
    this.timer = setInterval(() => void this.heartbeat(), HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get gpuNodes(): readonly string[] {
    return [...this.names].filter((name) => name.startsWith("gpu-"));
  }

  /** Another node of the GPU pool, with the labels and the taint that GKE and the stack give it. */
  async addGpuNode(): Promise<void> {
    const { machine, accelerator, diskGb, spot } = this.stack.gpuPool;
    // Counted at once: several are asked for at a time, and a lost node's name may still be taken.
    this.made += 1;
    const number = this.made;
    await this.create({
      metadata: {
        name: `gpu-${number}`,
        labels: {
          "cloud.google.com/gke-nodepool": "gpu",
          [ACCELERATOR_LABEL]: accelerator,
          ...(spot ? { "cloud.google.com/gke-spot": "true" } : {}),
        },
      },
      capacity: capacityOf(machine.vcpus, machine.memoryGib, diskGb, machine.gpus),
      taints: [{ key: GPU_TAINT.key, value: GPU_TAINT.value, effect: GPU_TAINT.kubernetesEffect }],
    });
  }

  /** The cloud says that a node's machine is gone. */
  async remove(name: string): Promise<void> {
    this.names.delete(name);
    await this.core.deleteNode({ name });
  }

  private async create({
    metadata,
    capacity,
    taints = [],
  }: {
    metadata: { name: string; labels: Record<string, string> };
    capacity: Record<string, string>;
    taints?: { key: string; value: string; effect: string }[];
  }): Promise<void> {
    const { name, labels } = metadata;
    const now = new Date();
    const body: V1Node = {
      metadata: { name, labels: { ...labels, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" } },
      spec: { taints },
      status: {
        capacity,
        allocatable: capacity,
        conditions: [
          {
            type: "Ready",
            status: "True",
            reason: "KubeletReady",
            lastHeartbeatTime: now,
            lastTransitionTime: now,
          },
        ],
      },
    };
    await this.core.createNode({ body });
    // Before the heartbeat knows of it: two that find no lease would both make one.
    await this.renew(name);
    this.names.add(name);
  }

  private async heartbeat(): Promise<void> {
    for (const name of this.names) {
      // A missed heartbeat is made up by the next one.
      await this.renew(name).catch(() => undefined);
    }
  }

  private async renew(name: string): Promise<void> {
    const namespace = "kube-node-lease";
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: new V1MicroTime() };
    try {
      const lease = await this.leases.readNamespacedLease({ name, namespace });
      await this.leases.replaceNamespacedLease({
        name,
        namespace,
        body: { ...lease, spec: { ...lease.spec, ...spec } },
      });
    } catch {
      await this.leases.createNamespacedLease({ namespace, body: { metadata: { name, namespace }, spec } });
    }
  }
}

/** Machine types of the system pool are free text; those of the E2 standard family say their size. */
function systemMachine(name: string): { vcpus: number; memoryGib: number } {
  const vcpus = Number(/-(\d+)$/.exec(name)?.[1] ?? 2);
  return { vcpus, memoryGib: 4 * vcpus };
}

/** What pods can use of a machine, as GKE reserves it. */
function capacityOf(vcpus: number, memoryGib: number, diskGb: number, gpus: number): Record<string, string> {
  return {
    cpu: `${Math.floor(allocatableCpu(vcpus) * 1000)}m`,
    memory: `${Math.floor(allocatableMemoryGib(memoryGib) * 1024)}Mi`,
    "ephemeral-storage": `${Math.floor(allocatableDiskGib(diskGb) * 1024)}Mi`,
    pods: "110",
    ...(gpus === 0 ? {} : { [GPU_RESOURCE]: String(gpus) }),
  };
}
