import assert from "node:assert/strict";
import { isKubernetesType } from "../../catalog/edits";
import { type LoadedStack, loadStack } from "../../tools/plan/load";
import { planStack } from "../../tools/plan/plan";
import { assertFailed, assertWell, changedSteps, changes } from "./changes";
import { EDITS, EXISTING_CLUSTER_EDITS, expected, ON_EXISTING_CLUSTER } from "./editTable";
import { Project } from "./project";
import type { Edits, EngineStack, Outcome } from "./stack";

/** The plan's view of the stack file as it is now. */
function loaded(stack: EngineStack, token?: string): LoadedStack {
  const overrides = token === undefined ? [] : [{ key: "huggingFaceToken", value: token }];
  return loadStack({ directory: stack.project.directory, stack: stack.name, overrides });
}

/** What the plan says changes; what it lists to say that nothing happens is left out. */
async function planned(before: LoadedStack, after: LoadedStack): Promise<readonly string[]> {
  const { diff } = await planStack(after, before);
  return (diff?.changes ?? [])
    .filter(({ change }) => change !== "none")
    .map(({ change, name }) => `${change} ${name}`)
    .sort();
}

/** Objects in a cluster that is replaced go with it, and the plan does not list them again. */
function asPlanned(outcome: Outcome): readonly string[] {
  const steps = changedSteps(outcome);
  if (!steps.some(({ op, name }) => op === "replace" && name === "cluster-gke")) return changes(outcome);
  return changes({ ...outcome, steps: steps.filter(({ type }) => !isKubernetesType(type)) });
}

/** A second stack in the cluster of the first, with a pool and servers of its own. */
describe("edits of a stack on an existing cluster, on the real engine", () => {
  let project: Project;
  let stack: EngineStack;
  let base: LoadedStack;
  before(async () => {
    project = await Project.create();
    assertWell(await (await project.stack("dev")).up());
    stack = await project.stack("prod");
    stack.edit(ON_EXISTING_CLUSTER);
    base = loaded(stack);
    assertWell(await stack.up());
  });
  after(() => project.remove());

  for (const row of EXISTING_CLUSTER_EDITS) {
    it(`${JSON.stringify(row.edits)}: what is written down, and what the plan says`, async () => {
      stack.edit({ ...ON_EXISTING_CLUSTER, ...row.edits });
      const outcome = await stack.preview();
      assertWell(outcome);
      assert.deepEqual(asPlanned(outcome), expected(row));
      assert.deepEqual(asPlanned(outcome), await planned(base, loaded(stack)));
    });
  }

  it("is destroyed, and leaves the cluster to the stack that made it", async () => {
    stack.edit(ON_EXISTING_CLUSTER);
    const outcome = await stack.destroy();
    assertWell(outcome);
    const left = project.cloud.all().filter(({ type }) => type === "gcp:container/cluster:Cluster");
    assert.equal(left.length, 1);
  });
});

describe("edits of the config on the real engine", () => {
  let project: Project;
  let stack: EngineStack;
  let base: LoadedStack;
  before(async () => {
    project = await Project.create();
    stack = await project.stack("dev");
    base = loaded(stack);
    const outcome = await stack.up();
    assertWell(outcome);
  });
  after(() => project.remove());

  for (const row of EDITS) {
    it(`${JSON.stringify(row.edits)}: what is written down, and what the plan says`, async () => {
      stack.edit(row.edits);
      const outcome = await stack.preview();
      assertWell(outcome);
      assert.deepEqual(asPlanned(outcome), expected(row));
      assert.deepEqual(asPlanned(outcome), await planned(base, loaded(stack)));
    });
  }

  it("an edit that the stack file refuses touches nothing, and says how to mend it", async () => {
    stack.edit({ minReplicas: 9, gpuMaxNodes: 2 });
    const outcome = await stack.up();
    assertFailed(outcome);
    assert.deepEqual(changes(outcome), []);
    assert.match(outcome.output, /Stack "dev" has \d problems? in its configuration:\n.*minReplicas .*Fix: /s);
    assert.ok(!outcome.output.includes("    at "), "a problem is no reason for a stack trace");
  });

  /** One after another, carried out: [edits, changes by hand]. */
  const walk: readonly (readonly [Edits, readonly string[]])[] = [
    [
      { metricStrategy: "dcgm-gpu-util" },
      ["update alerts-scaling-signal-missing", "update autoscaler-hpa", "update dashboard-monitoring"],
    ],
    [{ metricStrategy: "dcgm-gpu-util", spot: true }, ["replace pool-gpu"]],
    [{ metricStrategy: "dcgm-gpu-util", spot: true, dashboard: false }, ["delete dashboard-monitoring"]],
  ];
  for (const [edits, byHand] of walk) {
    it(`${JSON.stringify(edits)} is carried out as it was previewed`, async () => {
      const before = project.cloud.all();
      stack.edit(edits);
      const outcome = await stack.up();
      assertWell(outcome);
      assert.deepEqual(changes(outcome), byHand);
      const gone = before.length - project.cloud.all().length;
      assert.equal(gone, byHand.filter((it) => it.startsWith("delete")).length);
    });
  }

  it("replaces the GPU pool by one that stands before the old one goes", () => {
    const pools = project.journal().filter(({ name }) => name === "pool-gpu");
    assert.deepEqual(
      pools.map(({ operation }) => operation),
      ["create", "create", "delete"],
    );
  });

  it("a new token reaches the pods, in place", async () => {
    const before = loaded(stack, "hf_before");
    await stack.setSecret("huggingFaceToken", "hf_theNextToken");
    const outcome = await stack.up();
    assertWell(outcome);
    assert.deepEqual(changes(outcome), ["update server-deployment", "update server-token"]);
    assert.deepEqual(changes(outcome), await planned(before, loaded(stack, "hf_after")));
    const outcomeAgain = await stack.up();
    assert.deepEqual(changes(outcomeAgain), []);
  });
});
