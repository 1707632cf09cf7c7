/**
 * The Custom Metrics Stackdriver Adapter, which lets the HPA read Cloud Monitoring.
 * Source: the production manifest (new resource model) of GoogleCloudPlatform/k8s-stackdriver, 2026-11.
 */
export const ADAPTER = {
  name: "custom-metrics-stackdriver-adapter",
  namespace: "custom-metrics",
  /** Alerts watch restarts by this container name. */
  containerName: "pod-custom-metrics-stackdriver-adapter",
  image: "gcr.io/gke-release/custom-metrics-stackdriver-adapter:v0.16.9-gke.0",
  port: 443,
  /** What it must be allowed to do in the project: it lists metric descriptors when it starts, and exits if it may not. */
  role: "roles/monitoring.viewer",
  /** A new grant takes minutes to hold everywhere; until then the adapter exits, and is restarted ever more slowly. */
  startMinutes: 20,
  /** One replica is a single point of failure for every HPA of the cluster. */
  replicas: 2,
  cpu: "250m",
  /** The manifest's 200Mi is known to be killed for lack of memory. */
  memory: "512Mi",
} as const;

/** The metrics APIs that the adapter serves. Only one server in a cluster can own them. */
export const METRICS_API_SERVICES = [
  { group: "custom.metrics.k8s.io", version: "v1beta1", versionPriority: 100 },
  { group: "custom.metrics.k8s.io", version: "v1beta2", versionPriority: 200 },
  { group: "external.metrics.k8s.io", version: "v1beta1", versionPriority: 100 },
] as const;
