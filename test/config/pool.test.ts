import assert from "node:assert/strict";
import { accepted, itHolds, parse, warningsWith } from "../support/config";

describe("The GPU pool holds what the HPA may ask for", () => {
  itHolds({
    "fewer nodes than replicas": {
      refused: { gpuMaxNodes: "4" },
      key: "gpuMaxNodes",
      value: "4",
      rule: "the pool must hold maxReplicas, or replicas stay Pending: 4 nodes × 1 hold 4 replicas; maxReplicas is 5",
      // One more than maxReplicas, so that a rollout is no outage.
      fix: "pulumi config set gpuMaxNodes 6",
      concerns: ["maxReplicas", "serverCpu", "serverMemory", "serverDisk"],
      accepted: { gpuMaxNodes: "5" },
    },
    "fewer large nodes than replicas": {
      refused: { gpuMachineType: "g2-standard-48", maxReplicas: "13", gpuMaxNodes: "3" },
      key: "gpuMaxNodes",
      value: "3",
      rule: "3 nodes × 4 hold 12 replicas; maxReplicas is 13",
      // 14 ÷ 4.
      fix: "pulumi config set gpuMaxNodes 4",
      accepted: { gpuMachineType: "g2-standard-48", maxReplicas: "12", gpuMaxNodes: "3" },
    },
    "a minimum above the maximum": {
      refused: { gpuMinNodes: "7" },
      key: "gpuMinNodes",
      value: "7",
      rule: "must not exceed gpuMaxNodes (6)",
      fix: "fewer gpuMinNodes or more gpuMaxNodes",
      concerns: ["gpuMaxNodes"],
      accepted: { gpuMinNodes: "6" },
    },
    "a reservation for Spot VMs": {
      refused: { reservation: "mine", spot: "true" },
      key: "reservation",
      value: "mine",
      rule: "Spot VMs cannot consume a reservation",
      fix: "remove one of spot and reservation",
      concerns: ["spot"],
      accepted: { reservation: "mine", spot: "false" },
    },
  });

  const checks = (set: Record<string, string>) =>
    new Map(accepted(set).verdict.checks.map(({ name, figures }) => [name, figures]));

  it("and the plan says how many", () => {
    assert.equal(
      checks({ gpuMachineType: "g2-standard-48", gpuMaxNodes: "3" }).get("Capacity"),
      "3 nodes × 4 hold 12 replicas; maxReplicas is 5",
    );
  });

  it("with one more, a rollout brings a new server first", () => {
    assert.equal(
      checks({ gpuMaxNodes: "6" }).get("Rollout"),
      "a new server serves before an old one stops (maxSurge 1, maxUnavailable 0)",
    );
    assert.deepEqual(warningsWith("rollout", { gpuMaxNodes: "6" }), []);
  });

  it("without, it stops an old one first, and the plan warns", () => {
    assert.equal(
      checks({ gpuMaxNodes: "5" }).get("Rollout"),
      "an old server stops before its successor serves (maxSurge 0, maxUnavailable 1)",
    );
    assert.deepEqual(warningsWith("rollout", { gpuMaxNodes: "5" }), [
      "The pool has no room for one more replica than maxReplicas: a rollout stops a server before its successor serves. To avoid it: pulumi config set gpuMaxNodes 6.",
    ]);
  });

  it("is not told of nodes that a pool cannot have", () => {
    assert.deepEqual(
      warningsWith("rollout", { maxReplicas: "1000" }).map((warning) => warning.split("To avoid it: ")[1]),
      ["pulumi config set maxReplicas 999 (a pool has at most 1000 nodes), or a larger gpuMachineType."],
    );
    assert.deepEqual(warningsWith("rollout", { maxReplicas: "999" }), []);
  });

  it("and where it does not, the rollout is the least of the worries", () => {
    assert.doesNotMatch(parse({ gpuMaxNodes: "4" }).verdict.warnings.join("\n"), /rollout/);
  });
});

describe("The zones of the pool offer its machines", () => {
  const offered = "us-central1-a, us-central1-b, us-central1-c in us-central1";
  itHolds({
    "a zone that does not": {
      refused: { "gcp:zone": "us-central1-f" },
      key: "location",
      value: "us-central1-f",
      rule: `must offer g2-standard-8, and the catalogue knows ${offered}`,
      fix: "another location or accelerator, or gpuZones if Google has added the zone since",
      concerns: ["accelerator", "gpuMachineType", "gpuZones", "gcp:region", "gcp:zone"],
      accepted: { "gcp:zone": "us-central1-c" },
    },
    "a region where none does": {
      refused: { location: "us-east5", accelerator: "nvidia-tesla-a100" },
      key: "location",
      value: "us-east5",
      rule:
        "must offer a2-highgpu-1g, and the catalogue knows none in us-east5; regions: asia-northeast1, asia-northeast3, " +
        "asia-southeast1, europe-west4, me-west1, us-central1, us-east1, us-west1, us-west3, us-west4",
      fix: "another location",
      accepted: { location: "us-east5", accelerator: "nvidia-a100-80gb" },
    },
    "a region where only a smaller machine of the accelerator is": {
      refused: { location: "us-east1", accelerator: "nvidia-tesla-a100", gpuMachineType: "a2-megagpu-16g" },
      key: "location",
      value: "us-east1",
      rule: "must offer a2-megagpu-16g, and the catalogue knows none in us-east1; regions: asia-southeast1, europe-west4, us-central1",
      fix: "another location",
      accepted: { location: "us-east1", accelerator: "nvidia-tesla-a100", gpuMachineType: "a2-highgpu-8g" },
    },
    "zones of another region": {
      refused: { gpuZones: '["us-central1-a","us-east1-b","us-central10-a"]' },
      key: "gpuZones",
      value: "us-east1-b, us-central10-a",
      rule: "must lie in the region of the location (us-central1)",
      fix: `zones that offer g2: ${offered}`,
      concerns: ["location", "gcp:region", "gcp:zone"],
      accepted: { gpuZones: '["us-central1-a","us-central1-b"]' },
    },
    "a zone that is named twice": {
      refused: { gpuZones: '["us-central1-a","us-central1-b","us-central1-a"]' },
      key: "gpuZones",
      value: "us-central1-a, us-central1-b, us-central1-a",
      rule: "must name each zone once",
      fix: "remove the repetition",
      accepted: { gpuZones: '["us-central1-a"]' },
    },
    "a region that nobody knows": {
      refused: { location: "mars-north1" },
      key: "location",
      value: "mars-north1",
      rule: "the catalogue knows none in mars-north1; regions: asia-east1, ",
      fix: "another location or accelerator, or gpuZones if Google has added the zone since",
      accepted: { location: "mars-north1", gpuZones: '["mars-north1-a"]' },
    },
  });

  it("and the plan names them", () => {
    const { checks } = accepted({ location: "us-west4" }).verdict;
    assert.equal(checks.find(({ name }) => name === "Zones")?.figures, "us-west4-a, us-west4-c for g2-standard-8");
  });

  it("which gpuZones overrides, with a warning", () => {
    const set = { "gcp:zone": "us-central1-f", gpuZones: '["us-central1-a","us-central1-f","us-central1-x"]' };
    assert.deepEqual(accepted(set).config.gpuPool.zones, ["us-central1-a", "us-central1-f", "us-central1-x"]);
    assert.deepEqual(warningsWith("does not know", set), [
      `The catalogue does not know that us-central1-f, us-central1-x offers g2-standard-8 (it knows ${offered}): creation fails if it does not.`,
    ]);
    assert.deepEqual(warningsWith("does not know", { gpuZones: '["us-central1-a"]' }), []);
  });

  it("of which a zone of another region is not said to be unknown as well", () => {
    assert.doesNotMatch(parse({ gpuZones: '["us-east1-b"]' }).verdict.warnings.join("\n"), /does not know/);
  });
});
