import assert from "node:assert/strict";
import { OBSERVED, promqlName, SERIES } from "../../catalog/metrics";
import { byPlace, onPlace, quantile, select, withPlaceLabels } from "../../observability/promql";

const PLACE = { cluster: "c", location: "us-central1", namespace: "ns" };

describe("PromQL", () => {
  it("names scraped series as they are, and system metrics in Google's form", () => {
    assert.equal(promqlName(SERIES.tgiQueueSize), "tgi_queue_size");
    assert.equal(promqlName(SERIES.dcgmGpuUtil), "DCGM_FI_DEV_GPU_UTIL");
    assert.equal(promqlName(SERIES.dcgmGpuUtilRenamed), "dcgm_fi_dev_gpu_util");
    assert.equal(promqlName(SERIES.gpuDutyCycle), "kubernetes_io:container_accelerator_duty_cycle");
    assert.equal(promqlName(OBSERVED.containerRestarts), "kubernetes_io:container_restart_count");
  });

  it("selects in one namespace of one cluster", () => {
    assert.equal(
      select(SERIES.tgiQueueSize, PLACE),
      'tgi_queue_size{cluster="c",location="us-central1",namespace="ns"}',
    );
    assert.equal(
      select(SERIES.gpuDutyCycle, PLACE),
      "kubernetes_io:container_accelerator_duty_cycle" +
        '{monitored_resource="k8s_container",cluster_name="c",location="us-central1",namespace_name="ns"}',
    );
    assert.equal(
      select(OBSERVED.tgiRequestDuration, PLACE, {}, "5m"),
      'tgi_request_duration_bucket{cluster="c",location="us-central1",namespace="ns"}[5m]',
    );
  });

  it("matches labels by value, by pattern and by difference, whatever characters they have", () => {
    assert.equal(
      select(OBSERVED.tgiRequestFailure, PLACE, { a: "x", b: { like: "y.+" }, c: { not: "z" } }),
      'tgi_request_failure{cluster="c",location="us-central1",namespace="ns",a="x",b=~"y.+",c!="z"}',
    );
    assert.match(
      select(SERIES.tgiQueueSize, PLACE, { a: 'quo"te', b: "back\\slash", c: "li\nne" }),
      /a="quo\\"te",b="back\\\\slash",c="li\\nne"/,
    );
  });

  it("keeps the place in aggregations, joins on it, and gives it to system metrics", () => {
    assert.equal(byPlace("sum", "v"), "sum by (cluster, location, namespace) (v)");
    assert.equal(byPlace("max", "v", "pod"), "max by (cluster, location, namespace, pod) (v)");
    assert.equal(onPlace("a", "and", "b"), "a and on (cluster, location, namespace) b");
    assert.equal(
      withPlaceLabels("v"),
      'label_replace(label_replace(label_replace(v, "cluster", "$1", "cluster_name", "(.*)"), "namespace", "$1", "namespace_name", "(.*)"), "pod", "$1", "pod_name", "(.*)")',
    );
  });

  it("takes quantiles over all servers", () => {
    assert.equal(quantile(0.95, "b[5m]"), "histogram_quantile(0.95, sum by (le) (rate(b[5m])))");
    assert.match(select(OBSERVED.tgiTimePerToken, PLACE), /^tgi_request_mean_time_per_token_duration_bucket\{/);
  });
});
