import type { DcgmExporterKind, StrategyTarget } from "../autoscaling/metricStrategy";
import type { AcceleratorName, MachineType } from "../catalog/accelerators";
import type { Model } from "../catalog/models";
import type { ScaleBehavior } from "./scaleBehavior";

/** A stack file with every default filled in: what the components are built from. */
export interface StackConfig {
  readonly stack: string;
  readonly project: string;
  readonly location: Location;
  readonly cluster: CreatedClusterConfig | ExistingClusterConfig;
  /** E-mail address of an existing service account for the nodes; undefined: one is created. */
  readonly nodeServiceAccount: string | undefined;
  readonly gpuPool: GpuPoolConfig;
  readonly namespace: string;
  readonly server: ServerConfig;
  readonly autoscaler: AutoscalerConfig;
  readonly dcgmExporter: DcgmExporterKind;
  readonly metricsAdapter: "install" | "existing";
  readonly enableApis: boolean;
  readonly dashboard: boolean;
  readonly alerts: boolean;
  /** Names of Cloud Monitoring's notification channels that hear of the alerts. */
  readonly notificationChannels: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Where the cluster lives. */
export interface Location {
  /** A region or a zone, as given. */
  readonly name: string;
  readonly region: string;
  readonly kind: "region" | "zone";
}

export interface CreatedClusterConfig {
  readonly kind: "create";
  readonly name: string;
  readonly network: "create" | ExistingNetwork;
  readonly privateNodes: boolean;
  readonly systemMachineType: string;
  readonly systemNodes: number;
  /** Empty: the control plane's public endpoint is reachable from anywhere. */
  readonly authorizedNetworks: readonly string[];
  readonly releaseChannel: "RAPID" | "REGULAR" | "STABLE";
  readonly deletionProtection: boolean;
}

export interface ExistingClusterConfig {
  readonly kind: "existing";
  readonly name: string;
}

export interface ExistingNetwork {
  readonly network: string;
  readonly subnetwork: string;
  readonly podsRange: string;
  readonly servicesRange: string;
  /** Project of the network: another one for a Shared VPC. */
  readonly project: string;
}

export interface GpuPoolConfig {
  readonly accelerator: AcceleratorName;
  readonly machine: MachineType;
  /** Totals over all zones. */
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly zones: readonly string[];
  readonly spot: boolean;
  readonly reservation: string | undefined;
  readonly driverVersion: "DEFAULT" | "LATEST";
  readonly diskGb: number;
  readonly imageStreaming: boolean;
  /** Server pods that one node holds, and that the whole pool holds at its maximum. */
  readonly replicasPerNode: number;
  readonly replicaCapacity: number;
}

export interface ServerConfig {
  readonly modelId: string;
  /** What the catalogue knows about the model; undefined for a model outside it. */
  readonly model: Model | undefined;
  readonly image: string;
  readonly token: { readonly from: "config" } | { readonly from: "secret"; readonly name: string };
  readonly gpus: number;
  readonly cpu: number;
  readonly memoryGib: number;
  readonly diskGib: number;
  readonly limits: TokenLimits;
  readonly maxConcurrentRequests: number;
  /** Typical chats that decode together [estimate]; undefined for a model outside the catalogue. */
  readonly batchCapacity: number | undefined;
  readonly readyTimeoutMinutes: number;
  /** Whether the pool has room for one more replica, so that a rollout starts the new pod before it stops an old one. */
  readonly rollout: "surge" | "outage";
}

/** TGI's limits, in tokens. */
export interface TokenLimits {
  readonly maxInputTokens: number;
  readonly maxTotalTokens: number;
  readonly maxBatchPrefillTokens: number;
}

export interface AutoscalerConfig {
  /** The metric of `metricStrategy` first, then `extraMetrics`. */
  readonly metrics: readonly [StrategyTarget, ...StrategyTarget[]];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly behavior: ScaleBehavior | undefined;
  /** Digest of the calibration file that the first metric's target comes from: `sha256:` and 64 hexadecimal digits. */
  readonly calibration: string | undefined;
}
