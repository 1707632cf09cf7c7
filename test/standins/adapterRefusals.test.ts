import assert from "node:assert/strict";
import { StatusError } from "../../standins/adapter/status";
import { type AdapterWorld, EXTERNAL, HPA, inFreshWorlds, PODS } from "./adapterWorld";

describe("the adapter, where it may not or cannot answer,", () => {
  let world: AdapterWorld;
  inFreshWorlds((fresh) => {
    world = fresh;
  });

  it("has no metric that nobody wrote, and none that differs in case", async () => {
    world.writeQueue("tgi-a", 1);
    const { status, body } = await world.get(PODS.replace("tgi_queue_size", "TGI_queue_size"));
    assert.equal(status, 404);
    assert.deepEqual(body, {
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'the server could not find the descriptor for metric "prometheus.googleapis.com/TGI_queue_size/gauge"',
      reason: "NotFound",
      code: 404,
    });
  });

  it("takes a refusal of Cloud Monitoring for a metric that nobody wrote", async () => {
    world.writeQueue("tgi-a", 1);
    world.monitoring.fail("metricDescriptors.get", { status: 403 });
    const { status, body } = await world.get(PODS);
    assert.deepEqual([status, body.reason], [404, "NotFound"]);
    assert.match(body.message ?? "", /could not find the descriptor for metric/);
  });

  it("passes on what Cloud Monitoring says, and lives on", async () => {
    world.writeQueue("tgi-a", 1);
    for (const [status, text] of [
      [403, "googleapi: Error 403: Permission monitoring.timeSeries.list denied."],
      [500, "googleapi: Error 500: Internal error encountered."],
    ] as const) {
      world.monitoring.fail("timeSeries.list", { status });
      const answer = await world.get(PODS);
      assert.deepEqual([answer.status, answer.body.message, answer.body.reason], [500, text, undefined]);
    }
    world.monitoring.heal();
    assert.equal((await world.get(PODS)).body.items?.length, 1);
    await world.monitoring.stop();
    assert.equal((await world.get(PODS)).status, 404);
  });

  it("asks whether its caller may, for whom the API server names", async () => {
    world.writeQueue("tgi-a", 1);
    world.writeDuty("tgi-a", 1);
    await world.get(PODS);
    await world.get(EXTERNAL);
    const caller = { user: HPA, groups: ["system:serviceaccounts", "system:authenticated"], namespace: "llm" };
    assert.deepEqual(world.accesses, [
      {
        ...caller,
        verb: "get",
        group: "custom.metrics.k8s.io",
        version: "v1beta2",
        resource: "pods/prometheus.googleapis.com|tgi_queue_size|gauge",
        name: "*",
      },
      {
        ...caller,
        verb: "list",
        group: "external.metrics.k8s.io",
        version: "v1beta1",
        resource: "kubernetes.io|container|accelerator|duty_cycle",
        name: "",
      },
    ]);
  });

  it("answers 403 to those who may not, and asks nothing for them", async () => {
    world.allowed = false;
    const pods = await world.get(PODS);
    assert.deepEqual(
      [pods.status, pods.body.kind, pods.body.reason, pods.body.code],
      [403, "Status", "Forbidden", 403],
    );
    assert.equal(
      pods.body.message,
      `pods.custom.metrics.k8s.io "*" is forbidden: User "${HPA}" cannot get resource "pods/prometheus.googleapis.com|tgi_queue_size|gauge" in API group "custom.metrics.k8s.io" in the namespace "llm"`,
    );
    const external = await world.get(EXTERNAL);
    assert.equal(
      external.body.message,
      `kubernetes.io|container|accelerator|duty_cycle.external.metrics.k8s.io is forbidden: User "${HPA}" cannot list resource "kubernetes.io|container|accelerator|duty_cycle" in API group "external.metrics.k8s.io" in the namespace "llm"`,
    );
    assert.equal(world.monitoring.requests.length, 1);
    assert.deepEqual(world.selectors, []);
  });

  it("passes on why pods could not be listed", async () => {
    world.pods = new StatusError(403, "Forbidden", "pods is forbidden");
    const forbidden = await world.get(PODS);
    assert.deepEqual([forbidden.status, forbidden.body.reason], [403, "Forbidden"]);
    world.pods = new Error("no API server");
    const broken = await world.get(PODS);
    assert.deepEqual([broken.status, broken.body.message], [500, "no API server"]);
  });
});
