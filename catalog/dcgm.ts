/**
 * NVIDIA DCGM: GKE's own exporter is configured, not installed; these facts are of the self-managed one.
 * Source: GKE's "Collect DCGM metrics" for Standard clusters and NVIDIA/dcgm-exporter, 2026-11.
 */
export const DCGM = {
  /** The one field that is exported: every further one is ingested and billed. */
  utilisationField: "DCGM_FI_DEV_GPU_UTIL",
  exporterName: "nvidia-dcgm-exporter",
  podMonitoringName: "nvidia-dcgm-exporter-for-hpa",
  /** Exists wherever managed collection is on: used, never created. */
  namespace: "gmp-public",
  podLabels: { "app.kubernetes.io/name": "nvidia-dcgm-exporter" },
  hostEngineImage: "nvcr.io/nvidia/cloud-native/dcgm:3.3.0-1-ubuntu22.04",
  hostEnginePort: 5555,
  exporterImage: "nvcr.io/nvidia/k8s/dcgm-exporter:3.3.0-3.2.0-ubuntu22.04",
  exporterPort: 9400,
  portName: "metrics",
  scrapeIntervalSeconds: 15,
  /** Where GKE puts the driver's libraries on a node. */
  nodeDriverPath: "/home/kubernetes/bin/nvidia",
  podResourcesPath: "/var/lib/kubelet/pod-resources",
} as const;
