import assert from "node:assert/strict";
import { type AdapterWorld, DUTY, EXTERNAL, inFreshWorlds, PODS } from "./adapterWorld";

describe("the adapter, asked about External metrics,", () => {
  let world: AdapterWorld;
  inFreshWorlds((fresh) => {
    world = fresh;
  });

  it("answers for External metrics, one value a series", async () => {
    world.writeDuty("tgi-a", 90);
    world.writeDuty("tgi-b", 70.25, { gpu: "1" });
    world.writeDuty("tgi-x", 50, { cluster: "other" });
    const selector = "resource.labels.cluster_name%3Ddemo-cluster%2Cresource.labels.location%3Dus-central1";
    const { status, body } = await world.get(`${EXTERNAL}?labelSelector=${selector}`);
    assert.equal(status, 200);
    const item = (pod: string, gpu: string, value: string) => ({
      metricName: "kubernetes.io|container|accelerator|duty_cycle",
      metricLabels: {
        "metric.labels.accelerator_id": gpu,
        "resource.type": "k8s_container",
        "resource.labels.project_id": "demo-proj",
        "resource.labels.location": "us-central1",
        "resource.labels.cluster_name": "demo-cluster",
        "resource.labels.namespace_name": "llm",
        "resource.labels.pod_name": pod,
        "resource.labels.container_name": "server",
      },
      timestamp: "2026-11-24T10:05:00Z",
      value,
    });
    assert.deepEqual(body, {
      kind: "ExternalMetricValueList",
      apiVersion: "external.metrics.k8s.io/v1beta1",
      metadata: {},
      items: [item("tgi-a", "0", "90"), item("tgi-b", "1", "70250m")],
    });
    assert.equal(
      world.filters[0],
      `metric.type = "${DUTY}" AND resource.labels.cluster_name = "demo-cluster" AND resource.labels.location = "us-central1"`,
    );
  });

  it("adds up every cluster of the project without a selector", async () => {
    world.writeDuty("tgi-a", 90);
    world.writeDuty("tgi-x", 50, { cluster: "other" });
    const valuesOf = async (path: string) => (await world.get(path)).body.items?.map(({ value }) => value);
    assert.deepEqual(await valuesOf(EXTERNAL), ["90", "50"]);
    assert.deepEqual(await valuesOf(`${EXTERNAL}?labelSelector=reducer%3DREDUCE_SUM`), ["140"]);
    assert.deepEqual(await valuesOf(`${EXTERNAL}?labelSelector=resource.labels.cluster%3Ddemo-cluster`), []);
  });

  it("asks another project when it is told to", async () => {
    world.writeDuty("tgi-a", 90);
    const path = `${EXTERNAL}?labelSelector=resource.labels.project_id%3Dother`;
    assert.equal((await world.get(path)).status, 404);
    world.writeDuty("tgi-a", 10, { project: "other" });
    assert.deepEqual((await world.get(path)).body.items?.[0]?.value, "10");
  });

  it("refuses selectors that Cloud Monitoring has no field for, once the metric is known", async () => {
    const path = `${EXTERNAL}?labelSelector=cluster_name%3Dc`;
    assert.equal((await world.get(path)).status, 404);
    world.writeDuty("tgi-a", 90);
    const { status, body } = await world.get(path);
    assert.deepEqual(
      [status, body.reason, body.message],
      [400, "BadRequest", 'Metric label: "cluster_name" is not allowed'],
    );
    assert.deepEqual(world.filters, []);
    assert.equal((await world.get(`${EXTERNAL}?labelSelector=a%3D%3D%3Db`)).status, 400);
    assert.equal((await world.get(`${PODS}?labelSelector=(`)).status, 400);
  });
});
