import assert from "node:assert/strict";
import type { KubernetesObject } from "@kubernetes/client-node";
import { endRun, temporaryFolder } from "../rig/run";
import { until } from "../rig/wait";
import { type Cluster, startCluster } from "./cluster";
import { Inventory } from "./inventory";
import { objectOf, type Settings, stackObjects } from "./stackObjects";

const VARIANTS: readonly Settings[] = [
  { metricStrategy: "queue-size" },
  { metricStrategy: "batch-size" },
  { metricStrategy: "gke-duty-cycle" },
  { metricStrategy: "dcgm-gpu-util" },
  { metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" },
  {
    namespace: "llm",
    modelId: "google/gemma-2-9b-it",
    extraMetrics: [{ strategy: "gke-duty-cycle", target: 70 }],
    scaleBehavior: { scaleUp: { tolerance: 0.05 }, scaleDown: { stabilizationWindowSeconds: 60 } },
  },
];

const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata?.namespace ?? ""}/${metadata?.name}`;

describe("the API server", () => {
  let cluster: Cluster;
  let inventory: Inventory;
  let untouched: ReadonlySet<string>;
  before(async () => {
    cluster = await startCluster(await stackObjects(), temporaryFolder());
    inventory = await Inventory.of(cluster.api);
    // The API server takes a moment for the storage of a new kind.
    const list = async () => new Set(await inventory.names());
    untouched = await until("every collection to be listed", list, { seconds: 20 });
  });
  after(endRun);

  for (const settings of VARIANTS) {
    it(`accepts every object of ${JSON.stringify(settings)}, and keeps none that is deleted`, async () => {
      const { objects } = await stackObjects(settings);
      assert.ok(objects.length >= 19, `only ${objects.length} objects`);
      for (const object of objects) assert.deepEqual(await cluster.apply(object), [], nameOf(object));
      for (const object of [...objects].reverse()) await cluster.api.delete(object);
      await until(
        "everything to be gone that came with it",
        async () => {
          const left = (await inventory.names()).filter((name) => !untouched.has(name));
          return left.length === 0 ? {} : left.join(", ");
        },
        { seconds: 60, everyMs: 200 },
      );
    });
  }

  it("refuses a field that there is not, by its name", async () => {
    const stack = await stackObjects();
    const hpa = objectOf(stack, "HorizontalPodAutoscaler");
    const misspelt = { ...hpa, spec: { ...hpa.spec, maxReplica: 5 } };
    await assert.rejects(cluster.api.apply(misspelt), /\.spec\.maxReplica: field not declared in schema/);
    const monitoring = objectOf(stack, "PodMonitoring");
    const wrong = { ...monitoring, spec: { ...monitoring.spec, selektor: {} } };
    await assert.rejects(cluster.api.apply(wrong), /\.spec\.selektor: field not declared in schema/);
  });
});
