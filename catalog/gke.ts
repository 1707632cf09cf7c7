/** The taint of the GPU pool, set explicitly: GKE adds it by itself only where a pool without GPUs already exists. */
export const GPU_TAINT = {
  key: "nvidia.com/gpu",
  value: "present",
  /** The same effect in the words of Google's API and of Kubernetes. */
  gkeEffect: "NO_SCHEDULE",
  kubernetesEffect: "NoSchedule",
} as const;

/** The resource that a pod requests to get GPUs. */
export const GPU_RESOURCE = "nvidia.com/gpu";

/** Node label with the accelerator string; only GPU nodes have it. */
export const ACCELERATOR_LABEL = "cloud.google.com/gke-accelerator";

/** Components of GKE's system metrics that the stack always lists: naming only some turns the rest off. */
export const MONITORING_COMPONENTS = ["SYSTEM_COMPONENTS", "HPA", "POD", "DEPLOYMENT"] as const;

/** GKE's own DCGM exporter, a component like the others. */
export const DCGM_COMPONENT = "DCGM";

/** Lengths and counts that Google's APIs enforce. */
export const LIMITS = {
  clusterNameLength: 40,
  serviceAccountIdLength: 30,
  /** Nodes that one node pool can have. */
  nodesPerPool: 1000,
  /** Largest boot disk, in GB. */
  bootDiskGb: 65_536,
  /** Notification channels of one alert policy. */
  notificationChannels: 16,
} as const;

/** A new GPU node has to come and the image to be pulled before a server's own clock starts. */
export const NODE_PROVISIONING_MINUTES = 15;

/**
 * Seconds from the wish for a replica to its first answer on a new node with nothing cached, at the slow end of an
 * ordinary start [estimate: GKE's and public reports of 300 to 450 s; a stock-out has no end].
 */
export const SLOWEST_COLD_START_SECONDS = 450;

/** Kubernetes' own defaults for the HPA controller (kube-controller-manager flags; GKE does not change them). */
export const HPA_DEFAULTS = {
  tolerance: 0.1,
  syncPeriodSeconds: 15,
  scaleDownStabilizationSeconds: 300,
} as const;

/**
 * What GKE's DaemonSets (logging, metrics, metadata server, Dataplane V2, managed Prometheus, DCGM, device plugin)
 * and the page cache of a weight download need on a GPU node. An allowance, not a measurement.
 */
export const SYSTEM_PODS = { cpu: 1, memoryGib: 4 } as const;

/** Share of `total` that each band takes: `[upper end of the band, share]`, ascending. */
function banded(total: number, bands: readonly (readonly [upTo: number, share: number])[]): number {
  let from = 0;
  let sum = 0;
  for (const [upTo, share] of bands) {
    sum += Math.max(0, Math.min(total, upTo) - from) * share;
    from = upTo;
  }
  return sum;
}

/**
 * Memory of a node that pods can use, in GiB: the machine's less what GKE reserves for itself and for eviction.
 * Source: GKE "Plan node sizes" (255 MiB below 1 GiB, which no GPU machine has, is left out).
 */
export function allocatableMemoryGib(machineGib: number): number {
  const reserved = banded(machineGib, [
    [4, 0.25],
    [8, 0.2],
    [16, 0.1],
    [128, 0.06],
    [Number.POSITIVE_INFINITY, 0.02],
  ]);
  return machineGib - reserved - 100 / 1024;
}

/** CPUs of a node that pods can use. Source: GKE "Plan node sizes". */
export function allocatableCpu(vcpus: number): number {
  const reserved = banded(vcpus, [
    [1, 0.06],
    [2, 0.01],
    [4, 0.005],
    [Number.POSITIVE_INFINITY, 0.0025],
  ]);
  return vcpus - reserved;
}

const GIB_IN_GB = 1.073741824;

/** Decimal gigabytes (disks, weights) of binary ones (Kubernetes quantities). */
export function gibToGb(gib: number): number {
  return gib * GIB_IN_GB;
}

/** Binary gigabytes of decimal ones. */
export function gbToGib(gb: number): number {
  return gb / GIB_IN_GB;
}

/**
 * Ephemeral storage of a node that pods can use, in GiB, for a boot disk in GB: 10 % go to eviction, and the smallest
 * of half the disk, 6 GiB + 35 % and 100 GiB to the system. Source: GKE "Plan node sizes".
 */
export function allocatableDiskGib(bootDiskGb: number): number {
  const disk = gbToGib(bootDiskGb);
  return disk - 0.1 * disk - Math.min(0.5 * disk, 6 + 0.35 * disk, 100);
}

/** Image streaming works for images of Artifact Registry in the nodes' region or in a multi-region around it. */
export function imageStreams(image: string, region: string): boolean {
  const host = /^([a-z0-9-]+)-docker\.pkg\.dev\//.exec(image)?.[1];
  if (host === undefined) return false;
  const multiRegions: Readonly<Record<string, string>> = { us: "us-", europe: "europe-", asia: "asia-" };
  const prefix = multiRegions[host];
  return prefix === undefined ? host === region : region.startsWith(prefix);
}
