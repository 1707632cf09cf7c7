import assert from "node:assert/strict";
import { diffGraphs, type GraphDiff } from "../../tools/plan/diff";
import { captureStack, type Settings } from "../support/stack";

async function diff(before: Settings, after: Settings): Promise<GraphDiff> {
  const mode = "preview" as const;
  return diffGraphs(await captureStack(before, { mode }), await captureStack(after, { mode }));
}

const summary = ({ changes }: GraphDiff) => changes.map(({ name, change }) => `${change} ${name}`);

/** Alerts that wait for as long as a server may take to start. */
const WAITING_FOR_A_START = ["update alerts-replicas-not-ready", "update alerts-gpu-idle"];

/** Edits of daily life and what they do: [settings, changes, pods restart, pool replaced, cluster replaced]. */
const EDITS: readonly (readonly [Settings, readonly string[], boolean, boolean, boolean])[] = [
  [{}, [], false, false, false],
  [
    { metricStrategy: "batch-size" },
    ["update autoscaler-hpa", "update dashboard-monitoring", "update alerts-scaling-signal-missing"],
    false,
    false,
    false,
  ],
  [{ metricTarget: 7 }, ["update autoscaler-hpa", "update dashboard-monitoring"], false, false, false],
  [{ dashboard: false }, ["delete dashboard-monitoring"], false, false, false],
  [{ serverReadyTimeoutMinutes: 40 }, ["update server-deployment", ...WAITING_FOR_A_START], true, false, false],
  [{ minReplicas: 2 }, ["update autoscaler-hpa"], false, false, false],
  [{ maxReplicas: 8 }, ["update pool-gpu", "update autoscaler-hpa"], false, false, false],
  [{ huggingFaceToken: "hf_new" }, ["update server-token", "update server-deployment"], true, false, false],
  [{ maxInputTokens: 2000 }, ["update server-deployment"], true, false, false],
  [{ gpuDiskGb: 200 }, ["update pool-gpu"], true, false, false],
  [{ gpuMachineType: "g2-standard-12" }, ["update pool-gpu"], true, false, false],
  [{ spot: true }, ["replace pool-gpu"], true, true, false],
  [{ gpuDriverVersion: "DEFAULT" }, ["replace pool-gpu"], true, true, false],
  [{ deletionProtection: false }, ["update cluster-gke"], false, false, false],
  [{ releaseChannel: "RAPID" }, ["update cluster-gke"], false, false, false],
  [
    { privateNodes: false },
    ["update cluster-gke", "update cluster-system", "update pool-gpu", "delete network-router", "delete network-nat"],
    true,
    false,
    false,
  ],
  [{ gpuZones: ["us-central1-a", "us-central1-b"] }, ["update pool-gpu"], true, false, false],
  [
    { dcgmExporter: "self-managed" },
    [
      "update cluster-gke",
      "update dashboard-monitoring",
      "create dcgm-counters",
      "create dcgm-daemonset",
      "create dcgm-podmonitoring",
    ],
    false,
    false,
    false,
  ],
];

/** What stands or falls with the cluster. */
const WITH_CLUSTER = ["cluster-gke", "cluster-system", "cluster-kubernetes", "pool-gpu"];

describe("the difference between two configurations", () => {
  for (const [settings, changes, podsRestart, poolReplaced, clusterReplaced] of EDITS) {
    it(`by ${JSON.stringify(settings)} is ${changes.join(", ") || "nothing"}`, async () => {
      const result = await diff({}, settings);
      assert.deepEqual(summary(result).sort(), [...changes].sort());
      assert.deepEqual(
        [result.podsRestart, result.poolReplaced, result.clusterReplaced],
        [podsRestart, poolReplaced, clusterReplaced],
      );
    });
  }

  it("says that a cluster is replaced, and that protection refuses it", async () => {
    const result = await diff({}, { location: "us-central1-a" });
    assert.equal(result.clusterReplaced, true);
    const cluster = result.changes.find(({ name }) => name === "cluster-gke");
    assert.match(
      cluster?.consequences.join("\n") ?? "",
      /everything in it is deleted[\s\S]*refused while the cluster is protected/,
    );
  });

  for (const [settings, others] of [
    [{ location: "us-central1-a" }, []],
    [{ clusterName: "other" }, ["nodes-account", "nodes-grant"]],
    [{ "gcp:region": "us-east4" }, ["network-subnet", "network-router", "network-nat"]],
    [{ network: "vpc", subnetwork: "sub", podsRange: "pods2", servicesRange: "services" }, []],
  ] as const) {
    it(`by ${JSON.stringify(settings)} replaces the cluster and all that is made from it`, async () => {
      const result = await diff({}, settings);
      const replaced = result.changes.filter(({ change }) => change === "replace").map(({ name }) => name);
      assert.deepEqual([...replaced].sort(), [...WITH_CLUSTER, ...others].sort());
      assert.deepEqual([result.podsRestart, result.poolReplaced, result.clusterReplaced], [true, true, true]);
    });
  }

  it("replaces everything of Google's when the project changes", async () => {
    const { changes } = await diff({}, { "gcp:project": "another-project" });
    const kept = changes.filter(({ change }) => change !== "replace").map(({ name }) => name);
    assert.deepEqual(kept, []);
    assert.ok(changes.length >= 15, String(changes.length));
  });

  it("does not take a lookup that waits for APIs for a change of what it finds", async () => {
    const { changes } = await diff({}, { enableApis: "false" });
    const kinds = new Set(changes.map(({ change, kind }) => `${change} ${kind}`));
    assert.deepEqual([...kinds], ["delete Service"]);
  });

  it("says what is only the temporary first pool's, and what a zone takes along", async () => {
    const said = async (settings: Settings, name: string) =>
      (await diff({}, settings)).changes.find((it) => it.name === name)?.consequences.join("\n") ?? "";
    assert.match(await said({ systemMachineType: "e2-standard-4" }, "cluster-gke"), /temporary first pool/);
    assert.match(await said({ gpuZones: ["us-central1-a"] }, "pool-gpu"), /nodes in the zones that leave are deleted/);
  });

  it("never shows a secret", async () => {
    const result = await diff({ huggingFaceToken: "hf_before" }, { huggingFaceToken: "hf_after" });
    assert.ok(!JSON.stringify(result).includes("hf_"), JSON.stringify(result));
    assert.match(JSON.stringify(result), /\[secret\]/);
  });

  it("looks into a document that is a string", async () => {
    const result = await diff({}, { metricTarget: 7 });
    const dashboard = result.changes.find(({ name }) => name === "dashboard-monitoring");
    const thresholds = "dashboardJson.mosaicLayout.tiles[3].widget.xyChart.thresholds";
    assert.deepEqual(
      dashboard?.fields.map(({ path, before, after, effect }) => [path, before, after, effect]),
      [
        [`${thresholds}[0].label`, '"scales up above 0.55"', '"scales up above 7.7"', "update"],
        [`${thresholds}[0].value`, "0.55", "7.7", "update"],
        [`${thresholds}[1].label`, '"target 0.5"', '"target 7"', "update"],
        [`${thresholds}[1].value`, "0.5", "7", "update"],
        [`${thresholds}[2].label`, '"scales down below 0.45"', '"scales down below 6.3"', "update"],
        [`${thresholds}[2].value`, "0.45", "6.3", "update"],
      ],
    );
  });

  it("takes the items of named lists by name", async () => {
    const result = await diff({}, { maxConcurrentRequests: 100 });
    const deployment = result.changes.find(({ name }) => name === "server-deployment");
    assert.deepEqual(
      deployment?.fields.map(({ path, before, after, effect }) => [path, before, after, effect]),
      [
        [
          "spec.template.spec.containers[inference-server].env[MAX_CONCURRENT_REQUESTS].value",
          '"345"',
          '"100"',
          "update",
        ],
      ],
    );
  });

  it("knows every property that an edit of daily life changes", async () => {
    for (const [settings] of EDITS) {
      const { changes } = await diff({}, settings);
      assert.ok(changes.every((change) => change.fields.every((field) => field.effect !== "unknown")));
    }
  });
});
