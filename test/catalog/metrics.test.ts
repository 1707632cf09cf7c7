import assert from "node:assert/strict";
import { MONITORING_COMPONENTS } from "../../catalog/gke";
import {
  type GkeSystemMetric,
  hpaMetricName,
  monitoringType,
  OBSERVED,
  promqlName,
  type RenamedSeries,
  SERIES,
} from "../../catalog/metrics";

/** Checked by `tsc`: it fails where the line below a `@ts-expect-error` starts to compile. */
const refusedByTheCompiler = [
  // @ts-expect-error the Kubernetes client lower-cases External names, so an upper-case series is never found
  { origin: "renamed", name: "DCGM_FI_DEV_GPU_UTIL" } satisfies RenamedSeries,
  // @ts-expect-error one capital is enough to lose it
  { origin: "renamed", name: "dcgm_fi_dev_gpu_Util" } satisfies RenamedSeries,
  // @ts-expect-error system metrics are External too
  { origin: "gke-system", type: "kubernetes.io/container/accelerator/Duty_Cycle" } satisfies GkeSystemMetric,
  // @ts-expect-error not a metric of GKE
  { origin: "gke-system", type: "compute.googleapis.com/instance/uptime" } satisfies GkeSystemMetric,
];
void refusedByTheCompiler;

const ROWS = [
  {
    key: "tgiQueueSize",
    type: "prometheus.googleapis.com/tgi_queue_size/gauge",
    hpaName: "prometheus.googleapis.com|tgi_queue_size|gauge",
    promql: "tgi_queue_size",
  },
  {
    key: "tgiBatchCurrentSize",
    type: "prometheus.googleapis.com/tgi_batch_current_size/gauge",
    hpaName: "prometheus.googleapis.com|tgi_batch_current_size|gauge",
    promql: "tgi_batch_current_size",
  },
  {
    key: "gpuDutyCycle",
    type: "kubernetes.io/container/accelerator/duty_cycle",
    hpaName: "kubernetes.io|container|accelerator|duty_cycle",
    promql: "kubernetes_io:container_accelerator_duty_cycle",
  },
  {
    key: "dcgmGpuUtil",
    type: "prometheus.googleapis.com/DCGM_FI_DEV_GPU_UTIL/gauge",
    hpaName: "prometheus.googleapis.com|DCGM_FI_DEV_GPU_UTIL|gauge",
    promql: "DCGM_FI_DEV_GPU_UTIL",
  },
  {
    key: "dcgmGpuUtilRenamed",
    type: "prometheus.googleapis.com/dcgm_fi_dev_gpu_util/unknown",
    hpaName: "prometheus.googleapis.com|dcgm_fi_dev_gpu_util|unknown",
    promql: "dcgm_fi_dev_gpu_util",
  },
] as const;

describe("series", () => {
  for (const { key, type, hpaName, promql } of ROWS) {
    it(`${key} is stored as ${type}`, () => assert.equal(monitoringType(SERIES[key]), type));
    it(`${key} is asked for as ${hpaName}`, () => assert.equal(hpaMetricName(SERIES[key]), hpaName));
    it(`${key} is ${promql} in PromQL`, () => assert.equal(promqlName(SERIES[key]), promql));
  }

  it("are the five that can scale the server", () => {
    assert.deepEqual(
      Object.keys(SERIES),
      ROWS.map((row) => row.key),
    );
  });

  it("come from an exporter, from relabelling or from GKE itself", () => {
    const origins = ROWS.map(({ key }) => [key, SERIES[key].origin]);
    assert.deepEqual(origins, [
      ["tgiQueueSize", "scraped"],
      ["tgiBatchCurrentSize", "scraped"],
      ["gpuDutyCycle", "gke-system"],
      ["dcgmGpuUtil", "scraped"],
      ["dcgmGpuUtilRenamed", "renamed"],
    ]);
  });

  it("of DCGM are renamed to lower case and to nothing else", () => {
    assert.equal(SERIES.dcgmGpuUtilRenamed.name, SERIES.dcgmGpuUtil.name.toLowerCase());
  });
});

describe("monitoringType", () => {
  it("names any scraped gauge .../gauge, any renamed series .../unknown, and a system metric by itself", () => {
    assert.equal(monitoringType({ origin: "scraped", name: "Up_Time" }), "prometheus.googleapis.com/Up_Time/gauge");
    assert.equal(monitoringType({ origin: "renamed", name: "up_time" }), "prometheus.googleapis.com/up_time/unknown");
    assert.equal(monitoringType({ origin: "gke-system", type: "kubernetes.io/node/up" }), "kubernetes.io/node/up");
  });
});

describe("what dashboard and alerts read", () => {
  it("has these names, of GKE's packages and of TGI", () => {
    const names = Object.entries(OBSERVED).map(([key, series]) => `${key} ${series.origin} ${promqlName(series)}`);
    assert.deepEqual(names, [
      "tgiRequestCount scraped-counter tgi_request_count",
      "tgiRequestSuccess scraped-counter tgi_request_success",
      "tgiRequestFailure scraped-counter tgi_request_failure",
      "tgiRequestDuration scraped-histogram tgi_request_duration",
      "tgiTimePerToken scraped-histogram tgi_request_mean_time_per_token_duration",
      "hpaMaxReplicas scraped kube_horizontalpodautoscaler_spec_max_replicas",
      "hpaMinReplicas scraped kube_horizontalpodautoscaler_spec_min_replicas",
      "hpaCurrentReplicas scraped kube_horizontalpodautoscaler_status_current_replicas",
      "hpaDesiredReplicas scraped kube_horizontalpodautoscaler_status_desired_replicas",
      "hpaCondition scraped kube_horizontalpodautoscaler_status_condition",
      "deploymentReplicas scraped kube_deployment_spec_replicas",
      "deploymentUpdated scraped kube_deployment_status_replicas_updated",
      "deploymentAvailable scraped kube_deployment_status_replicas_available",
      "containerReady scraped kube_pod_container_status_ready",
      "podPhase scraped kube_pod_status_phase",
      "podUnschedulable scraped kube_pod_status_unschedulable",
      "containerRestarts gke-system kubernetes_io:container_restart_count",
    ]);
  });

  it("is in the packages that every stack turns on", () => {
    // Facts of GKE: package HPA, POD and DEPLOYMENT have these series and no others.
    const packages: Readonly<Record<string, RegExp>> = {
      HPA: /^kube_horizontalpodautoscaler_(spec_(max|min)_replicas|spec_target_metric|status_(condition|current_replicas|desired_replicas))$/,
      POD: /^kube_pod_(container_status_(ready|waiting_reason)|status_(phase|unschedulable))$/,
      DEPLOYMENT: /^kube_deployment_(spec_replicas|status_replicas_(available|updated))$/,
    };
    for (const series of Object.values(OBSERVED)) {
      const name = promqlName(series);
      if (!name.startsWith("kube_")) continue;
      const [component] = Object.entries(packages).find(([, names]) => names.test(name)) ?? assert.fail(name);
      assert.ok(
        MONITORING_COMPONENTS.some((enabled) => enabled === component),
        component,
      );
    }
  });
});

describe("promqlName", () => {
  it("turns the first slash of a system metric into a colon, and every other special character into _", () => {
    assert.equal(
      promqlName({ origin: "gke-system", type: "kubernetes.io/node/a-b.c/d" }),
      "kubernetes_io:node_a_b_c_d",
    );
    assert.equal(promqlName({ origin: "scraped-histogram", name: "a_seconds" }), "a_seconds");
    assert.equal(promqlName({ origin: "renamed", name: "up_time" }), "up_time");
  });
});
