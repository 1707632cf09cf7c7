import assert from "node:assert/strict";
import { dashboardDocument } from "../../observability/dashboard";
import type { TimeSeriesQuery, Widget } from "../../observability/dashboardDocument";
import { OBSERVED_VARIANTS, observed } from "../support/observed";

const HERE = 'cluster="llm-dev",location="us-central1",namespace="default"';
const HPA = `${HERE},horizontalpodautoscaler="gemma-hpa"`;
const SERVERS = `${HERE},pod=~"tgi-gemma-deployment-.+"`;
const DEPLOYMENT = `${HERE},deployment="tgi-gemma-deployment"`;
const GPUS =
  'monitored_resource="k8s_container",cluster_name="llm-dev",location="us-central1",namespace_name="default",container_name="inference-server",pod_name=~"tgi-gemma-deployment-.+"';
const ADAPTER =
  'cluster="llm-dev",location="us-central1",namespace="custom-metrics",deployment="custom-metrics-stackdriver-adapter"';
const ADAPTER_CONTAINER =
  'monitored_resource="k8s_container",cluster_name="llm-dev",location="us-central1",namespace_name="custom-metrics",container_name="pod-custom-metrics-stackdriver-adapter"';

const quantiles = (buckets: string) =>
  [0.5, 0.95, 0.99].map((q): [string, string] => [
    `histogram_quantile(${q}, sum by (le) (rate(${buckets}_bucket{${SERVERS}}[5m])))`,
    "s",
  ]);
const refused = `tgi_request_failure{${HERE},err="overloaded",pod=~"tgi-gemma-deployment-.+"}[2m]`;

/** What each chart asks for, and the unit that it shows it in. */
const CHARTS: Readonly<Record<string, readonly (readonly [query: string, unit?: string])[]>> = {
  "Is it scaling? (1: the HPA reads its metric)": [
    [`max(kube_horizontalpodautoscaler_status_condition{${HPA},condition="ScalingActive",status="true"})`],
  ],
  "Is it at its limit? (wanted, % of the maximum)": [
    [
      `100 * max(kube_horizontalpodautoscaler_status_desired_replicas{${HPA}}) / max(kube_horizontalpodautoscaler_spec_max_replicas{${HPA}})`,
      "%",
    ],
  ],
  // Nobody refused is no series at all, and must not look like no data.
  "Is anybody refused? (429 a second)": [[`sum(rate(${refused})) or vector(0)`]],
  "Scaling signal: queue-size per replica": [
    [`sum(tgi_queue_size{${SERVERS}}) / count(count by (pod) (tgi_queue_size{${SERVERS}}))`],
  ],
  Replicas: [
    [`max(kube_horizontalpodautoscaler_status_desired_replicas{${HPA}})`],
    [`max(kube_deployment_status_replicas_available{${DEPLOYMENT}})`],
    [`max(kube_horizontalpodautoscaler_spec_max_replicas{${HPA}})`],
  ],
  Queue: [[`sum(tgi_queue_size{${SERVERS}})`], [`max(tgi_queue_size{${SERVERS}})`]],
  "Running batch": [[`sum(tgi_batch_current_size{${SERVERS}})`], [`max(tgi_batch_current_size{${SERVERS}})`]],
  "Requests by outcome": [
    [`sum(rate(tgi_request_success{${SERVERS}}[2m]))`],
    [`sum(rate(${refused}))`],
    [`sum by (err) (rate(tgi_request_failure{${HERE},err!="overloaded",pod=~"tgi-gemma-deployment-.+"}[2m]))`],
  ],
  "Request duration (answered requests)": quantiles("tgi_request_duration"),
  "Time per token (mean of a request)": quantiles("tgi_request_mean_time_per_token_duration"),
  "GPU duty cycle by replica (average of its GPUs)": [
    [`avg by (pod_name) (kubernetes_io:container_accelerator_duty_cycle{${GPUS}})`, "%"],
  ],
  "DCGM GPU utilisation by replica (average of its GPUs)": [[`avg by (pod) (DCGM_FI_DEV_GPU_UTIL{${SERVERS}})`, "%"]],
  "Pods pending": [
    [`sum(max by (pod) (kube_pod_status_phase{${HERE},phase="Pending",pod=~"tgi-gemma-deployment-.+"}))`],
    [`sum(max by (pod) (kube_pod_status_unschedulable{${SERVERS}}))`],
  ],
  "Metrics adapter": [
    [`max(kube_deployment_spec_replicas{${ADAPTER}})`],
    [`max(kube_deployment_status_replicas_available{${ADAPTER}})`],
    [`sum(increase(kubernetes_io:container_restart_count{${ADAPTER_CONTAINER}}[15m]))`],
  ],
};

function queriesOf({ scorecard, xyChart }: Widget): readonly TimeSeriesQuery[] {
  if (scorecard !== undefined) return [scorecard.timeSeriesQuery];
  return xyChart?.dataSets.map(({ timeSeriesQuery }) => timeSeriesQuery) ?? [];
}

const widgetsOf = (variant: string) =>
  dashboardDocument(observed(OBSERVED_VARIANTS[variant])).mosaicLayout.tiles.map(({ widget }) => widget);
const signalOf = (variant: string) =>
  widgetsOf(variant).find(({ title }) => title.startsWith("Scaling signal")) ?? assert.fail(variant);

describe("The charts of the dashboard", () => {
  const widgets = widgetsOf("queue-size");

  it("are these, in this order", () => {
    assert.deepEqual(
      widgets.map(({ title }) => title),
      Object.keys(CHARTS),
    );
  });

  for (const [title, queries] of Object.entries(CHARTS)) {
    it(`ask for what they show: ${title}`, () => {
      const widget = widgets.find((candidate) => candidate.title === title) ?? assert.fail(`there is no ${title}`);
      assert.deepEqual(
        queriesOf(widget).map(({ prometheusQuery, unitOverride }) => [prometheusQuery, unitOverride]),
        queries.map(([query, unit]) => [query, unit]),
      );
    });
  }

  it("do not warn of a maximum that is the minimum too", () => {
    const [, limit] = dashboardDocument(observed({ minReplicas: "3", maxReplicas: "3" })).mosaicLayout.tiles;
    assert.match(limit?.widget.title ?? "", /^Is it at its limit\?/);
    assert.ok(limit?.widget.scorecard !== undefined && !Object.hasOwn(limit.widget.scorecard, "thresholds"));
    assert.equal(widgets[1]?.scorecard?.thresholds?.length, 1);
  });

  it("count requests of the request signals, and percent of the GPU signals", () => {
    for (const [variant, unit, axis] of [
      ["queue-size", undefined, "requests"],
      ["batch-size", undefined, "requests"],
      ["gke-duty-cycle", "%", "percent"],
      ["dcgm-gpu-util, GKE's", "%", "percent"],
      ["dcgm-gpu-util, our own", "%", "percent"],
    ] as const) {
      const widget = signalOf(variant);
      assert.equal(queriesOf(widget)[0]?.unitOverride, unit, variant);
      assert.deepEqual(widget.xyChart?.yAxis, { label: axis, scale: "LINEAR" }, variant);
    }
  });

  it("say GPUs summed where a replica has several, and its signal counts them one by one", () => {
    const summed = (set: Parameters<typeof observed>[0]) =>
      dashboardDocument(observed({ modelId: "google/gemma-2-9b-it", ...set })).mosaicLayout.tiles[3]?.widget.title;
    assert.equal(
      summed({ metricStrategy: "dcgm-gpu-util" }),
      "Scaling signal: dcgm-gpu-util per replica, 2 GPUs summed",
    );
    assert.equal(summed({}), "Scaling signal: queue-size per replica");
    assert.equal(signalOf("gke-duty-cycle").title, "Scaling signal: gke-duty-cycle per replica");
  });

  it("take our own exporter's series by the pods that it names", () => {
    const exporter =
      'cluster="llm-dev",location="us-central1",namespace="gmp-public",exported_namespace="default",exported_container="inference-server"';
    const widget = widgetsOf("dcgm-gpu-util, our own").find(({ title }) => title.startsWith("DCGM"));
    assert.deepEqual(widget && queriesOf(widget).map(({ prometheusQuery }) => prometheusQuery), [
      `avg by (exported_pod) (dcgm_fi_dev_gpu_util{${exporter}})`,
    ]);
  });
});
