import assert from "node:assert/strict";
import { type GkeSystemMetric, hpaMetricName, monitoringType, type RenamedSeries, SERIES } from "../../catalog/metrics";

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
  },
  {
    key: "tgiBatchCurrentSize",
    type: "prometheus.googleapis.com/tgi_batch_current_size/gauge",
    hpaName: "prometheus.googleapis.com|tgi_batch_current_size|gauge",
  },
  {
    key: "gpuDutyCycle",
    type: "kubernetes.io/container/accelerator/duty_cycle",
    hpaName: "kubernetes.io|container|accelerator|duty_cycle",
  },
  {
    key: "dcgmGpuUtil",
    type: "prometheus.googleapis.com/DCGM_FI_DEV_GPU_UTIL/gauge",
    hpaName: "prometheus.googleapis.com|DCGM_FI_DEV_GPU_UTIL|gauge",
  },
  {
    key: "dcgmGpuUtilRenamed",
    type: "prometheus.googleapis.com/dcgm_fi_dev_gpu_util/unknown",
    hpaName: "prometheus.googleapis.com|dcgm_fi_dev_gpu_util|unknown",
  },
] as const;

describe("series", () => {
  for (const { key, type, hpaName } of ROWS) {
    it(`${key} is stored as ${type}`, () => assert.equal(monitoringType(SERIES[key]), type));
    it(`${key} is asked for as ${hpaName}`, () => assert.equal(hpaMetricName(SERIES[key]), hpaName));
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
