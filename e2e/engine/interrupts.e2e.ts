import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { CLUSTER_TYPE, removeCluster } from "../../standins/provider/cloud";
import { nameOfUrn } from "../../standins/provider/wire";
import { until } from "../rig/wait";
import { assertFailed, assertWell } from "./changes";
import { noneRuns } from "./commands";
import { Project } from "./project";
import type { EngineStack, Outcome } from "./stack";
import { assertFinished } from "./whole";

/** The cluster takes seconds: long enough to be interrupted, short enough to be waited for. */
const MS_PER_MINUTE = 500;
/** More resources than what the cluster waits for: alerts, NAT and the like are made as well. */
const AROUND_CLUSTER = 30;
const PATIENCE = { seconds: 60 };

describe("an update that is interrupted while the cluster is made", () => {
  let project: Project;
  let stack: EngineStack;
  beforeEach(async () => {
    project = await Project.create({ standIns: { msPerMinute: MS_PER_MINUTE } });
    stack = await project.stack("dev");
  });
  afterEach(() => project.remove());

  /**
   * Nothing else is, and everything else is in the state: of what has no name of its own, a second one would be made
   * after a crash.
   */
  const isMakingCluster = () => {
    const { resources, pendingOperations } = stack.state();
    const pending = pendingOperations.map(({ resource }) => nameOfUrn(resource.urn));
    const kept = new Set(resources.map(({ urn }) => urn));
    const lost = project.journal().filter(({ urn, name }) => name !== "cluster-gke" && !kept.has(urn));
    const alone = pending.join() === "cluster-gke" && lost.length === 0 && kept.size > AROUND_CLUSTER;
    return alone ? pending : `${pending.join(", ") || "nothing"} in the making`;
  };

  async function interrupted(how: (pid: number) => void): Promise<Outcome> {
    const running = stack.up();
    await until("the cluster alone to be in the making", isMakingCluster, PATIENCE);
    how(project.commands.pid());
    return running;
  }

  it("by Ctrl-C finishes what it has begun, and is taken up by the next one", async () => {
    const outcome = await interrupted((pid) => process.kill(pid, "SIGINT"));
    assertFailed(outcome);
    const { resources, pendingOperations } = stack.state();
    assert.deepEqual(pendingOperations, []);
    assert.ok(resources.some(({ urn }) => urn.endsWith("::cluster-gke")));
    project.setStandIns({});
    await assertFinished(stack);
  });

  it("by a crash leaves a lock and an unfinished create, and no stand-in behind", async () => {
    const outcome = await interrupted((pid) => process.kill(pid, "SIGKILL"));
    assertFailed(outcome);
    project.setStandIns({});
    await until("the stand-ins to end with their engine", () => noneRuns(project.folder), PATIENCE);

    // The state is replaced whole, and what is noted beside it is not: the engine may have died in between.
    const notes = `${stack.stateFile}.attrs`;
    writeFileSync(notes, "");
    const torn = await stack.up();
    assertFailed(torn);
    assert.match(torn.output + torn.error?.message, /failed to load checkpoint: EOF/);
    rmSync(notes);

    const locked = await stack.up();
    assertFailed(locked);
    assert.match(locked.output + locked.error?.message, /currently locked by 1 lock/);

    await stack.cancel();
    const { pendingOperations } = stack.state();
    const pending = pendingOperations.find(({ resource }) => resource.urn.endsWith("::cluster-gke"));
    assert.equal(pending?.type, "creating");

    const refreshed = await stack.refresh({ clearPendingCreates: true });
    assertWell(refreshed);
    assert.deepEqual(stack.state().pendingOperations, []);

    // Google went on without us: a cluster that only the state has forgotten is refused, not doubled.
    const refused = await stack.up();
    assertFailed(refused);
    assert.match(refused.output, /clusters\/llm-dev already exists/);
    const clusters = project.cloud.all().filter(({ type }) => type === CLUSTER_TYPE);
    assert.equal(clusters.length, 1);
    // `gcloud container clusters delete`: the message says which.
    for (const cluster of clusters) removeCluster(project.cloud, cluster);
    await assertFinished(stack);
  });
});
