import assert from "node:assert/strict";
import { captureStack, find, input, type Settings } from "../support/stack";

async function spec(settings: Settings) {
  return input(find(await captureStack(settings), "autoscaler-hpa"), "spec") as Record<string, unknown>;
}

const pods = (name: string, averageValue: string) => ({
  type: "Pods",
  pods: { metric: { name }, target: { type: "AverageValue", averageValue } },
});
const external = (name: string, matchLabels: Record<string, string>, averageValue: string) => ({
  type: "External",
  external: { metric: { name, selector: { matchLabels } }, target: { type: "AverageValue", averageValue } },
});

describe("the HPA", () => {
  it("has one name and one target, whatever the strategy", async () => {
    const hpa = find(await captureStack({ minReplicas: 2, maxReplicas: 7 }), "autoscaler-hpa");
    assert.equal(input(hpa, "metadata.name"), "gemma-hpa");
    assert.deepEqual(input(hpa, "spec.scaleTargetRef"), {
      apiVersion: "apps/v1",
      kind: "Deployment",
      name: "tgi-gemma-deployment",
    });
    assert.equal(input(hpa, "spec.minReplicas"), 2);
    assert.equal(input(hpa, "spec.maxReplicas"), 7);
    assert.equal(input(hpa, "spec.behavior"), undefined);
  });

  for (const [title, settings, metric] of [
    [
      "queue-size asks for the gauge per pod",
      { metricStrategy: "queue-size", metricTarget: 10 },
      pods("prometheus.googleapis.com|tgi_queue_size|gauge", "10"),
    ],
    [
      "batch-size asks for the metric's real name",
      { metricStrategy: "batch-size", metricTarget: 12.5 },
      pods("prometheus.googleapis.com|tgi_batch_current_size|gauge", "12500m"),
    ],
    [
      "gke-duty-cycle is scoped, and multiplied by the GPUs of a replica",
      { metricStrategy: "gke-duty-cycle", metricTarget: 60, modelId: "google/gemma-2-9b-it", namespace: "llm" },
      external(
        "kubernetes.io|container|accelerator|duty_cycle",
        {
          "resource.labels.cluster_name": "llm-dev",
          "resource.labels.location": "us-central1",
          "resource.labels.namespace_name": "llm",
          "resource.labels.container_name": "inference-server",
          "metadata.system_labels.top_level_controller_name": "tgi-gemma-deployment",
        },
        "120",
      ),
    ],
    [
      "dcgm-gpu-util on GKE's exporter is a Pods metric in upper case, multiplied",
      { metricStrategy: "dcgm-gpu-util", metricTarget: 60, modelId: "google/gemma-2-27b-it" },
      pods("prometheus.googleapis.com|DCGM_FI_DEV_GPU_UTIL|gauge", "240"),
    ],
    [
      "dcgm-gpu-util on our exporter is External, in lower case, unknown, and scoped",
      { metricStrategy: "dcgm-gpu-util", metricTarget: 60, dcgmExporter: "self-managed" },
      external(
        "prometheus.googleapis.com|dcgm_fi_dev_gpu_util|unknown",
        {
          "resource.labels.cluster": "llm-dev",
          "resource.labels.location": "us-central1",
          "metric.labels.exported_namespace": "default",
          "metric.labels.exported_container": "inference-server",
        },
        "60",
      ),
    ],
  ] as const) {
    it(title, async () => assert.deepEqual((await spec(settings)).metrics, [metric]));
  }

  it("takes further metrics and a behavior", async () => {
    const scaleBehavior = {
      scaleUp: { stabilizationWindowSeconds: 30, tolerance: 0.05 },
      scaleDown: { selectPolicy: "Min", policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] },
    };
    const { metrics, behavior } = await spec({ extraMetrics: [{ strategy: "batch-size", target: 40 }], scaleBehavior });
    assert.deepEqual(metrics, [
      pods("prometheus.googleapis.com|tgi_queue_size|gauge", "500m"),
      pods("prometheus.googleapis.com|tgi_batch_current_size|gauge", "40"),
    ]);
    assert.deepEqual(behavior, {
      ...scaleBehavior,
      scaleUp: { stabilizationWindowSeconds: 30, tolerance: "50m" },
    });
  });
});
