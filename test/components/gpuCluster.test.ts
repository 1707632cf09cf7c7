import assert from "node:assert/strict";
import { Secret } from "../../tools/plan/values";
import { captureStack, find, has, input, reveal, type Settings } from "../support/stack";

async function cluster(settings: Settings = {}) {
  const graph = await captureStack(settings);
  return find(graph, "cluster-gke");
}

describe("the cluster", () => {
  it("is VPC-native, private, shielded, with Dataplane V2 and Workload Identity", async () => {
    const { inputs } = await cluster({ labels: { team: "ml" } });
    assert.equal(inputs.name, "llm-dev");
    assert.equal(inputs.location, "us-central1");
    assert.equal(inputs.networkingMode, "VPC_NATIVE");
    assert.deepEqual(inputs.ipAllocationPolicy, {
      clusterSecondaryRangeName: "pods",
      servicesSecondaryRangeName: "services",
    });
    assert.equal(inputs.datapathProvider, "ADVANCED_DATAPATH");
    assert.deepEqual(inputs.privateClusterConfig, { enablePrivateNodes: true });
    assert.equal(inputs.enableShieldedNodes, true);
    assert.deepEqual(inputs.workloadIdentityConfig, { workloadPool: "demo-project.svc.id.goog" });
    assert.deepEqual(inputs.releaseChannel, { channel: "REGULAR" });
    assert.deepEqual(inputs.resourceLabels, { team: "ml" });
  });

  for (const [dcgmExporter, last] of [
    ["gke-managed", ["DCGM"]],
    ["self-managed", []],
  ] as const) {
    it(`collects system metrics, HPA, POD, DEPLOYMENT and ${last.length === 0 ? "no " : ""}DCGM with ${dcgmExporter}`, async () => {
      assert.deepEqual((await cluster({ dcgmExporter })).inputs.monitoringConfig, {
        enableComponents: ["SYSTEM_COMPONENTS", "HPA", "POD", "DEPLOYMENT", ...last],
        managedPrometheus: { enabled: true, autoMonitoringConfig: { scope: "NONE" } },
      });
    });
  }

  it("makes a small temporary pool under our account, and ignores it afterwards", async () => {
    const resource = await cluster();
    assert.equal(resource.inputs.removeDefaultNodePool, true);
    assert.equal(resource.inputs.initialNodeCount, 1);
    assert.equal(input(resource, "nodeConfig.diskType"), "pd-standard");
    assert.equal(input(resource, "nodeConfig.diskSizeGb"), 20);
    assert.equal(input(resource, "nodeConfig.serviceAccount"), "llm-dev-nodes@demo-project.iam.gserviceaccount.com");
    assert.deepEqual(resource.ignoreChanges, ["nodeConfig"]);
    // Two clusters of one name cannot exist.
    assert.equal(resource.deleteBeforeReplace, true);
  });

  it("is protected twice, or not at all", async () => {
    for (const deletionProtection of [true, false]) {
      const resource = await cluster({ deletionProtection });
      assert.equal(resource.protect, deletionProtection);
      assert.equal(resource.inputs.deletionProtection, deletionProtection);
    }
    assert.equal((await cluster()).protect, true);
  });

  it("leaves authorized networks out when there are none: an empty list locks everybody out", async () => {
    assert.equal(Object.hasOwn((await cluster()).inputs, "masterAuthorizedNetworksConfig"), false);
    assert.deepEqual(
      (await cluster({ authorizedNetworks: ["203.0.113.0/24"] })).inputs.masterAuthorizedNetworksConfig,
      { cidrBlocks: [{ cidrBlock: "203.0.113.0/24" }] },
    );
  });
});

describe("the Kubernetes provider", () => {
  it("is built from the cluster, and keeps where it is to itself", async () => {
    const { inputs } = find(await captureStack(), "cluster-kubernetes");
    assert.ok(inputs.kubeconfig instanceof Secret);
    const config = JSON.parse(String(reveal(inputs.kubeconfig)));
    assert.equal(config.clusters[0].cluster.server, "https://203.0.113.1");
    assert.equal(config["current-context"], "llm-dev");
    assert.deepEqual(config.contexts, [{ name: "llm-dev", context: { cluster: "llm-dev", user: "llm-dev" } }]);
    assert.equal(config.users[0].user.exec.command, "gke-gcloud-auth-plugin");
    assert.equal(config.users[0].user.exec.apiVersion, "client.authentication.k8s.io/v1beta1");
  });
});

describe("the system pool", () => {
  for (const [systemNodes, zones, perZone] of [
    [2, ["us-central1-a", "us-central1-b"], 1],
    [3, ["us-central1-a", "us-central1-b", "us-central1-c"], 1],
    [1, ["us-central1-a"], 1],
    [4, ["us-central1-a", "us-central1-b"], 2],
  ] as const) {
    it(`of ${systemNodes} nodes has ${perZone} in each of ${zones.length} zones`, async () => {
      const pool = find(await captureStack({ systemNodes }), "cluster-system");
      assert.deepEqual(pool.inputs.nodeLocations, zones);
      assert.equal(pool.inputs.nodeCount, perZone);
    });
  }

  it("runs under the nodes' own account, with Workload Identity and without GPUs or taints", async () => {
    const pool = find(await captureStack(), "cluster-system");
    assert.equal(input(pool, "nodeConfig.serviceAccount"), "llm-dev-nodes@demo-project.iam.gserviceaccount.com");
    assert.deepEqual(input(pool, "nodeConfig.workloadMetadataConfig"), { mode: "GKE_METADATA" });
    assert.equal(input(pool, "nodeConfig.machineType"), "e2-standard-2");
    assert.equal(input(pool, "nodeConfig.taints"), undefined);
    assert.deepEqual(input(pool, "management"), { autoRepair: true, autoUpgrade: true });
    assert.deepEqual(input(pool, "networkConfig"), { enablePrivateNodes: true });
    assert.deepEqual(input(pool, "nodeConfig.metadata"), { "disable-legacy-endpoints": "true" });
    assert.deepEqual(input(pool, "nodeConfig.shieldedInstanceConfig"), {
      enableIntegrityMonitoring: true,
      enableSecureBoot: false,
    });
    assert.deepEqual(input(pool, "nodeConfig.oauthScopes"), ["https://www.googleapis.com/auth/cloud-platform"]);
  });
});

describe("the network", () => {
  it("has a subnet with ranges for pods and services and Private Google Access, and NAT for private nodes", async () => {
    const graph = await captureStack();
    const subnet = find(graph, "network-subnet");
    assert.equal(subnet.inputs.privateIpGoogleAccess, true);
    assert.deepEqual(subnet.inputs.secondaryIpRanges, [
      { rangeName: "pods", ipCidrRange: "10.68.0.0/16" },
      { rangeName: "services", ipCidrRange: "10.72.0.0/20" },
    ]);
    assert.equal(find(graph, "network-vpc").inputs.autoCreateSubnetworks, false);
    assert.deepEqual(find(graph, "network-nat").inputs.subnetworks, [
      { name: "network-subnet-id", sourceIpRangesToNats: ["ALL_IP_RANGES"] },
    ]);
  });

  it("has no NAT for nodes with public addresses", async () => {
    const graph = await captureStack({ privateNodes: false });
    assert.ok(!has(graph, "network-nat") && !has(graph, "network-router"));
    assert.deepEqual(find(graph, "cluster-gke").inputs.privateClusterConfig, { enablePrivateNodes: false });
  });

  it("can be an existing one, of a Shared VPC too", async () => {
    const ranges = { network: "vpc", subnetwork: "sub", podsRange: "p", servicesRange: "s" };
    const own = await captureStack(ranges);
    assert.ok(!has(own, "network"));
    assert.equal(find(own, "cluster-gke").inputs.network, "projects/demo-project/global/networks/vpc");
    const shared = await cluster({ ...ranges, networkProject: "host-project" });
    assert.equal(shared.inputs.subnetwork, "projects/host-project/regions/us-central1/subnetworks/sub");
    assert.deepEqual(shared.inputs.ipAllocationPolicy, {
      clusterSecondaryRangeName: "p",
      servicesSecondaryRangeName: "s",
    });
    const path = "projects/x/global/networks/y";
    assert.equal((await cluster({ ...ranges, network: path })).inputs.network, path);
  });
});

describe("the Google APIs", () => {
  it("stay on when the stack goes", async () => {
    const services = (await captureStack()).resources.filter((it) => it.type === "gcp:projects/service:Service");
    assert.deepEqual(
      services.map((it) => it.inputs.service).sort(),
      [
        "artifactregistry",
        "cloudresourcemanager",
        "compute",
        "container",
        "containerfilesystem",
        "iam",
        "logging",
        "monitoring",
      ].map((name) => `${name}.googleapis.com`),
    );
    assert.ok(services.every((it) => it.inputs.disableOnDestroy === false));
  });

  it("are left alone on request", async () => {
    const graph = await captureStack({ enableApis: false });
    assert.ok(graph.resources.every((it) => it.type !== "gcp:projects/service:Service"));
  });
});
