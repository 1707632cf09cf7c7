import assert from "node:assert/strict";
import { ADAPTER, METRICS_API_SERVICES } from "../../catalog/adapter";

describe("the metrics adapter", () => {
  it("keeps the names of Google's manifest, which IAM principals and alerts refer to", () => {
    const { name, namespace, containerName, port } = ADAPTER;
    assert.deepEqual(
      { name, namespace, containerName, port },
      {
        name: "custom-metrics-stackdriver-adapter",
        namespace: "custom-metrics",
        containerName: "pod-custom-metrics-stackdriver-adapter",
        port: 443,
      },
    );
  });

  it("is pinned to a released image", () => {
    assert.equal(ADAPTER.image, "gcr.io/gke-release/custom-metrics-stackdriver-adapter:v0.16.9-gke.0");
  });

  it("may read monitoring data and nothing else", () => {
    assert.equal(ADAPTER.role, "roles/monitoring.viewer");
  });

  it("has a second replica, the manifest's CPU and more than the 200Mi that it is killed at", () => {
    const { replicas, cpu, memory } = ADAPTER;
    assert.deepEqual({ replicas, cpu, memory }, { replicas: 2, cpu: "250m", memory: "512Mi" });
  });

  it("owns three metrics APIs, the newer version of the custom one preferred", () => {
    assert.deepEqual(METRICS_API_SERVICES, [
      { group: "custom.metrics.k8s.io", version: "v1beta1", versionPriority: 100 },
      { group: "custom.metrics.k8s.io", version: "v1beta2", versionPriority: 200 },
      { group: "external.metrics.k8s.io", version: "v1beta1", versionPriority: 100 },
    ]);
  });
});
