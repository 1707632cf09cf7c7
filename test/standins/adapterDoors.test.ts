import assert from "node:assert/strict";
import { AdapterWorld, type Certificates, certificates, EXTERNAL, NOBODY, PODS, T0 } from "./adapterWorld";

describe("the adapter's doors", () => {
  let made: Certificates;
  let world: AdapterWorld;
  before(async () => {
    made = await certificates();
    world = new AdapterWorld(made);
    world.writeDuty("tgi-a", 1);
    await world.start();
  });
  after(() => world.stop());

  const others: AdapterWorld[] = [];
  const another = (): AdapterWorld => {
    const other = new AdapterWorld(made);
    others.push(other);
    return other;
  };
  afterEach(async () => {
    for (const other of others.splice(0)) await other.stop();
  });

  it("are closed to all but the API server", async () => {
    const strangers = {
      nobody: { identity: NOBODY },
      "a name that is not allowed": { identity: made.otherName },
      "another authority": { identity: made.otherAuthority },
      "another authority, once more": { identity: made.otherAuthority },
      "no user": { headers: { "X-Remote-Group": "system:masters" } },
      "an empty user": { headers: { "X-Remote-User": "" } },
      "a token alone": { identity: NOBODY, headers: { Authorization: "Bearer x" } },
    };
    const isClosed = async (who: string, path: string, how: Parameters<AdapterWorld["get"]>[1]) => {
      const { status, body } = await world.get(path, how);
      assert.deepEqual([status, body.kind, body.reason], [401, "Status", "Unauthorized"], `${who} at ${path}`);
    };
    for (const [who, how] of Object.entries(strangers)) await isClosed(who, PODS, how);
    for (const path of [EXTERNAL, "/apis", "/openapi/v2", "/nothing"]) await isClosed("nobody", path, strangers.nobody);
    assert.deepEqual(world.accesses, []);
  });

  it("are open to every certificate of the authority where no names are given", async () => {
    const open = another();
    await open.start({ requestHeaderNames: [] });
    assert.equal((await open.get("/apis", { identity: made.otherName })).status, 200);
    assert.equal((await open.get("/apis", { identity: made.otherAuthority })).status, 401);
  });

  it("let anybody ask whether it is well", async () => {
    for (const path of ["/healthz", "/livez", "/readyz"]) {
      const { status, text } = await world.get(path, { identity: NOBODY, headers: {} });
      assert.deepEqual([status, text], [200, "ok"]);
    }
  });

  it("show what is behind them, also to a user without groups", async () => {
    const get = async (path: string) =>
      (await world.get(path, { headers: { "X-Remote-User": "system:kube-aggregator" } })).body;
    const groups = await get("/apis");
    assert.equal(groups.kind, "APIGroupList");
    assert.deepEqual(
      groups.groups?.map(({ name, preferredVersion }) => [name, preferredVersion]),
      [
        ["custom.metrics.k8s.io", { groupVersion: "custom.metrics.k8s.io/v1beta2", version: "v1beta2" }],
        ["external.metrics.k8s.io", { groupVersion: "external.metrics.k8s.io/v1beta1", version: "v1beta1" }],
      ],
    );
    assert.equal((await get("/apis/custom.metrics.k8s.io")).kind, "APIGroup");
    assert.equal((await get("/apis/custom.metrics.k8s.io")).versions?.length, 2);
    for (const version of ["v1beta1", "v1beta2"]) {
      assert.deepEqual(await get(`/apis/custom.metrics.k8s.io/${version}`), {
        kind: "APIResourceList",
        apiVersion: "v1",
        groupVersion: `custom.metrics.k8s.io/${version}`,
        resources: [
          {
            name: "*/kubernetes.io|container|accelerator|duty_cycle",
            singularName: "",
            namespaced: true,
            kind: "MetricValueList",
            verbs: ["get"],
          },
        ],
      });
    }
    const { resources } = await get("/apis/external.metrics.k8s.io/v1beta1");
    assert.deepEqual(resources?.[0], {
      name: "externalmetrics",
      singularName: "",
      namespaced: true,
      kind: "ExternalMetricValueList",
      verbs: ["get"],
    });
  });

  it("lead nowhere else", async () => {
    for (const path of [
      "/openapi/v2",
      "/openapi/v3",
      "/version",
      "/api/v1/pods",
      "/apis/metrics.k8s.io/v1beta1",
      "/apis/constructor",
      "/apis/external.metrics.k8s.io/v1beta2",
      "/apis/external.metrics.k8s.io/v1beta1/a",
      "/apis/external.metrics.k8s.io/v1beta1/namespaces/llm",
      "/apis/external.metrics.k8s.io/v1beta1/namespaces/llm/a/b",
      "/apis/custom.metrics.k8s.io/v1beta2/namespaces/llm/pods/*",
      "/apis/custom.metrics.k8s.io/v1beta2/namespaces/llm/pods/*/a/b",
    ]) {
      const { status, body } = await world.get(path);
      assert.deepEqual([status, body.reason], [404, "NotFound"], path);
    }
    assert.equal((await world.get("/apis/%ZZ")).status, 400);
    assert.equal((await world.get(PODS, { method: "POST" })).status, 405);
    for (const path of ["namespaces/llm/pods/tgi-a/m", "namespaces/llm/services/*/m"]) {
      assert.equal((await world.get(`/apis/custom.metrics.k8s.io/v1beta2/${path}`)).status, 501, path);
    }
  });

  it("do not open when Cloud Monitoring refuses to list metrics", async () => {
    const free = another();
    const port = await free.start();
    await free.stop();
    const refused = another();
    refused.monitoring.fail("metricDescriptors.list", { status: 403 });
    await assert.rejects(
      refused.start({ port }),
      /googleapi: Error 403: Permission monitoring\.metricDescriptors\.list denied/,
    );
    await assert.rejects(refused.get("/healthz"), /ECONNREFUSED/);
    const alone = another();
    await assert.rejects(
      alone.start({ monitoring: "http://127.0.0.1:1/" }),
      /^Error: Get "http:\/\/127\.0\.0\.1:1\/v3/,
    );
  });

  it("are at the port that is wanted, where it is free, and can be many", async () => {
    const [first, second] = [another(), another()];
    const port = await first.start();
    await assert.rejects(second.start({ port }), /EADDRINUSE/);
    await first.stop();
    const third = another();
    assert.equal(await third.start({ port }), port);
  });

  it("can be played faster: the window shrinks", async () => {
    const fast = another();
    await fast.start({ scale: 20 });
    fast.writeQueue("tgi-a", 1, { at: T0 - 14_900 });
    fast.writeQueue("tgi-b", 1, { at: T0 - 15_000 });
    assert.deepEqual((await fast.get(PODS)).body.items?.length, 1);
  });
});
