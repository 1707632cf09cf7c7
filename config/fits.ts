import { kvCacheTokens, warmupReserveGb } from "../autoscaling/capacity";
import { ACCELERATORS, gpuCountsOf, machineTypesOf } from "../catalog/accelerators";
import { gbToGib, gibToGb } from "../catalog/gke";
import { TGI } from "../catalog/tgi";
import { regionsOffering, zonesOffering } from "../catalog/zones";
import { COMFORTABLE_REQUESTS, canShard, deriveMaxNodes, diskForServersGib, roomForServers } from "./derive";
import type { Problem } from "./problem";
import type { StackConfig } from "./stackConfig";
import { atMost, figure, unless, type Verdict, when } from "./verdict";

/** What decides a replica's GPUs, its pod, and what a node holds of it: a key of these that cannot be read silences. */
const REPLICA = ["modelId", "accelerator", "gpusPerReplica"] as const;
const POD = [...REPLICA, "gpuMachineType", "gpuDiskGb", "serverCpu", "serverMemory", "serverDisk"] as const;
export const TOKENS = [...REPLICA, "maxTotalTokens", "maxInputTokens", "maxBatchPrefillTokens"] as const;
const PLACE = ["location", "gcp:region", "gcp:zone"] as const;

/** Requests of full length without which batching is pointless: below it a configuration is refused. */
const USABLE_REQUESTS = 4;
/** Files beside the weights that a model download brings, and the server's own writes, in GB. */
const BESIDE_WEIGHTS_GB = 2;

/** The model's weights and a usable KV cache in the GPUs of one replica. */
export function checkGpuMemory({ server, gpuPool }: StackConfig): Partial<Verdict> {
  const { model, gpus, limits, modelId } = server;
  const gpu = ACCELERATORS[gpuPool.accelerator];
  const hardware = `${gpus} × ${gpu.displayName}`;
  if (model === undefined) {
    return {
      checks: [{ name: "GPU memory", state: "skipped", figures: `${modelId} is not in the catalogue: not checked` }],
    };
  }
  const usable = gibToGb(gpu.memoryGib) * TGI.cudaMemoryFraction * gpus;
  const reserve = warmupReserveGb(model, limits.maxBatchPrefillTokens) * gpus;
  const tokens = kvCacheTokens({ model, accelerator: gpuPool.accelerator, gpus }, limits.maxBatchPrefillTokens);
  const requests = tokens / limits.maxTotalTokens;
  const figures =
    `${modelId} on ${hardware}: ${figure(model.weightsGb)} GB weights + ${figure(reserve)} GB warm-up of ` +
    `${figure(usable)} GB; KV cache ${figure(tokens)} tokens = ${atMost(requests)} requests of ` +
    `${figure(limits.maxTotalTokens)} [estimate]`;
  return {
    checks: [{ name: "GPU memory", state: requests < COMFORTABLE_REQUESTS ? "warning" : "ok", figures }],
    problems: unless(requests >= USABLE_REQUESTS, () => ({
      keys: ["gpusPerReplica", ...TOKENS],
      value: String(gpus),
      rule: `the model must fit with a KV cache of at least ${USABLE_REQUESTS} requests of maxTotalTokens: ${figures}`,
      fix: `more gpusPerReplica (${gpuCountsOf(gpuPool.accelerator).join(", ")}), a larger accelerator, or smaller maxTotalTokens and maxBatchPrefillTokens`,
    })),
    warnings: when(
      requests >= USABLE_REQUESTS && requests < COMFORTABLE_REQUESTS,
      `The KV cache holds only ${atMost(requests)} requests of ${figure(limits.maxTotalTokens)} tokens: long chats will queue early.`,
    ),
  };
}

/** The number of GPUs against what machines offer and what the model can be split over. */
export function checkGpuCount({ server, gpuPool }: StackConfig): Partial<Verdict> {
  const { gpus, model } = server;
  const { accelerator, machine } = gpuPool;
  const counts = gpuCountsOf(accelerator);
  const offered = counts.includes(gpus);
  const matches = machine.accelerator === accelerator;
  const machineNames = machineTypesOf(accelerator)
    .filter((candidate) => candidate.gpus % gpus === 0)
    .map((candidate) => candidate.name);
  return {
    problems: [
      ...unless(offered, () => ({
        keys: ["gpusPerReplica", ...REPLICA],
        value: String(gpus),
        rule: `must be a count that a machine type with ${accelerator} offers: ${counts.join(", ")}`,
        fix: `one of ${counts.join(", ")}`,
      })),
      ...unless(model === undefined || canShard(model, gpus), () => ({
        keys: ["gpusPerReplica", ...REPLICA],
        value: String(gpus),
        rule: `must divide the ${model?.attentionHeads} attention heads and ${model?.keyValueHeads} key/value heads of ${server.modelId}`,
        fix: "fewer gpusPerReplica",
      })),
      ...unless(!offered || (matches && machine.gpus % gpus === 0), () => ({
        keys: ["gpuMachineType", ...POD],
        value: machine.name,
        rule: matches
          ? `its ${machine.gpus} GPUs must be a multiple of the ${gpus} of one replica`
          : `it carries ${machine.accelerator}, not ${accelerator}`,
        fix: `one of ${machineNames.join(", ")}`,
      })),
    ],
  };
}

/** The server pod's CPU, memory and disk in what a node leaves for it. */
export function checkPodOnNode({ server, gpuPool }: StackConfig): Partial<Verdict> {
  const { machine, diskGb } = gpuPool;
  const room = roomForServers(machine);
  const disk = diskForServersGib(diskGb);
  const figures =
    `${machine.name} with ${diskGb} GB leaves servers ${atMost(room.cpu)} CPU, ${atMost(room.memoryGib)} GiB memory, ` +
    `${atMost(disk)} GiB disk; one needs ${figure(server.cpu)} CPU, ${figure(server.memoryGib)} GiB, ${figure(server.diskGib)} GiB`;
  const short = (key: string, value: number, available: number, fix: string): readonly Problem[] =>
    unless(value <= available, () => ({
      keys: [key, ...POD],
      value: figure(value),
      rule: `one server pod must fit on a node: ${figures}`,
      fix,
    }));
  return {
    checks: [{ name: "Node", state: "ok", figures: `${figures}: ${gpuPool.replicasPerNode} a node` }],
    problems: [
      ...short("serverCpu", server.cpu, room.cpu, "a smaller serverCpu or a larger gpuMachineType"),
      ...short("serverMemory", server.memoryGib, room.memoryGib, "a smaller serverMemory or a larger gpuMachineType"),
      ...short("serverDisk", server.diskGib, disk, "a smaller serverDisk or a larger gpuDiskGb"),
      ...checkWeightsOnDisk(server),
    ],
  };
}

function checkWeightsOnDisk({ model, diskGib, memoryGib }: StackConfig["server"]): readonly Problem[] {
  const needed = model === undefined ? 0 : gbToGib(model.weightsGb + BESIDE_WEIGHTS_GB);
  return [
    ...unless(diskGib >= needed, () => ({
      keys: ["serverDisk", ...POD],
      value: `${figure(diskGib)} GiB`,
      rule: `must hold the weights (${figure(model?.weightsGb ?? 0)} GB) and ${BESIDE_WEIGHTS_GB} GB beside them`,
      fix: `pulumi config set serverDisk ${Math.ceil(needed)}Gi`,
    })),
    ...unless(memoryGib > TGI.sharedMemoryGib, () => ({
      keys: ["serverMemory"],
      value: `${figure(memoryGib)} GiB`,
      rule: `must be more than the ${TGI.sharedMemoryGib} GiB of shared memory that counts against it`,
      fix: `pulumi config set serverMemory ${model?.serverMemoryGib ?? 16}Gi`,
    })),
  ];
}

/** The GPU pool at its maximum against the replicas that the HPA may ask for: an HPA adds no nodes. */
export function checkPoolCapacity({ gpuPool, autoscaler, server }: StackConfig): Partial<Verdict> {
  const { minNodes, maxNodes, replicasPerNode, replicaCapacity } = gpuPool;
  const { maxReplicas } = autoscaler;
  const figures = `${maxNodes} nodes × ${replicasPerNode} hold ${replicaCapacity} replicas; maxReplicas is ${maxReplicas}`;
  const fits = replicaCapacity >= maxReplicas;
  return {
    checks: [
      { name: "Capacity", state: "ok", figures },
      {
        name: "Rollout",
        state: server.rollout === "surge" ? "ok" : "warning",
        figures:
          server.rollout === "surge"
            ? "a new server serves before an old one stops (maxSurge 1, maxUnavailable 0)"
            : "an old server stops before its successor serves (maxSurge 0, maxUnavailable 1)",
      },
    ],
    problems: [
      ...unless(fits || replicasPerNode === 0, () => ({
        keys: ["gpuMaxNodes", "maxReplicas", ...POD],
        value: String(maxNodes),
        rule: `the pool must hold maxReplicas, or replicas stay Pending: ${figures}`,
        fix: `pulumi config set gpuMaxNodes ${deriveMaxNodes(maxReplicas, replicasPerNode)}`,
      })),
      ...unless(minNodes <= maxNodes, () => ({
        keys: ["gpuMinNodes", "gpuMaxNodes", "maxReplicas", ...POD],
        value: String(minNodes),
        rule: `must not exceed gpuMaxNodes (${maxNodes})`,
        fix: "fewer gpuMinNodes or more gpuMaxNodes",
      })),
    ],
    warnings: when(
      fits && server.rollout === "outage",
      `The pool has no room for one more replica than maxReplicas: a rollout stops a server before its successor serves. To avoid it: ${roomForRollout(gpuPool, maxReplicas)}.`,
    ),
  };
}

/** What gives a rollout its room: nodes where a pool may have more of them. */
function roomForRollout({ maxNodes, replicasPerNode }: StackConfig["gpuPool"], maxReplicas: number): string {
  const nodes = deriveMaxNodes(maxReplicas, replicasPerNode);
  return nodes > maxNodes
    ? `pulumi config set gpuMaxNodes ${nodes}`
    : `pulumi config set maxReplicas ${maxReplicas - 1} (a pool has at most ${nodes} nodes), or a larger gpuMachineType`;
}

/** The GPU pool's zones: they lie in the location's region, and offer the machine family as far as is known. */
export function checkZones({ gpuPool, location }: StackConfig): Partial<Verdict> {
  const { zones, machine } = gpuPool;
  const offered = zonesOffering(machine.family, location.region);
  const elsewhere = zones.filter((zone) => zone.slice(0, -2) !== location.region);
  const unknown = zones.filter((zone) => !elsewhere.includes(zone) && !offered.includes(zone));
  const where =
    offered.length === 0
      ? `none in ${location.region}; regions: ${regionsOffering(machine.family).join(", ")}`
      : `${offered.join(", ")} in ${location.region}`;
  return {
    checks: [
      {
        name: "Zones",
        state: unknown.length > 0 ? "warning" : "ok",
        figures: `${zones.join(", ")} for ${machine.name}`,
      },
    ],
    problems: [
      ...unless(zones.length > 0, () => ({
        keys: ["location", ...PLACE, "gpuZones", ...POD],
        value: location.name,
        rule: `must offer ${machine.name}, and the catalogue knows ${where}`,
        fix: "another location or accelerator, or gpuZones if Google has added the zone since",
      })),
      ...unless(elsewhere.length === 0, () => ({
        keys: ["gpuZones", ...PLACE],
        value: elsewhere.join(", "),
        rule: `must lie in the region of the location (${location.region})`,
        fix: `zones that offer ${machine.family}: ${where}`,
      })),
      ...unless(new Set(zones).size === zones.length, () => ({
        keys: ["gpuZones"],
        value: zones.join(", "),
        rule: "must name each zone once",
        fix: "remove the repetition",
      })),
    ],
    warnings: when(
      unknown.length > 0,
      `The catalogue does not know that ${unknown.join(", ")} offers ${machine.name} (it knows ${where}): creation fails if it does not.`,
    ),
  };
}
