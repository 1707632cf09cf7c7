import assert from "node:assert/strict";
import type { CapturedGraph } from "../tools/plan/capture";
import { UNKNOWN } from "../tools/plan/values";
import { captureStack, find, has, waitsFor } from "./support/stack";

/** Who must wait for whom, and why. Destroying runs the other way round. */
const MUST_WAIT: readonly (readonly [waiting: string, other: string, why: string])[] = [
  ["network-vpc", "apis-compute", "an API must be on before it is called"],
  ["cluster-gke", "apis-container", "an API must be on before it is called"],
  ["nodes-account", "apis-iam", "an API must be on before it is called"],
  ["dashboard-monitoring", "apis-monitoring", "an API must be on before it is called"],
  ["alerts-hpa-at-maximum", "apis-monitoring", "an API must be on before it is called"],
  ["cluster-gke", "network-subnet", "a cluster lives in a subnet"],
  ["network-nat", "network-subnet", "it serves the subnet"],
  ["cluster-gke", "nodes-grant", "nodes must not start before they may write metrics"],
  ["cluster-system", "nodes-grant", "nodes must not start before they may write metrics"],
  ["pool-gpu", "nodes-grant", "nodes must not start before they may write metrics"],
  ["cluster-system", "cluster-gke", "a pool belongs to a cluster"],
  ["pool-gpu", "cluster-gke", "a pool belongs to a cluster"],
  ["cluster-kubernetes", "cluster-gke", "the provider is built from the cluster"],
  ["server-deployment", "pool-gpu", "its await must not start before a node can come"],
  ["server-deployment", "network-nat", "it downloads the model through NAT"],
  ["server-deployment", "server-token", "its pods read the token"],
  ["monitoring-podmonitoring", "cluster-system", "the CRD appears once a node runs"],
  ["dcgm-podmonitoring", "cluster-system", "the CRD appears once a node runs"],
  ["dcgm-podmonitoring", "dcgm-daemonset", "without an exporter there is nothing to scrape"],
  ["adapter-monitoring-viewer", "cluster-gke", "the identity pool appears with the first cluster"],
  ["adapter-deployment", "cluster-system", "it runs on the system pool"],
  ["adapter-deployment", "adapter-monitoring-viewer", "it exits when it may not read metrics"],
  ["adapter-deployment", "adapter-auth-delegator", "it cannot authenticate callers"],
  ["adapter-deployment", "adapter-auth-reader", "it cannot authenticate callers"],
  ["adapter-deployment", "adapter-resource-reader-binding", "it lists pods"],
  ["adapter-deployment", "adapter-external-reader-binding", "the HPA reads through it"],
  ["adapter-service", "adapter-deployment", "something must answer"],
  ["adapter-v1beta1-custom.metrics.k8s.io", "adapter-service", "an APIService without a server breaks discovery"],
  ["adapter-v1beta2-custom.metrics.k8s.io", "adapter-service", "an APIService without a server breaks discovery"],
  ["adapter-v1beta1-external.metrics.k8s.io", "adapter-service", "an APIService without a server breaks discovery"],
  ["autoscaler-hpa", "adapter-v1beta1-custom.metrics.k8s.io", "no HPA may outlive the API that it asks"],
  ["autoscaler-hpa", "adapter-v1beta2-custom.metrics.k8s.io", "no HPA may outlive the API that it asks"],
  ["autoscaler-hpa", "adapter-v1beta1-external.metrics.k8s.io", "no HPA may outlive the API that it asks"],
  ["autoscaler-hpa", "server-namespace", "it lives there"],
  ["server-token", "server-namespace", "it lives there"],
  ["monitoring-podmonitoring", "server-namespace", "it lives there"],
];

/** Who must not wait for whom: time, or autoscaling, would be lost. */
const MUST_NOT_WAIT: readonly (readonly [free: string, other: string, why: string])[] = [
  ["autoscaler-hpa", "server-deployment", "a slow first start must not leave the stack without autoscaling"],
  ["autoscaler-hpa", "pool-gpu", "a slow first start must not leave the stack without autoscaling"],
  ["adapter-deployment", "pool-gpu", "it runs elsewhere"],
  ["adapter-deployment", "server-deployment", "it serves every HPA"],
  ["server-deployment", "adapter-deployment", "it serves without being scaled"],
  ["server-deployment", "autoscaler-hpa", "it serves without being scaled"],
  ["server-deployment", "cluster-system", "it runs elsewhere"],
  ["server-service", "pool-gpu", "it needs no node"],
  ["server-token", "pool-gpu", "it needs no node"],
  ["monitoring-podmonitoring", "server-deployment", "scraping begins with the first pod"],
  ["monitoring-podmonitoring", "pool-gpu", "scraping begins with the first pod"],
  ["pool-gpu", "cluster-system", "both pools are made at once"],
  ["dashboard-monitoring", "cluster-gke", "it fills once there are series"],
  ["alerts-hpa-at-maximum", "cluster-gke", "it accepts metrics that were never written"],
  ["cluster-gke", "network-nat", "Google's APIs are reached without NAT"],
  ["pool-gpu", "network-nat", "Google's APIs are reached without NAT"],
];

describe("edges of the stack", () => {
  let graph: CapturedGraph;
  before(async () => {
    graph = await captureStack({ namespace: "llm", metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" });
  });
  for (const [waiting, other, why] of MUST_WAIT) {
    it(`${waiting} waits for ${other}: ${why}`, () => assert.equal(waitsFor(graph, waiting, other), true));
  }
  for (const [free, other, why] of MUST_NOT_WAIT) {
    it(`${free} does not wait for ${other}: ${why}`, () => assert.equal(waitsFor(graph, free, other), false));
  }

  /** Edges that hold only where nothing else implies them: [settings, waiting, other]. */
  const alone = { nodeServiceAccount: "gke-nodes@demo-project.iam.gserviceaccount.com" };
  const theirs = { cluster: "existing", clusterName: "theirs" };
  const theirNetwork = { network: "vpc", subnetwork: "sub", podsRange: "pods", servicesRange: "services" };
  for (const [settings, waiting, other] of [
    [{ ...theirs, ...alone }, "pool-gpu", "apis-container"],
    [{ ...theirs, ...alone }, "pool-gpu", "apis-containerfilesystem"],
    [theirs, "pool-gpu", "nodes-grant"],
    [{ ...theirNetwork, ...alone }, "cluster-gke", "apis-container"],
  ] as const) {
    it(`${waiting} waits for ${other} with ${Object.keys(settings).join(", ")}`, async () => {
      assert.equal(waitsFor(await captureStack(settings), waiting, other), true);
    });
  }

  it("asks for the project's number only when the APIs are on: a first preview does not know it", async () => {
    const preview = await captureStack({}, { mode: "preview" });
    assert.deepEqual(preview.invokes, []);
    assert.equal(find(preview, "adapter-monitoring-viewer").inputs.member, UNKNOWN);
  });

  it("lets Secrets and ConfigMaps change in place, which the plan's table relies on", () => {
    const { inputs } = find(graph, "cluster-kubernetes");
    assert.equal(inputs.enableSecretMutable, "true");
    assert.equal(inputs.enableConfigMapMutable, "true");
  });

  it("lets the grant to the adapter outlive the stack, and nothing else", () => {
    const retained = graph.resources.filter((resource) => resource.retainOnDelete).map((resource) => resource.name);
    assert.deepEqual(retained, ["adapter-monitoring-viewer"]);
  });

  it("identifies the Kubernetes provider by the cluster's id", () => {
    assert.equal(find(graph, "cluster-kubernetes").inputs.clusterIdentifier, "cluster-gke-id");
  });

  it("ties nothing to a cluster that is not ours", async () => {
    const theirs = await captureStack({ cluster: "existing", clusterName: "theirs" });
    assert.ok(!has(theirs, "cluster-gke"));
    assert.deepEqual(
      theirs.resources.filter((resource) => resource.deletedWith !== ""),
      [],
    );
  });
});

describe("switching the strategy", () => {
  it("changes the HPA in place, what shows its signal, and nothing else", async () => {
    const before = await captureStack({ metricStrategy: "queue-size" });
    for (const metricStrategy of ["batch-size", "gke-duty-cycle", "dcgm-gpu-util"]) {
      const after = await captureStack({ metricStrategy });
      assert.deepEqual(
        after.resources.map((it) => it.urn),
        before.resources.map((it) => it.urn),
      );
      const changed = after.resources.filter((resource, index) => {
        assert.deepEqual(resource.dependencies, before.resources[index]?.dependencies);
        return JSON.stringify(resource.inputs) !== JSON.stringify(before.resources[index]?.inputs);
      });
      assert.deepEqual(changed.map((resource) => resource.name).sort(), [
        "alerts-scaling-signal-missing",
        "autoscaler-hpa",
        "dashboard-monitoring",
      ]);
    }
  });
});
