import type { Replica } from "../autoscaling/capacity";
import type { MetricStrategy, StrategyTarget } from "../autoscaling/metricStrategy";
import { defaultTarget, defaultTargetOfUnknownModel } from "../autoscaling/targets";
import { findMachineType } from "../catalog/accelerators";
import { MODELS } from "../catalog/models";
import { TGI } from "../catalog/tgi";
import {
  deriveBatchCapacity,
  deriveGpuDiskGb,
  deriveGpusPerReplica,
  deriveGpuZones,
  deriveMachineType,
  deriveMaxConcurrentRequests,
  deriveMaxNodes,
  deriveReplicasPerNode,
  deriveTokenLimits,
  parseLocation,
} from "./derive";
import type { Settings } from "./schema";
import type {
  AutoscalerConfig,
  CreatedClusterConfig,
  ExistingClusterConfig,
  GpuPoolConfig,
  ServerConfig,
  StackConfig,
  TokenLimits,
} from "./stackConfig";

/** Stands where a required value is missing, so that the rules can look at the rest; such a stack is never built. */
const MISSING = { project: "missing-project", location: "us-central1", target: 1 } as const;

/** What a server pod gets for a model outside the catalogue until the user says otherwise, which the rules demand. */
const UNKNOWN_MODEL = { serverCpu: 4, serverMemoryGib: 32, serverDiskGib: 40 } as const;

/** Fills every default in. Never fails: what does not go together is for the rules to say. */
export function buildStackConfig(settings: Settings, stack: string): StackConfig {
  const project = settings["gcp:project"] ?? MISSING.project;
  const location = parseLocation(
    settings.location ?? settings["gcp:zone"] ?? settings["gcp:region"] ?? MISSING.location,
  );
  const accelerator = settings.accelerator ?? "nvidia-l4";
  const modelId = settings.modelId ?? "google/gemma-2-2b-it";
  const model = MODELS.get(modelId);
  const gpus = settings.gpusPerReplica ?? deriveGpusPerReplica(model, accelerator);
  const replica = model === undefined ? undefined : { model, accelerator, gpus };
  const resources = model ?? UNKNOWN_MODEL;
  const pod = {
    gpus,
    cpu: settings.serverCpu ?? resources.serverCpu,
    memoryGib: settings.serverMemory ?? resources.serverMemoryGib,
    diskGib: settings.serverDisk ?? resources.serverDiskGib,
  };
  const maxReplicas = settings.maxReplicas ?? 5;
  const machine = findMachineType(settings.gpuMachineType ?? "") ?? deriveMachineType(accelerator, pod);
  const diskGb = settings.gpuDiskGb ?? deriveGpuDiskGb(machine, pod);
  const replicasPerNode = deriveReplicasPerNode(machine, pod, diskGb);
  const maxNodes = settings.gpuMaxNodes ?? deriveMaxNodes(maxReplicas, replicasPerNode);
  const gpuPool: GpuPoolConfig = {
    accelerator,
    machine,
    minNodes: settings.gpuMinNodes ?? 0,
    maxNodes,
    zones: settings.gpuZones ?? deriveGpuZones(machine.family, location),
    spot: settings.spot ?? false,
    reservation: settings.reservation,
    driverVersion: settings.gpuDriverVersion ?? "LATEST",
    diskGb,
    imageStreaming: settings.imageStreaming ?? true,
    replicasPerNode,
    replicaCapacity: maxNodes * replicasPerNode,
  };
  const limits = tokenLimits(settings, replica);
  const server: ServerConfig = {
    modelId,
    model,
    image: settings.serverImage ?? TGI.image,
    token:
      settings.huggingFaceSecret === undefined
        ? { from: "config" }
        : { from: "secret", name: settings.huggingFaceSecret },
    ...pod,
    limits,
    maxConcurrentRequests: settings.maxConcurrentRequests ?? deriveMaxConcurrentRequests(replica, limits),
    batchCapacity: deriveBatchCapacity(replica, limits),
    readyTimeoutMinutes: settings.serverReadyTimeoutMinutes ?? 30,
    rollout: gpuPool.replicaCapacity > maxReplicas ? "surge" : "outage",
  };
  return {
    stack,
    project,
    location,
    cluster: clusterConfig(settings, stack, project),
    nodeServiceAccount: settings.nodeServiceAccount,
    gpuPool,
    namespace: settings.namespace ?? "default",
    server,
    autoscaler: autoscalerConfig(settings, replica, server, maxReplicas),
    dcgmExporter: settings.dcgmExporter ?? "gke-managed",
    metricsAdapter: settings.metricsAdapter ?? "install",
    enableApis: settings.enableApis ?? true,
    dashboard: settings.dashboard ?? true,
    alerts: settings.alerts ?? true,
    notificationChannels: settings.notificationChannels ?? [],
    labels: settings.labels ?? {},
  };
}

function clusterConfig(
  settings: Settings,
  stack: string,
  project: string,
): CreatedClusterConfig | ExistingClusterConfig {
  const name = settings.clusterName ?? `llm-${stack}`;
  if (settings.cluster === "existing") return { kind: "existing", name };
  const { network, subnetwork, podsRange, servicesRange } = settings;
  const complete =
    network !== undefined && subnetwork !== undefined && podsRange !== undefined && servicesRange !== undefined;
  return {
    kind: "create",
    name,
    network: complete
      ? { network, subnetwork, podsRange, servicesRange, project: settings.networkProject ?? project }
      : "create",
    privateNodes: settings.privateNodes ?? true,
    systemMachineType: settings.systemMachineType ?? "e2-standard-2",
    systemNodes: settings.systemNodes ?? 2,
    authorizedNetworks: settings.authorizedNetworks ?? [],
    releaseChannel: settings.releaseChannel ?? "REGULAR",
    deletionProtection: settings.deletionProtection ?? true,
  };
}

/** A limit that is set by hand pulls the others along: input below total, prefill no smaller than input. */
function tokenLimits(settings: Settings, replica: Replica | undefined): TokenLimits {
  const derived = deriveTokenLimits(replica);
  const total = settings.maxTotalTokens;
  const maxInputTokens =
    settings.maxInputTokens ??
    (total === undefined ? derived.maxInputTokens : Math.max(1, Math.min(derived.maxInputTokens, total - 1)));
  return {
    maxInputTokens,
    maxTotalTokens: total ?? Math.max(derived.maxTotalTokens, maxInputTokens + 1),
    maxBatchPrefillTokens: settings.maxBatchPrefillTokens ?? maxInputTokens,
  };
}

function autoscalerConfig(
  settings: Settings,
  replica: Replica | undefined,
  server: ServerConfig,
  maxReplicas: number,
): AutoscalerConfig {
  const strategy = settings.metricStrategy ?? "queue-size";
  const primary: StrategyTarget = {
    strategy,
    target: settings.metricTarget ?? derivedTarget(strategy, replica, server) ?? MISSING.target,
  };
  return {
    metrics: [primary, ...(settings.extraMetrics ?? [])],
    minReplicas: settings.minReplicas ?? 1,
    maxReplicas,
    behavior: settings.scaleBehavior,
    calibration: settings.calibration,
  };
}

/** The target of a strategy for a server; undefined where it must be set by hand. */
export function derivedTarget(
  strategy: MetricStrategy,
  replica: Replica | undefined,
  server: Pick<ServerConfig, "batchCapacity" | "maxConcurrentRequests">,
): number | undefined {
  if (replica === undefined || server.batchCapacity === undefined) return defaultTargetOfUnknownModel(strategy);
  return defaultTarget(strategy, replica, Math.min(server.batchCapacity, server.maxConcurrentRequests));
}
