import assert from "node:assert/strict";
import type { JsonValue } from "@bufbuild/protobuf";
import { METRIC_STRATEGIES } from "../autoscaling/metricStrategy";
import { ACCELERATOR_NAMES } from "../catalog/accelerators";
import { isKubernetesType } from "../catalog/edits";
import { MODELS } from "../catalog/models";
import type { CapturedGraph, CapturedResource } from "../tools/plan/capture";
import { plain } from "../tools/plan/manifests";
import { ALERT_POLICY, DASHBOARD, validateGoogleMessage } from "./support/googleMessages";
import { validateKubernetesObject } from "./support/kubernetesSchema";
import { captureStack, find, reveal, type Settings, TOKEN } from "./support/stack";

/** One model of each shape: the others differ in their name alone. */
const SHAPES = [...MODELS.keys()].filter((id) => /(gemma-2b-it|gemma-7b-it|2-2b-it|2-9b-it|2-27b-it)$/.test(id));

const VARIANTS: readonly (readonly [string, Settings])[] = [
  ...METRIC_STRATEGIES.flatMap((metricStrategy) =>
    ACCELERATOR_NAMES.flatMap((accelerator) =>
      SHAPES.map((modelId): readonly [string, Settings] => [
        `${metricStrategy}, ${accelerator}, ${modelId}`,
        { metricStrategy, accelerator, modelId },
      ]),
    ),
  ),
  ["self-managed DCGM", { metricStrategy: "dcgm-gpu-util", dcgmExporter: "self-managed" }],
  ["a namespace of its own", { namespace: "llm", extraMetrics: [{ strategy: "batch-size", target: 20 }] }],
  ["a behavior", { scaleBehavior: { scaleDown: { stabilizationWindowSeconds: 60, tolerance: 0.05 } } }],
  ["an existing cluster", { cluster: "existing", clusterName: "theirs" }],
  [
    "an existing network",
    { network: "vpc", subnetwork: "sub", podsRange: "pods", servicesRange: "services", networkProject: "host-project" },
  ],
  ["public nodes, Spot, a zone", { privateNodes: false, spot: true, location: "us-central1-a", enableApis: false }],
  [
    "a reservation, an account",
    { reservation: "gpus", nodeServiceAccount: "n0des1@demo-project.iam.gserviceaccount.com" },
  ],
  ["somebody else's adapter", { metricsAdapter: "existing", huggingFaceSecret: "theirs", huggingFaceToken: undefined }],
];

function customs(graph: CapturedGraph): readonly CapturedResource[] {
  return graph.resources.filter((resource) => resource.custom);
}

/** What must hold for every resource of every stack. */
const INVARIANTS: Readonly<
  Record<string, (resource: CapturedResource, graph: CapturedGraph, settings: Settings) => void>
> = {
  "belongs to a component and is named after it": (resource, graph) => {
    const parent = graph.resources.find((candidate) => candidate.urn === resource.parent);
    assert.match(parent?.type ?? "", /^gke-llm-autoscaling:index:\w+$/);
    assert.ok(resource.name.startsWith(`${parent?.name}-`), `${resource.name} is a child of ${parent?.name}`);
  },
  "reaches the cluster through the stack's own provider": (resource, graph) => {
    if (!isKubernetesType(resource.type)) return;
    assert.equal(resource.provider.split("::").slice(0, -1).join("::"), find(graph, "cluster-kubernetes").urn);
  },
  "goes with the cluster that we made": (resource, graph, settings) => {
    const ours = settings.cluster !== "existing" && isKubernetesType(resource.type);
    assert.equal(resource.deletedWith, ours ? find(graph, "cluster-gke").urn : "");
  },
  "is a valid Kubernetes object": (resource) => {
    if (isKubernetesType(resource.type)) assert.deepEqual(validateKubernetesObject(plain(resource.inputs)), []);
  },
  "is what Google's own definition accepts": ({ type, inputs }) => {
    if (!type.startsWith("gcp:monitoring/")) return;
    const { project, dashboardJson, ...message } = reveal(inputs) as Readonly<Record<string, JsonValue>>;
    assert.equal(project, "demo-project");
    if (dashboardJson === undefined) {
      assert.deepEqual(validateGoogleMessage(ALERT_POLICY, message), []);
    } else {
      assert.deepEqual(validateGoogleMessage(DASHBOARD, JSON.parse(String(dashboardJson))), []);
    }
  },
  "does not show the token": (resource) => {
    assert.ok(!JSON.stringify(plain(resource.inputs)).includes(TOKEN));
  },
  "has no value that is not known after creation": (resource) => {
    assert.ok(
      !JSON.stringify(plain(resource.inputs)).includes("known after creation"),
      JSON.stringify(plain(resource.inputs)),
    );
  },
};

describe("every resource of every stack", () => {
  for (const [name, settings] of VARIANTS) {
    it(`holds to every invariant: ${name}`, async () => {
      const graph = await captureStack(settings);
      const resources = customs(graph);
      assert.ok(resources.length > 15, `only ${resources.length} resources`);
      for (const [invariant, holds] of Object.entries(INVARIANTS)) {
        for (const resource of resources) {
          try {
            holds(resource, graph, settings);
          } catch (error) {
            assert.fail(`${resource.name} breaks "${invariant}": ${error instanceof Error ? error.message : error}`);
          }
        }
      }
      assert.equal(resources.filter((it) => it.type.endsWith(":HorizontalPodAutoscaler")).length, 1);
      const scraping = resources.filter(
        (it) => it.type.endsWith(":PodMonitoring") && JSON.stringify(plain(it.inputs)).includes("gemma-server"),
      );
      assert.equal(scraping.length, 1);
    });
  }

  it("is registered by a preview as it is by an update", async () => {
    for (const settings of [{}, { dcgmExporter: "self-managed", metricStrategy: "dcgm-gpu-util", namespace: "llm" }]) {
      const keys = async (mode: "preview" | "up") =>
        (await captureStack(settings, { mode })).resources.map((it) => `${it.type} ${it.name}`).sort();
      assert.deepEqual(await keys("preview"), await keys("up"));
    }
  });
});
