import assert from "node:assert/strict";
import { DCGM } from "../../catalog/dcgm";

describe("the self-managed DCGM exporter", () => {
  it("has the names, images, ports and paths of NVIDIA's exporter as GKE documents it", () => {
    assert.deepEqual(DCGM, {
      utilisationField: "DCGM_FI_DEV_GPU_UTIL",
      exporterName: "nvidia-dcgm-exporter",
      podMonitoringName: "nvidia-dcgm-exporter-for-hpa",
      namespace: "gmp-public",
      podLabels: { "app.kubernetes.io/name": "nvidia-dcgm-exporter" },
      hostEngineImage: "nvcr.io/nvidia/cloud-native/dcgm:3.3.0-1-ubuntu22.04",
      hostEnginePort: 5555,
      exporterImage: "nvcr.io/nvidia/k8s/dcgm-exporter:3.3.0-3.2.0-ubuntu22.04",
      exporterPort: 9400,
      portName: "metrics",
      scrapeIntervalSeconds: 15,
      nodeDriverPath: "/home/kubernetes/bin/nvidia",
      podResourcesPath: "/var/lib/kubelet/pod-resources",
    });
  });

  it("is not labelled like GKE's own exporter, whose pods a second scrape would count twice", () => {
    assert.notEqual(DCGM.podLabels["app.kubernetes.io/name"], "gke-managed-dcgm-exporter");
    assert.notEqual(DCGM.namespace, "gke-managed-system");
  });
});
