import type { Edits } from "./stack";

/** An edit of the `dev` stack, and what it must do by hand: `update` unless another verb is named. */
export interface EditRow {
  readonly edits: Edits;
  readonly update?: readonly string[];
  readonly replace?: readonly string[];
  readonly create?: readonly string[];
  readonly delete?: readonly string[];
}

const SHOWS_SIGNAL = ["alerts-scaling-signal-missing", "dashboard-monitoring"];
const ALERTS = [
  "alerts-clients-refused",
  "alerts-gpu-idle",
  "alerts-hpa-at-maximum",
  "alerts-hpa-cannot-read-metric",
  "alerts-metrics-adapter-unhealthy",
  "alerts-replicas-not-ready",
  "alerts-scaling-signal-missing",
  "alerts-server-not-scraped",
];

const APIS = [
  "apis-artifactregistry",
  "apis-cloudresourcemanager",
  "apis-compute",
  "apis-container",
  "apis-containerfilesystem",
  "apis-iam",
  "apis-logging",
  "apis-monitoring",
];

/** What stands or falls with the cluster, and is Google's. */
const WITH_CLUSTER = ["cluster-gke", "cluster-system", "cluster-kubernetes", "pool-gpu"];

export const EDITS: readonly EditRow[] = [
  { edits: { metricStrategy: "batch-size" }, update: ["autoscaler-hpa", ...SHOWS_SIGNAL] },
  { edits: { metricStrategy: "gke-duty-cycle" }, update: ["autoscaler-hpa", ...SHOWS_SIGNAL] },
  { edits: { metricStrategy: "dcgm-gpu-util" }, update: ["autoscaler-hpa", ...SHOWS_SIGNAL] },
  { edits: { metricTarget: 7, minReplicas: 2 }, update: ["autoscaler-hpa", "dashboard-monitoring"] },
  {
    edits: { extraMetrics: [{ strategy: "batch-size", target: 50 }] },
    update: ["autoscaler-hpa", ...SHOWS_SIGNAL],
  },
  { edits: { maxReplicas: 8 }, update: ["autoscaler-hpa", "pool-gpu"] },
  {
    edits: { serverImage: "ghcr.io/huggingface/text-generation-inference:3.3.4", maxConcurrentRequests: 100 },
    update: ["server-deployment"],
  },
  {
    edits: { modelId: "google/gemma-2-9b-it" },
    replace: ["pool-gpu"],
    update: ["server-deployment"],
  },
  {
    edits: { accelerator: "nvidia-tesla-a100" },
    replace: ["pool-gpu"],
    update: ["server-deployment"],
  },
  {
    // A batch target follows from model and GPU, where a queue's does not.
    edits: { metricStrategy: "batch-size", accelerator: "nvidia-tesla-a100" },
    replace: ["pool-gpu"],
    update: ["autoscaler-hpa", ...SHOWS_SIGNAL, "server-deployment"],
  },
  { edits: { gpuMachineType: "g2-standard-12", gpuDiskGb: 200, gpuMinNodes: 1 }, update: ["pool-gpu"] },
  { edits: { gpuZones: ["us-central1-a", "us-central1-b"] }, update: ["pool-gpu"] },
  { edits: { spot: true }, replace: ["pool-gpu"] },
  { edits: { gpuDriverVersion: "DEFAULT" }, replace: ["pool-gpu"] },
  { edits: { systemMachineType: "e2-standard-4" }, update: ["cluster-system"] },
  { edits: { releaseChannel: "RAPID", authorizedNetworks: ["203.0.113.0/24"] }, update: ["cluster-gke"] },
  {
    edits: { privateNodes: false },
    update: ["cluster-gke", "cluster-system", "pool-gpu"],
    delete: ["network-nat", "network-router"],
  },
  {
    edits: { dcgmExporter: "self-managed" },
    update: ["cluster-gke", "dashboard-monitoring"],
    create: ["dcgm-counters", "dcgm-daemonset", "dcgm-podmonitoring"],
  },
  { edits: { dashboard: false, alerts: false }, delete: ["dashboard-monitoring", ...ALERTS] },
  {
    edits: { labels: { team: "ml" }, notificationChannels: ["projects/engine-run/notificationChannels/1"] },
    update: ["cluster-gke", "cluster-system", "pool-gpu", ...ALERTS],
  },
  {
    edits: { namespace: "llm" },
    create: ["server-namespace"],
    replace: [
      "autoscaler-hpa",
      "monitoring-podmonitoring",
      "server-deployment",
      "server-pdb",
      "server-service",
      "server-token",
    ],
    update: ["dashboard-monitoring", ...ALERTS],
  },
  { edits: { enableApis: false }, delete: APIS },
  {
    edits: { huggingFaceSecret: "theirs", huggingFaceToken: undefined },
    delete: ["server-token"],
    update: ["server-deployment"],
  },
  {
    edits: { location: "us-central1-a" },
    replace: WITH_CLUSTER,
    update: ["dashboard-monitoring", ...ALERTS],
  },
  {
    edits: { clusterName: "other" },
    replace: [...WITH_CLUSTER, "nodes-account", "nodes-grant"],
    update: ["dashboard-monitoring", ...ALERTS],
  },
];

/** The `prod` stack as a tenant of the cluster that `dev` made. */
export const ON_EXISTING_CLUSTER: Edits = {
  cluster: "existing",
  clusterName: "llm-dev",
  namespace: "tenant",
  metricsAdapter: "existing",
  deletionProtection: undefined,
};

export const EXISTING_CLUSTER_EDITS: readonly EditRow[] = [
  { edits: { metricStrategy: "gke-duty-cycle" }, update: ["autoscaler-hpa", ...SHOWS_SIGNAL] },
  { edits: { maxReplicas: 3 }, update: ["autoscaler-hpa", "pool-gpu"] },
  { edits: { spot: true }, replace: ["pool-gpu"] },
  { edits: { dashboard: false }, delete: ["dashboard-monitoring"] },
  { edits: { enableApis: false }, delete: APIS },
];

/** A row as changes are told elsewhere: `update autoscaler-hpa`, sorted. */
export function expected(row: EditRow): readonly string[] {
  return (["create", "delete", "replace", "update"] as const)
    .flatMap((verb) => (row[verb] ?? []).map((name) => `${verb} ${name}`))
    .sort();
}
