import assert from "node:assert/strict";
import fc from "fast-check";
import {
  DCGM_EXPORTERS,
  hpaMetric,
  isGpuStrategy,
  METRIC_STRATEGIES,
  type ScaledWorkload,
  type Signal,
  signalOf,
  targetPerReplica,
} from "../../autoscaling/metricStrategy";
import { SERIES } from "../../catalog/metrics";

const SCOPE = {
  cluster: "resource.labels.cluster",
  location: "resource.labels.location",
  namespace: "metric.labels.exported_namespace",
  container: "metric.labels.exported_container",
} as const;

/** Checked by `tsc`: it fails where what follows a `@ts-expect-error` starts to compile. */
const refusedByTheCompiler: readonly Signal[] = [
  // @ts-expect-error External metrics add up the whole project: the scope cannot be left out
  { type: "External", series: SERIES.gpuDutyCycle, per: "gpu" },
  // @ts-expect-error a scope without the cluster would add up two clusters
  { type: "External", series: SERIES.dcgmGpuUtilRenamed, per: "gpu", scope: { ...SCOPE, cluster: undefined } },
  // @ts-expect-error label keys need the adapter's prefix
  { type: "External", series: SERIES.dcgmGpuUtilRenamed, per: "gpu", scope: { ...SCOPE, cluster: "cluster" } },
  // @ts-expect-error a renamed series is no gauge: the adapter does not find it for Pods
  { type: "Pods", series: SERIES.dcgmGpuUtilRenamed, per: "gpu" },
  // @ts-expect-error a system metric carries no `pod` label
  { type: "Pods", series: SERIES.gpuDutyCycle, per: "gpu" },
  // @ts-expect-error External names are lower-cased, and this one is upper-case
  { type: "External", series: SERIES.dcgmGpuUtil, per: "gpu", scope: SCOPE },
  {
    type: "External",
    // @ts-expect-error the same where the name is written out
    series: { origin: "renamed", name: "DCGM_FI_DEV_GPU_UTIL" },
    per: "gpu",
    scope: SCOPE,
  },
];
void refusedByTheCompiler;

const WORKLOAD: ScaledWorkload = {
  cluster: "llm-cluster",
  location: "us-central1",
  namespace: "llm",
  gpusPerReplica: 2,
  dcgmExporter: "gke-managed",
};

describe("strategies", () => {
  it("have the names that the config key accepts", () => {
    assert.deepEqual(METRIC_STRATEGIES, ["queue-size", "batch-size", "gke-duty-cycle", "dcgm-gpu-util"]);
    assert.deepEqual(DCGM_EXPORTERS, ["gke-managed", "self-managed"]);
  });

  const units = [
    ["queue-size", false, 10],
    ["batch-size", false, 10],
    ["gke-duty-cycle", true, 40],
    ["dcgm-gpu-util", true, 40],
  ] as const;
  for (const [strategy, gpu, perReplica] of units) {
    it(`${strategy} has a target ${gpu ? "in percent of one GPU" : "in requests of a replica"}`, () => {
      assert.equal(isGpuStrategy(strategy), gpu);
    });

    it(`${strategy}: a target of 10 is ${perReplica} for a replica of four GPUs, and 10 for one of one`, () => {
      assert.equal(targetPerReplica({ strategy, target: 10 }, 4), perReplica);
      assert.equal(targetPerReplica({ strategy, target: 10 }, 1), 10);
    });
  }
});

describe("signalOf", () => {
  for (const exporter of DCGM_EXPORTERS) {
    it(`reads the server's own gauges from its pods, whoever runs DCGM (${exporter})`, () => {
      const queue = { type: "Pods", series: { origin: "scraped", name: "tgi_queue_size" }, per: "replica" };
      const batch = { type: "Pods", series: { origin: "scraped", name: "tgi_batch_current_size" }, per: "replica" };
      assert.deepEqual(signalOf("queue-size", exporter), queue);
      assert.deepEqual(signalOf("batch-size", exporter), batch);
    });

    it(`scopes the duty cycle by the labels of resource k8s_container (${exporter})`, () => {
      assert.deepEqual(signalOf("gke-duty-cycle", exporter), {
        type: "External",
        series: { origin: "gke-system", type: "kubernetes.io/container/accelerator/duty_cycle" },
        per: "gpu",
        scope: {
          cluster: "resource.labels.cluster_name",
          location: "resource.labels.location",
          namespace: "resource.labels.namespace_name",
          container: "resource.labels.container_name",
          controller: "metadata.system_labels.top_level_controller_name",
        },
      });
    });
  }

  it("reads GKE's own DCGM from the pods: it is keyed by the pod that uses the GPU", () => {
    assert.deepEqual(signalOf("dcgm-gpu-util", "gke-managed"), {
      type: "Pods",
      series: { origin: "scraped", name: "DCGM_FI_DEV_GPU_UTIL" },
      per: "gpu",
    });
  });

  it("scopes a self-managed DCGM by the labels of prometheus_target, the consumer's as exported_*", () => {
    assert.deepEqual(signalOf("dcgm-gpu-util", "self-managed"), {
      type: "External",
      series: { origin: "renamed", name: "dcgm_fi_dev_gpu_util" },
      per: "gpu",
      scope: SCOPE,
    });
  });
});

describe("hpaMetric", () => {
  const pods = [
    ["queue-size", "gke-managed", 10, "prometheus.googleapis.com|tgi_queue_size|gauge", "10"],
    ["queue-size", "self-managed", 2.5, "prometheus.googleapis.com|tgi_queue_size|gauge", "2500m"],
    ["batch-size", "gke-managed", 50, "prometheus.googleapis.com|tgi_batch_current_size|gauge", "50"],
    ["dcgm-gpu-util", "gke-managed", 85, "prometheus.googleapis.com|DCGM_FI_DEV_GPU_UTIL|gauge", "170"],
  ] as const;
  for (const [strategy, dcgmExporter, target, name, averageValue] of pods) {
    it(`${strategy} (${dcgmExporter}) at ${target} with two GPUs a replica asks for ${name} at ${averageValue}`, () => {
      assert.deepEqual(hpaMetric({ strategy, target }, { ...WORKLOAD, dcgmExporter }), {
        type: "Pods",
        pods: { metric: { name }, target: { type: "AverageValue", averageValue } },
      });
    });
  }

  it("gke-duty-cycle admits this cluster's server only, at percent × GPUs", () => {
    assert.deepEqual(hpaMetric({ strategy: "gke-duty-cycle", target: 70 }, WORKLOAD), {
      type: "External",
      external: {
        metric: {
          name: "kubernetes.io|container|accelerator|duty_cycle",
          selector: {
            matchLabels: {
              "resource.labels.cluster_name": "llm-cluster",
              "resource.labels.location": "us-central1",
              "resource.labels.namespace_name": "llm",
              "resource.labels.container_name": "inference-server",
              "metadata.system_labels.top_level_controller_name": "tgi-gemma-deployment",
            },
          },
        },
        target: { type: "AverageValue", averageValue: "140" },
      },
    });
  });

  it("dcgm-gpu-util of a self-managed exporter asks in lower case, for an untyped series, of this cluster only", () => {
    const metric = hpaMetric(
      { strategy: "dcgm-gpu-util", target: 60.5 },
      { ...WORKLOAD, dcgmExporter: "self-managed" },
    );
    assert.deepEqual(metric, {
      type: "External",
      external: {
        metric: {
          name: "prometheus.googleapis.com|dcgm_fi_dev_gpu_util|unknown",
          selector: {
            matchLabels: {
              "resource.labels.cluster": "llm-cluster",
              "resource.labels.location": "us-central1",
              "metric.labels.exported_namespace": "llm",
              "metric.labels.exported_container": "inference-server",
            },
          },
        },
        target: { type: "AverageValue", averageValue: "121" },
      },
    });
  });

  it("never asks for a name that the Kubernetes client would change or an API path would split", () => {
    const strategy = fc.constantFrom(...METRIC_STRATEGIES);
    fc.assert(
      fc.property(strategy, fc.constantFrom(...DCGM_EXPORTERS), (strategy, dcgmExporter) => {
        const metric = hpaMetric({ strategy, target: 1 }, { ...WORKLOAD, dcgmExporter });
        const { name } = metric.type === "Pods" ? metric.pods.metric : metric.external.metric;
        assert.ok(!name.includes("/"), name);
        if (metric.type === "External") assert.equal(name, name.toLowerCase());
      }),
    );
  });
});
