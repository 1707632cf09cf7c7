import assert from "node:assert/strict";
import { type ClusterFeatures, type ExistingClusterArgs, whatIsWrong } from "../../components/existingCluster";
import { CLUSTER_FOUND, captureStack, find, reveal } from "../support/stack";

const GOOD: ClusterFeatures = {
  exists: true,
  workloadIdentity: true,
  managedPrometheus: true,
  components: ["SYSTEM_COMPONENTS", "HPA", "POD", "DEPLOYMENT", "DCGM"],
};
const ARGS: ExistingClusterArgs = {
  project: "demo-project",
  location: "us-central1",
  clusterName: "theirs",
  dcgmExporter: "gke-managed",
  strategies: ["dcgm-gpu-util", "gke-duty-cycle"],
  observed: true,
};
const EXISTING = { cluster: "existing", clusterName: "theirs" };

describe("an existing cluster", () => {
  it("is accepted when it has what the strategies need", () => {
    assert.deepEqual(whatIsWrong(GOOD, ARGS), []);
    assert.deepEqual(
      whatIsWrong({ ...GOOD, components: [] }, { ...ARGS, strategies: ["queue-size", "batch-size"], observed: false }),
      [],
    );
    assert.deepEqual(
      whatIsWrong(
        { ...GOOD, components: ["SYSTEM_COMPONENTS"] },
        { ...ARGS, dcgmExporter: "self-managed", observed: false },
      ),
      [],
    );
  });

  for (const [what, features, args, rule, fix] of [
    [
      "without Workload Identity",
      { workloadIdentity: false },
      {},
      "Workload Identity",
      "--workload-pool=demo-project.svc.id.goog",
    ],
    [
      "without managed Prometheus",
      { managedPrometheus: false },
      {},
      "managed Prometheus",
      "--enable-managed-prometheus",
    ],
    [
      "without system metrics",
      { components: ["DCGM"] },
      { observed: false },
      "does not collect the metrics of SYSTEM_COMPONENTS (for gke-duty-cycle)",
      "--monitoring=DCGM,SYSTEM",
    ],
    [
      "without DCGM metrics, whose others must stay on",
      { components: ["SYSTEM_COMPONENTS", "APISERVER"] },
      { observed: false },
      "does not collect the metrics of DCGM (for dcgm-gpu-util)",
      "--monitoring=SYSTEM,API_SERVER,DCGM",
    ],
    [
      "that says nothing of its own objects and GPUs, with one command that turns all of it on",
      { components: ["SYSTEM_COMPONENTS", "POD"] },
      {},
      "of HPA (for dashboard and alerts), DEPLOYMENT (for dashboard and alerts), DCGM (for dcgm-gpu-util)",
      "--monitoring=SYSTEM,POD,HPA,DEPLOYMENT,DCGM (or, to go unwatched: pulumi config set dashboard false && pulumi config set alerts false)",
    ],
    [
      "with GKE's DCGM exporter beside ours",
      {},
      { dcgmExporter: "self-managed" },
      "counts every GPU twice",
      "dcgmExporter gke-managed",
    ],
    ["that is not there", { exists: false }, {}, "no such cluster in us-central1", "gcloud container clusters list"],
  ] as const) {
    it(`${what} is refused with the fix`, () => {
      const lines = whatIsWrong({ ...GOOD, ...features }, { ...ARGS, ...args });
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", /^clusterName \("theirs"\): /);
      assert.ok(lines[0]?.includes(rule) && lines[0].includes(fix), lines[0]);
    });
  }

  it("says all that is wrong at once", () => {
    assert.equal(whatIsWrong({ ...GOOD, workloadIdentity: false, managedPrometheus: false }, ARGS).length, 2);
  });

  it("is looked up, and the Kubernetes provider built from what was found", async () => {
    const graph = await captureStack(EXISTING);
    assert.deepEqual(graph.invokes.find((invoke) => invoke.token.endsWith("getCluster"))?.args, {
      name: "theirs",
      location: "us-central1",
      project: "demo-project",
    });
    const provider = find(graph, "cluster-kubernetes");
    assert.equal(provider.inputs.clusterIdentifier, CLUSTER_FOUND.id);
    const kubeconfig = JSON.parse(String(reveal(provider.inputs.kubeconfig)));
    assert.equal(kubeconfig.clusters[0].cluster.server, "https://203.0.113.7");
    assert.equal(kubeconfig.clusters[0].cluster["certificate-authority-data"], "Y2VydA==");
  });

  for (const settings of [{}, { alerts: false }, { dashboard: false }, { alerts: false, dashboard: false }]) {
    it(`is ${settings.alerts === false && settings.dashboard === false ? "accepted" : "refused"} without the metrics of its objects by ${JSON.stringify(settings)}`, async () => {
      const monitoringConfigs = [{ enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheuses: [{ enabled: true }] }];
      const call = (token: string) =>
        token.endsWith("getCluster") ? { ...CLUSTER_FOUND, monitoringConfigs } : { number: "1" };
      const outcome = captureStack({ ...EXISTING, ...settings }, { call });
      if (settings.alerts === false && settings.dashboard === false) await outcome;
      else await assert.rejects(outcome, /does not collect the metrics of HPA \(for dashboard and alerts\), POD/);
    });
  }

  for (const [what, found] of [
    ["has no Workload Identity", { ...CLUSTER_FOUND, workloadIdentityConfigs: [] }],
    ["has no managed Prometheus", { ...CLUSTER_FOUND, monitoringConfigs: [] }],
    ["does not exist", {}],
  ] as const) {
    it(`stops the program when it ${what}`, async () => {
      const call = (token: string) => (token.endsWith("getCluster") ? found : { number: "1" });
      await assert.rejects(captureStack(EXISTING, { call }));
    });
  }
});
