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

/** All that there is, once controllers have put into every namespace what belongs there: they come to it in their time. */
async function bootstrapped(inventory: Inventory): Promise<ReadonlySet<string> | string> {
  const names = new Set(await inventory.names());
  const namespaces = [...names].flatMap((name) => /^\/api\/v1\/namespaces \/(.*)$/.exec(name)?.[1] ?? []);
  const missing = namespaces
    .flatMap((namespace) => [
      `/api/v1/serviceaccounts ${namespace}/default`,
      `/api/v1/configmaps ${namespace}/kube-root-ca.crt`,
    ])
    .filter((name) => !names.has(name));
  return namespaces.length > 0 && missing.length === 0 ? names : `without ${missing.join(", ")}`;
}

describe("the API server", () => {
  let cluster: Cluster;
  let inventory: Inventory;
  let untouched: ReadonlySet<string>;
  before(async () => {
    cluster = await startCluster(await stackObjects(), temporaryFolder());
    inventory = await Inventory.of(cluster.api);
    untouched = await until("namespaces with what is in each of them", () => bootstrapped(inventory), { seconds: 20 });
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
