import assert from "node:assert/strict";
import { nodeAccountId } from "../../components/nodeServiceAccount";
import { captureStack, find, has, input, type Settings } from "../support/stack";

async function pool(settings: Settings = {}) {
  return find(await captureStack(settings), "pool-gpu");
}

describe("the GPU pool", () => {
  it("has the accelerator with its driver, the explicit taint and total limits", async () => {
    const resource = await pool({ gpuMinNodes: 1 });
    assert.deepEqual(input(resource, "nodeConfig.guestAccelerators"), [
      { type: "nvidia-l4", count: 1, gpuDriverInstallationConfig: { gpuDriverVersion: "LATEST" } },
    ]);
    assert.deepEqual(input(resource, "nodeConfig.taints"), [
      { key: "nvidia.com/gpu", value: "present", effect: "NO_SCHEDULE" },
    ]);
    assert.deepEqual(resource.inputs.autoscaling, {
      totalMinNodeCount: 1,
      totalMaxNodeCount: 6,
      locationPolicy: "ANY",
    });
    assert.equal(resource.inputs.initialNodeCount, 0);
    assert.deepEqual(resource.inputs.nodeLocations, ["us-central1-a", "us-central1-b", "us-central1-c"]);
    assert.equal(input(resource, "nodeConfig.machineType"), "g2-standard-8");
    assert.deepEqual(input(resource, "nodeConfig.gcfsConfig"), { enabled: true });
    assert.equal(input(resource, "nodeConfig.diskSizeGb"), 100);
    assert.deepEqual(input(resource, "management"), { autoRepair: true, autoUpgrade: true });
  });

  it("takes the GPUs of the machine type for the count: GKE refuses any other", async () => {
    const resource = await pool({ gpuMachineType: "g2-standard-48", gpusPerReplica: 1 });
    assert.equal(input(resource, "nodeConfig.guestAccelerators.0.count"), 4);
    // Four replicas a node: six replicas need two nodes.
    assert.equal(input(resource, "autoscaling.totalMaxNodeCount"), 2);
  });

  for (const [gpuMaxNodes, upgradeSettings] of [
    [5, { maxSurge: 0, maxUnavailable: 1 }],
    [6, { maxSurge: 1, maxUnavailable: 0 }],
  ] as const) {
    it(`upgrades with ${JSON.stringify(upgradeSettings)} when five replicas have ${gpuMaxNodes} nodes`, async () => {
      assert.deepEqual((await pool({ gpuMaxNodes })).inputs.upgradeSettings, upgradeSettings);
    });
  }

  it("is Spot, or consumes a reservation, on request", async () => {
    assert.equal(input(await pool(), "nodeConfig.spot"), false);
    assert.equal(input(await pool(), "nodeConfig.reservationAffinity"), undefined);
    assert.equal(input(await pool({ spot: true }), "nodeConfig.spot"), true);
    assert.deepEqual(input(await pool({ reservation: "gpus" }), "nodeConfig.reservationAffinity"), {
      consumeReservationType: "SPECIFIC_RESERVATION",
      key: "compute.googleapis.com/reservation-name",
      values: ["gpus"],
    });
  });

  it("is not renamed by us, so that a replacement can exist beside it", async () => {
    assert.equal(Object.hasOwn((await pool()).inputs, "name"), false);
  });

  it("joins a cluster that exists, by its id", async () => {
    const resource = await pool({ cluster: "existing", clusterName: "theirs" });
    assert.equal(resource.inputs.cluster, "projects/demo-project/locations/us-central1/clusters/theirs");
  });
});

describe("the nodes' service account", () => {
  it("gets the one role that GKE's agents need, additively", async () => {
    const grant = find(await captureStack(), "nodes-grant");
    assert.equal(grant.type, "gcp:projects/iAMMember:IAMMember");
    assert.equal(grant.inputs.role, "roles/container.defaultNodeServiceAccount");
    assert.equal(grant.inputs.member, "serviceAccount:llm-dev-nodes@demo-project.iam.gserviceaccount.com");
  });

  it("can be an existing one", async () => {
    const email = "gpu-nodes@demo-project.iam.gserviceaccount.com";
    const graph = await captureStack({ nodeServiceAccount: email });
    assert.ok(!has(graph, "nodes"));
    for (const name of ["cluster-gke", "cluster-system", "pool-gpu"]) {
      assert.equal(input(find(graph, name), "nodeConfig.serviceAccount"), email);
    }
  });

  it("has an id of at most 30 characters, different for different clusters", () => {
    assert.equal(nodeAccountId("llm-dev"), "llm-dev-nodes");
    assert.equal(nodeAccountId("a".repeat(24)), `${"a".repeat(24)}-nodes`);
    const long = [nodeAccountId(`${"a".repeat(39)}b`), nodeAccountId(`${"a".repeat(39)}c`)];
    for (const id of long) assert.match(id, /^a{17}-[0-9a-f]{6}-nodes$/);
    assert.notEqual(long[0], long[1]);
    assert.match(nodeAccountId("theirs-My_Stack"), /^theirs-my-stack-[0-9a-f]{6}-nodes$/);
  });

  it("belongs to the stack where several share a cluster", async () => {
    const account = find(await captureStack({ cluster: "existing", clusterName: "theirs" }), "nodes-account");
    assert.equal(account.inputs.accountId, "theirs-dev-nodes");
  });
});
