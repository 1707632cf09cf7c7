import assert from "node:assert/strict";
import { hpaMetric } from "../../autoscaling/metricStrategy";
import { signalPerReplica, signalSeries } from "../../observability/signals";
import { observed } from "../support/observed";
import { parseQuery } from "../support/promql";

const SERVER = 'cluster="llm-dev",location="us-central1",namespace="default",pod=~"tgi-gemma-deployment-.+"';
const CONTAINER =
  'monitored_resource="k8s_container",cluster_name="llm-dev",location="us-central1",namespace_name="default",container_name="inference-server",pod_name=~"tgi-gemma-deployment-.+"';
const EXPORTER =
  'cluster="llm-dev",location="us-central1",namespace="gmp-public",exported_namespace="default",exported_container="inference-server"';
const REPLICAS =
  'max(kube_horizontalpodautoscaler_status_current_replicas{cluster="llm-dev",location="us-central1",namespace="default",horizontalpodautoscaler="gemma-hpa"})';

const pods = (name: string) => `sum(${name}{${SERVER}}) / count(count by (pod) (${name}{${SERVER}}))`;

const duty = `sum(kubernetes_io:container_accelerator_duty_cycle{${CONTAINER}}) / ${REPLICAS}`;

describe("A signal in PromQL", () => {
  for (const [metricStrategy, dcgmExporter, query] of [
    ["queue-size", "gke-managed", pods("tgi_queue_size")],
    ["queue-size", "self-managed", pods("tgi_queue_size")],
    ["batch-size", "gke-managed", pods("tgi_batch_current_size")],
    ["batch-size", "self-managed", pods("tgi_batch_current_size")],
    ["gke-duty-cycle", "gke-managed", duty],
    ["gke-duty-cycle", "self-managed", duty],
    ["dcgm-gpu-util", "gke-managed", pods("DCGM_FI_DEV_GPU_UTIL")],
    ["dcgm-gpu-util", "self-managed", `sum(dcgm_fi_dev_gpu_util{${EXPORTER}}) / ${REPLICAS}`],
  ] as const) {
    const stack = observed({ metricStrategy, dcgmExporter });

    it(`is what the HPA averages: ${metricStrategy}, ${dcgmExporter}`, () => {
      assert.equal(signalPerReplica(metricStrategy, stack), query);
    });

    it(`has the name and the scope that the HPA asks for: ${metricStrategy}, ${dcgmExporter}`, async () => {
      const [metric] = stack.metrics;
      const asked = hpaMetric(metric, stack);
      const { selectors } = await parseQuery(signalSeries(metricStrategy, stack));
      assert.equal(selectors.length, 1);
      const { metric: name, matchers = [] } = selectors[0] ?? {};
      assert.equal(name, promqlNameOf(asked.type === "Pods" ? asked.pods.metric.name : asked.external.metric.name));
      if (asked.type === "Pods") return;
      const labels = new Map(matchers.map(([label, operator, value]) => [label, `${operator}${value}`]));
      const { matchLabels } = asked.external.metric.selector;
      for (const [key, value] of Object.entries(matchLabels)) {
        // PromQL asks for the pods' names where the HPA asks for their Deployment.
        const [label, wanted] = key.startsWith("metadata.")
          ? ["pod_name", `=~${value}-.+`]
          : [key.slice(key.lastIndexOf(".") + 1), `=${value}`];
        assert.equal(labels.get(label), wanted, key);
      }
      // And what PromQL alone demands: the resource that is written against, or the exporter's own namespace.
      assert.equal(labels.size, Object.keys(matchLabels).length + 1);
    });
  }
});

/** `prometheus.googleapis.com|NAME|gauge` and `kubernetes.io|A|B` in PromQL's form. */
function promqlNameOf(hpaName: string): string {
  const scraped = /^prometheus\.googleapis\.com\|(\w+)\|(?:gauge|unknown)$/.exec(hpaName);
  return scraped?.[1] ?? hpaName.replace("kubernetes.io|", "kubernetes_io:").replaceAll("|", "_");
}
