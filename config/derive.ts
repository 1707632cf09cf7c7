import { batchCapacity, kvCacheTokens, type Replica, requestsPerSecond } from "../autoscaling/capacity";
import {
  type AcceleratorName,
  gpuCountsOf,
  type MachineFamily,
  type MachineType,
  machineTypesOf,
} from "../catalog/accelerators";
import { allocatableCpu, allocatableDiskGib, allocatableMemoryGib, LIMITS, SYSTEM_PODS } from "../catalog/gke";
import type { Model } from "../catalog/models";
import { TGI } from "../catalog/tgi";
import { zonesOffering } from "../catalog/zones";
import type { Location, TokenLimits } from "./stackConfig";

/** Requests of full length that a KV cache should hold for continuous batching to be worth it. */
export const COMFORTABLE_REQUESTS = 8;

/** A region, or a zone and its region. */
export function parseLocation(name: string): Location {
  const zone = /^(.+\d)-[a-z]$/.exec(name);
  return zone === null ? { name, region: name, kind: "region" } : { name, region: zone[1] ?? name, kind: "zone" };
}

/** Limits that leave as many tokens for the answer as for the prompt. */
function evenLimits(input: number): TokenLimits {
  // The smallest prefill that TGI accepts: what warm-up reserves grows with it, at the expense of the KV cache.
  return { maxInputTokens: input, maxTotalTokens: 2 * input, maxBatchPrefillTokens: input };
}

/** Real chats first; where the KV cache is too small for them, half and a quarter of that. */
const SMALLEST_LIMITS = evenLimits(1024);
const TOKEN_LIMITS: readonly TokenLimits[] = [evenLimits(4096), evenLimits(2048), SMALLEST_LIMITS];

/** Whether a KV cache holds a comfortable number of requests of full length. */
function isComfortable(replica: Replica, limits: TokenLimits): boolean {
  return kvCacheTokens(replica, limits.maxBatchPrefillTokens) >= COMFORTABLE_REQUESTS * limits.maxTotalTokens;
}

/**
 * The longest limits at which the KV cache still holds 8 requests of full length: 4,096 tokens in and 8,192 in all
 * (Gemma's whole context), else half, else a quarter. A model outside the catalogue gets the quarter.
 */
export function deriveTokenLimits(replica: Replica | undefined): TokenLimits {
  if (replica === undefined) return SMALLEST_LIMITS;
  return TOKEN_LIMITS.find((limits) => isComfortable(replica, limits)) ?? SMALLEST_LIMITS;
}

/** Whether TGI can split a model over GPUs: it divides attention and key/value heads evenly [TGI source]. */
export function canShard(model: Model, gpus: number): boolean {
  return model.attentionHeads % gpus === 0 && model.keyValueHeads % gpus === 0;
}

/**
 * The fewest GPUs, of the counts that machine types offer, on which some token limits leave a comfortable KV cache;
 * the most that the model can be split over where none does (the rules then say what does not fit).
 */
export function deriveGpusPerReplica(model: Model | undefined, accelerator: AcceleratorName): number {
  if (model === undefined) return 1;
  const counts = gpuCountsOf(accelerator).filter((gpus) => canShard(model, gpus));
  const enough = counts.find((gpus) =>
    TOKEN_LIMITS.some((limits) => isComfortable({ model, accelerator, gpus }, limits)),
  );
  return enough ?? counts.at(-1) ?? 1;
}

/** What one server pod asks of a node. */
export interface PodResources {
  readonly gpus: number;
  readonly cpu: number;
  readonly memoryGib: number;
  readonly diskGib: number;
}

/** CPU and memory of a node for server pods, after GKE's reservations and its DaemonSets. */
export function roomForServers(machine: MachineType): { cpu: number; memoryGib: number } {
  return {
    cpu: allocatableCpu(machine.vcpus) - SYSTEM_PODS.cpu,
    memoryGib: allocatableMemoryGib(machine.memoryGib) - SYSTEM_PODS.memoryGib,
  };
}

/** Server pods that a machine holds by its GPUs, CPUs and memory; the disk is sized for them afterwards. */
function podsByMachine(machine: MachineType, pod: PodResources): number {
  const room = roomForServers(machine);
  return Math.max(
    0,
    Math.min(
      Math.floor(machine.gpus / pod.gpus),
      Math.floor(room.cpu / pod.cpu),
      Math.floor(room.memoryGib / pod.memoryGib),
    ),
  );
}

/**
 * The smallest machine type that fits one replica; the largest of the accelerator where none does (the rules then say
 * what does not fit).
 */
export function deriveMachineType(accelerator: AcceleratorName, pod: PodResources): MachineType {
  const machines = machineTypesOf(accelerator);
  const fitting = machines.find((machine) => podsByMachine(machine, pod) >= 1) ?? machines.at(-1);
  if (fitting === undefined) throw new Error(`the catalogue has no machine type for ${accelerator}`);
  return fitting;
}

/** GKE's own default; smaller boot disks save little and are slow. */
const SMALLEST_DISK_GB = 100;

/**
 * The boot disk, in GB, that leaves room for the ephemeral storage of every server pod of a node and for the unpacked
 * image, in steps of 10 GB: GKE keeps about half of a small disk for itself.
 */
export function deriveGpuDiskGb(machine: MachineType, pod: PodResources): number {
  const neededGib = Math.max(1, podsByMachine(machine, pod)) * pod.diskGib + TGI.imageDiskGib;
  let disk = SMALLEST_DISK_GB;
  while (allocatableDiskGib(disk) < neededGib && disk < LIMITS.bootDiskGb) disk += 10;
  return Math.min(disk, LIMITS.bootDiskGb);
}

/** Ephemeral storage of a node for server pods, in GiB: what GKE leaves of the boot disk, less the unpacked image. */
export function diskForServersGib(diskGb: number): number {
  return allocatableDiskGib(diskGb) - TGI.imageDiskGib;
}

/** Server pods that one node holds, by whatever runs out first: GPUs, CPUs, memory or disk. */
export function deriveReplicasPerNode(machine: MachineType, pod: PodResources, diskGb: number): number {
  return Math.min(podsByMachine(machine, pod), Math.max(0, Math.floor(diskForServersGib(diskGb) / pod.diskGib)));
}

/** Nodes that a number of replicas need; a node that holds none counts as holding one. */
export function nodesFor(replicas: number, replicasPerNode: number): number {
  return Math.ceil(replicas / Math.max(1, replicasPerNode));
}

/**
 * Nodes for `maxReplicas` and one more, so that a rollout need not stop a server before its successor serves; no more
 * than a pool can have.
 */
export function deriveMaxNodes(maxReplicas: number, replicasPerNode: number): number {
  return Math.min(LIMITS.nodesPerPool, nodesFor(maxReplicas + 1, replicasPerNode));
}

/** The zones of the location that the catalogue knows to offer the machine family; empty where there are none. */
export function deriveGpuZones(family: MachineFamily, location: Location): readonly string[] {
  const offered = zonesOffering(family, location.region);
  return location.kind === "region" ? offered : offered.filter((zone) => zone === location.name);
}

/**
 * The requests that a replica should hold: a full batch of typical chats and the queue that it works off while TGI
 * drains (90 s). TGI's own 128 hides the queue of small models: clients are refused before one forms. Outside the
 * catalogue it stays 128.
 */
export function deriveMaxConcurrentRequests(replica: Replica | undefined, limits: TokenLimits): number {
  const batch = deriveBatchCapacity(replica, limits);
  if (replica === undefined || batch === undefined) return TGI.defaultMaxConcurrentRequests;
  return batch + Math.floor(requestsPerSecond(replica, batch) * TGI.drainSeconds);
}

/** Typical chats that a replica's KV cache holds, at least one; undefined for a model outside the catalogue. */
export function deriveBatchCapacity(replica: Replica | undefined, limits: TokenLimits): number | undefined {
  if (replica === undefined) return undefined;
  return Math.max(1, batchCapacity(kvCacheTokens(replica, limits.maxBatchPrefillTokens)));
}

/**
 * Zones for the system pool: as many of the GPU pool's as divide its nodes evenly, because GKE counts a pool's nodes
 * per zone.
 */
export function deriveSystemZones(systemNodes: number, gpuZones: readonly string[]): readonly string[] {
  for (let count = Math.min(systemNodes, gpuZones.length); count > 1; count -= 1) {
    if (systemNodes % count === 0) return gpuZones.slice(0, count);
  }
  return gpuZones.slice(0, 1);
}
