import assert from "node:assert/strict";
import { hpaMetric } from "../../autoscaling/metricStrategy";
import { signalPerReplica, signalSeries } from "../../observability/signals";
import { OBSERVED_VARIANTS, observed } from "../support/observed";
import { parseQuery } from "../support/promql";

const SERVER = 'cluster="llm-dev",location="us-central1",namespace="default",pod=~"tgi-gemma-deployment-.+"';
const CONTAINER =
  'monitored_resource="k8s_container",cluster_name="llm-dev",location="us-central1",namespace_name="default",container_name="inference-server"';
const EXPORTER =
  'cluster="llm-dev",location="us-central1",namespace="gmp-public",exported_namespace="default",exported_container="inference-server"';
const REPLICAS =
  'max(kube_horizontalpodautoscaler_status_current_replicas{cluster="llm-dev",location="us-central1",namespace="default",horizontalpodautoscaler="gemma-hpa"})';

const pods = (name: string) => `sum(${name}{${SERVER}}) / count(count by (pod) (${name}{${SERVER}}))`;

describe("A signal in PromQL", () => {
  for (const [variant, strategy, query] of [
    ["queue-size", "queue-size", pods("tgi_queue_size")],
    ["batch-size", "batch-size", pods("tgi_batch_current_size")],
    [
      "gke-duty-cycle",
      "gke-duty-cycle",
      `sum(kubernetes_io:container_accelerator_duty_cycle{${CONTAINER}}) / ${REPLICAS}`,
    ],
    ["dcgm-gpu-util, GKE's", "dcgm-gpu-util", pods("DCGM_FI_DEV_GPU_UTIL")],
    ["dcgm-gpu-util, our own", "dcgm-gpu-util", `sum(dcgm_fi_dev_gpu_util{${EXPORTER}}) / ${REPLICAS}`],
  ] as const) {
    it(`is what the HPA averages: ${variant}`, () => {
      assert.equal(signalPerReplica(strategy, observed(OBSERVED_VARIANTS[variant])), query);
    });

    it(`has the name and the scope that the HPA asks for: ${variant}`, async () => {
      const stack = observed(OBSERVED_VARIANTS[variant]);
      const [metric] = stack.metrics;
      const asked = hpaMetric(metric, stack);
      const [selector] = (await parseQuery(signalSeries(strategy, stack))).selectors;
      const { name } = asked.type === "Pods" ? asked.pods.metric : asked.external.metric;
      const [domain = "", ...parts] = name.split("|");
      const promql = domain === "kubernetes.io" ? `kubernetes_io:${parts.join("_")}` : parts[0];
      assert.equal(selector?.metric, promql);
      if (asked.type === "Pods") return;
      const labels = new Map(selector?.matchers.map(([label, , value]) => [label, value]));
      for (const [key, value] of Object.entries(asked.external.metric.selector.matchLabels)) {
        assert.equal(labels.get(key.split(".").at(-1) ?? ""), value, key);
      }
    });
  }
});
