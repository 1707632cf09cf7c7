import assert from "node:assert/strict";
import { type AdapterWorld, type Document, inFreshWorlds, PODS, QUEUE, T0 } from "./adapterWorld";

const SELECTOR = "?labelSelector=app%3Dgemma-server";

describe("the adapter, asked about pods,", () => {
  let world: AdapterWorld;
  inFreshWorlds((fresh) => {
    world = fresh;
  });

  const values = ({ items = [] }: Document) =>
    items.map(({ describedObject, value }) => [describedObject?.name, value]);

  it("answers for the pods that a selector selects, in the newer form", async () => {
    world.writeQueue("tgi-a", 12, { at: T0 - 20_000 });
    world.writeQueue("tgi-a", 30, { at: T0 - 5000 });
    world.writeQueue("tgi-c", 2.5);
    world.writeQueue("stranger", 99);
    const { status, type, body } = await world.get(PODS + SELECTOR);
    assert.deepEqual([status, type], [200, "application/json"]);
    const item = (name: string, value: string) => ({
      describedObject: { kind: "Pod", namespace: "llm", name, apiVersion: "/__internal" },
      metric: { name: "prometheus.googleapis.com|tgi_queue_size|gauge", selector: null },
      timestamp: "2026-11-24T10:05:00Z",
      value,
    });
    assert.deepEqual(body, {
      kind: "MetricValueList",
      apiVersion: "custom.metrics.k8s.io/v1beta2",
      metadata: {},
      items: [item("tgi-a", "30"), item("tgi-c", "2500m")],
    });
    assert.deepEqual(world.selectors, [["llm", "app=gemma-server"]]);
  });

  it("answers in the older form, too", async () => {
    world.writeQueue("tgi-b", 7);
    const { body } = await world.get(PODS.replace("v1beta2", "v1beta1") + SELECTOR);
    assert.equal(body.apiVersion, "custom.metrics.k8s.io/v1beta1");
    assert.deepEqual(body.items, [
      {
        describedObject: { kind: "Pod", namespace: "llm", name: "tgi-b", apiVersion: "/__internal" },
        metricName: "prometheus.googleapis.com|tgi_queue_size|gauge",
        selector: null,
        timestamp: "2026-11-24T10:05:00Z",
        value: "7",
      },
    ]);
  });

  it("asks what the real one was recorded to ask, in that order", async () => {
    world.writeQueue("tgi-b", 7);
    await world.get(PODS + SELECTOR);
    assert.deepEqual(
      world.monitoring.requests.map(({ method, path }) => [method, path]),
      [
        ["metricDescriptors.list", "/v3/projects/demo-proj/metricDescriptors"],
        ["metricDescriptors.get", `/v3/projects/demo-proj/metricDescriptors/${QUEUE}`],
        ["timeSeries.list", "/v3/projects/demo-proj/timeSeries"],
      ],
    );
    assert.deepEqual(world.monitoring.requests[2]?.query, {
      "aggregation.alignmentPeriod": "300s",
      "aggregation.perSeriesAligner": "ALIGN_NEXT_OLDER",
      "interval.startTime": "2026-11-24T10:00:00Z",
      "interval.endTime": "2026-11-24T10:05:00Z",
      filter:
        'metric.labels.pod = one_of("tgi-a","tgi-b","tgi-c") AND metric.type = "prometheus.googleapis.com/tgi_queue_size/gauge" AND resource.labels.cluster = "demo-cluster" AND resource.labels.location = "us-central1" AND resource.labels.namespace = "llm" AND resource.labels.project_id = "demo-proj" AND resource.type = "prometheus_target"',
    });
  });

  it("adds up the series of one pod, and counts no other cluster's or namespace's", async () => {
    world.writeQueue("tgi-a", 90, { job: "one" });
    world.writeQueue("tgi-a", 70, { job: "two" });
    world.writeQueue("tgi-a", 1000, { cluster: "other" });
    world.writeQueue("tgi-a", 1000, { namespace: "other" });
    assert.deepEqual(values((await world.get(PODS)).body), [["tgi-a", "160"]]);
  });

  it("sees five minutes", async () => {
    world.writeQueue("tgi-a", 1, { at: T0 - 299_000 });
    world.writeQueue("tgi-b", 2, { at: T0 - 300_000 });
    assert.deepEqual(values((await world.get(PODS)).body), [["tgi-a", "1"]]);
    world.now += 1000;
    assert.deepEqual((await world.get(PODS)).body.items, []);
  });

  it("looks for containers when no pod has a series, and only then", async () => {
    world.writeQueue("tgi-a", 1);
    await world.get(PODS);
    assert.equal(world.filters.length, 1);
    world.now += 600_000;
    assert.deepEqual((await world.get(PODS)).body.items, []);
    assert.equal(world.filters.length, 3);
    assert.match(world.filters[2] ?? "", /resource\.labels\.pod_name = one_of.* AND resource\.type = "k8s_container"$/);
    world.writeDuty("tgi-b", 40);
    world.writeDuty("tgi-b", 50, { gpu: "1" });
    const duty = PODS.replace(/[^*/]*$/, "kubernetes.io%7Ccontainer%7Caccelerator%7Cduty_cycle");
    assert.deepEqual(values((await world.get(duty)).body), [["tgi-b", "90"]]);
    assert.match(world.filters[3] ?? "", /resource\.type = "k8s_pod"$/);
    world.writeDuty("tgi-b", 50, { container: "sidecar" });
    const { status, body } = await world.get(duty);
    assert.equal(status, 400);
    assert.match(body.message ?? "", /^Only one container in pod can have specific metric/);
  });

  it("has nothing to say of no pods", async () => {
    world.writeQueue("tgi-a", 1);
    world.pods = [];
    assert.deepEqual((await world.get(PODS)).body.items, []);
    assert.deepEqual(world.filters, []);
  });

  it("selects by the metric's own labels, where an HPA has such a selector", async () => {
    world.writeQueue("tgi-a", 1);
    const path = `${PODS}?metricLabelSelector=metric.labels.pod%3Dtgi-a`;
    assert.deepEqual((await world.get(path)).body.items?.[0]?.metric?.selector, {
      matchLabels: { "metric.labels.pod": "tgi-a" },
    });
    assert.match(world.filters[0] ?? "", /^metric\.labels\.pod = "tgi-a" AND metric\.labels\.pod = one_of/);
    const several = `${PODS}?metricLabelSelector=metric.labels.pod,metric.labels.pod+in+(tgi-a,b)`;
    assert.deepEqual((await world.get(several)).body.items?.[0]?.metric?.selector?.matchExpressions, [
      { key: "metric.labels.pod", operator: "Exists" },
      { key: "metric.labels.pod", operator: "In", values: ["b", "tgi-a"] },
    ]);
  });
});
