import assert from "node:assert/strict";
import { CLUSTER_TYPE, removeCluster } from "../../standins/provider/cloud";
import type { Fault } from "../../standins/provider/settings";
import { assertFailed, assertWell, changes, complaint } from "./changes";
import { Project } from "./project";
import type { EngineStack } from "./stack";
import { assertFinished } from "./whole";

describe("creates that fail on the real engine", () => {
  let project: Project;
  let stack: EngineStack;
  beforeEach(async () => {
    project = await Project.create();
    stack = await project.stack("dev");
  });
  afterEach(() => project.remove());

  const strike = (...faults: readonly Fault[]) => project.setStandIns({ faults });

  it("that were refused are tried again by the next update, and nothing is doubled", async () => {
    strike({ operation: "create", name: "network-nat", how: "refused", times: 1 });
    const outcome = await stack.up();
    assertFailed(outcome);
    assert.match(outcome.output, /network-nat was refused, as the test wanted/);
    await assertFinished(stack);
  });

  it("that stopped half-way are finished by the next update, in place", async () => {
    strike(
      { operation: "create", name: "pool-gpu", how: "half-way", times: 1 },
      { operation: "create", name: "adapter-deployment", how: "half-way", times: 1 },
    );
    // The engine begins nothing more after a failure: each takes an update of its own.
    for (const name of ["pool-gpu", "adapter-deployment"]) {
      const outcome = await stack.up();
      assertFailed(outcome);
      assert.ok(outcome.output.includes(`${name} exists and failed`), complaint(outcome));
    }
    await assertFinished(stack);
    const operations = (name: string) =>
      project
        .journal()
        .filter((entry) => entry.name === name)
        .map(({ operation }) => operation);
    assert.deepEqual(operations("pool-gpu"), ["create", "update"]);
    assert.deepEqual(operations("adapter-deployment"), ["create", "update"]);
  });

  it("of a server that never gets ready end by its own clock, and the rest of the stack stands", async () => {
    // While the server's time runs out, the engine makes the rest: on a crowded machine that takes seconds.
    const msPerMinute = 300;
    project.setStandIns({
      msPerMinute,
      faults: [{ operation: "create", name: "server-deployment", how: "never-ready", times: 1 }],
    });
    const outcome = await stack.up();
    assertFailed(outcome);
    // The default 30 minutes of `serverReadyTimeoutMinutes`, with node and image before and a margin behind.
    const minutes = Number(/server-deployment: timed out after (\d+) minutes/.exec(outcome.output)?.[1]);
    assert.ok(minutes > 30 && minutes <= 60, `${minutes} minutes`);
    const made = project.cloud.all().map(({ id }) => id);
    assert.ok(made.includes("default/gemma-hpa"), "the server is scaled as soon as it serves");
    project.setStandIns({});
    await assertFinished(stack);
  });
});

describe("a stack that was made, on the real engine", () => {
  let project: Project;
  let stack: EngineStack;
  before(async () => {
    project = await Project.create();
    stack = await project.stack("dev");
    await assertFinished(stack);
  });
  after(() => project.remove());

  it("says so when the passphrase is wrong, and touches nothing", async () => {
    const other = await project.reopen("dev", { PULUMI_CONFIG_PASSPHRASE: "another" });
    const outcome = await other.up();
    assertFailed(outcome);
    assert.match(outcome.output + outcome.error?.message, /incorrect passphrase/);
    assert.deepEqual(outcome.steps, []);
  });

  const inCluster = () => project.cloud.all().filter(({ cluster }) => cluster !== "");
  const remembered = () => stack.state().resources.filter(({ type }) => type.startsWith("kubernetes:"));
  const refuseDeleteOf = (...names: readonly string[]) =>
    project.setStandIns({ faults: names.map((name) => ({ operation: "delete", name, how: "refused", times: 1 })) });

  it("whose cluster stays has forgotten the objects in it, and takes them back when it is told to", async () => {
    const objects = inCluster();
    refuseDeleteOf("cluster-gke");
    const outcome = await stack.destroy();
    assertFailed(outcome);
    assert.match(outcome.output, /cluster-gke stays, as the test wanted/);
    assert.ok(stack.state().resources.some(({ urn }) => urn.endsWith("::cluster-gke")));
    assert.deepEqual(remembered(), [], "they would have gone with the cluster");
    assert.deepEqual(inCluster(), objects);
    assert.ok(objects.length > 0);

    const refused = await stack.up();
    assertFailed(refused);
    // Which one comes first is the engine's.
    const met = objects.filter(({ id }) => refused.output.includes(`${id} already exists`));
    assert.ok(met.length > 0, complaint(refused));
    assert.deepEqual(inCluster(), objects);

    // The README's way out.
    const taking = await project.reopen("dev", { PULUMI_K8S_UPSERT_EXISTING_OBJECTS: "true" });
    await assertFinished(taking);
    assert.deepEqual(inCluster(), objects);
    assert.equal(remembered().length, objects.length);
  });

  it("whose delete fails keeps what is left, and is destroyed by the next attempt", async () => {
    refuseDeleteOf("cluster-gke", "network-vpc");
    // The engine begins nothing more after a failure: each takes an attempt of its own.
    for (const name of ["cluster-gke", "network-vpc"]) {
      const remaining = project.cloud.all().length;
      const outcome = await stack.destroy();
      assertFailed(outcome);
      assert.ok(outcome.output.includes(`${name} stays`), complaint(outcome));
      assert.ok(stack.state().resources.some(({ urn }) => urn.endsWith(`::${name}`)));
      assert.ok(project.cloud.all().length < remaining);
    }
    const again = await stack.destroy();
    assertWell(again);
    assert.deepEqual(stack.state().resources, []);
    assert.deepEqual(inCluster(), []);
  });

  it("whose cluster was deleted behind its back is made whole by a refresh and an update", async () => {
    await assertFinished(stack);
    const cluster = project.cloud.all().find(({ type }) => type === CLUSTER_TYPE) ?? assert.fail("there is no cluster");
    removeCluster(project.cloud, cluster);
    const blind = await stack.refresh();
    assertFailed(blind);
    assert.match(blind.output, /cluster is unreachable/);
    const knowing = await project.reopen("dev", { PULUMI_K8S_DELETE_UNREACHABLE: "true" });
    const refreshed = await knowing.refresh();
    assertWell(refreshed);
    const { resources } = stack.state();
    assert.deepEqual(
      resources.filter(({ type }) => type.startsWith("kubernetes:") || type === CLUSTER_TYPE),
      [],
    );
    const outcome = await stack.up();
    assertWell(outcome);
    assert.ok(changes(outcome).includes("create cluster-gke"));
    await assertFinished(stack);
  });
});
