import assert from "node:assert/strict";
import { CoreV1Api, type KubernetesObject } from "@kubernetes/client-node";
import { endRun } from "../rig/run";
import type { PlayedStack } from "./playedStack";
import { rollOut, serversOf } from "./rollout";
import { objectOf, stackObjects, withPoolOf } from "./stackObjects";
import {
  itInShortenedWindows,
  LOAD_OF_FOUR,
  STEADY_LOAD,
  STEADY_SETTINGS,
  steadyAfterEach,
  steadyStack,
} from "./steady";

const HPA = "HorizontalPodAutoscaler";
/** So far from four servers that a share of it which is counted twice for a while does not pass for a fourth. */
const LOAD_APART = { ...STEADY_LOAD, queue: 23 };
const THREE = { least: 3, most: 3, syncs: 4 };

/** On a cluster of its own: it waits for a minute. */
describe("the stack survives the loss of a node", () => {
  let stack: PlayedStack;
  before(async () => {
    stack = await steadyStack();
  });
  after(endRun);

  itInShortenedWindows(
    "a node that is lost: its server is missing, not multiplied, until it comes back elsewhere",
    async () => {
      stack.fleet.load = LOAD_APART;
      await stack.settles(3, 60);
      const [lost] = stack.pods();
      await stack.cluster.loseNode(lost?.spec?.nodeName ?? assert.fail("no server has a node"));
      // Until five minutes after its last sample, the share of the lost server counts beside the others', which took it over.
      await stack.staysWithin(
        THREE,
        "an average over the two servers that are left of three",
        () => {
          const average = stack.reading().value;
          const isThere = serversOf(stack).includes(lost?.metadata?.uid);
          assert.ok(isThere, `its pod is gone before the HPA did without its sample; it reads ${average}`);
          return average === "11500m" ? {} : `${average} over ${stack.fleet.running.length} servers`;
        },
        { seconds: 40, unless: (error) => error instanceof assert.AssertionError },
      );
      await stack.staysWithin(
        THREE,
        "the lost server to be replaced",
        () => {
          const left = serversOf(stack);
          return !left.includes(lost?.metadata?.uid) && left.length === 3 ? {} : `${left.length} servers`;
        },
        // The controllers quarantine orphaned pods for 40 s, and look for them every 20 s.
        { seconds: 150 },
      );
      await stack.settles(3, 60);
    },
  );
});

/**
 * One cluster for all of them: each leaves it at three replicas under the same load. There is no GPU for a fifth node,
 * as when a zone has run out of them.
 */
describe("the stack survives what befalls its cluster", () => {
  const NODES = 4;
  let stack: PlayedStack;
  before(async () => {
    stack = await steadyStack(withPoolOf(NODES, await stackObjects(STEADY_SETTINGS)));
  });
  steadyAfterEach(() => stack);
  after(endRun);

  it("a server that never gets its model loaded: one is missing, and the rest is not multiplied for it", async () => {
    stack.fleet.loadsModels = false;
    stack.fleet.load = LOAD_OF_FOUR;
    const unready = await stack.until(
      "a fourth server that runs and is not ready",
      () =>
        stack
          .pods()
          .find(
            ({ status }) =>
              status?.phase === "Running" &&
              status.conditions?.some((it) => it.type === "Ready" && it.status !== "True"),
          ),
      { seconds: 60 },
    );
    await stack.holds(4, 12);
    stack.fleet.loadsModels = true;
    const core = stack.cluster.controlPlane.kubeConfig.makeApiClient(CoreV1Api);
    const { name = "", namespace = "" } = unready.metadata ?? {};
    await core.deleteNamespacedPod({ name, namespace });
    await stack.settles(4, 60);
    stack.fleet.load = STEADY_LOAD;
    await stack.settles(3, 60);
  });

  it("a rollout under load: old and new servers are not counted twice", async () => {
    stack.fleet.load = LOAD_APART;
    await stack.settles(3, 60);
    await rollOut(stack, THREE);
    stack.fleet.load = STEADY_LOAD;
    await stack.settles(3, 60);
  });

  it("an HPA that somebody changed by hand: an apply names the field and the owner, a forced one takes it back", async () => {
    const hpa = objectOf(stack.stack, HPA);
    await stack.cluster.api.patch(hpa, { spec: { maxReplicas: 2 } }, "kubectl-edit");
    const { metadata } = (await stack.cluster.api.read<KubernetesObject>(hpa)) ?? {};
    const owner = metadata?.managedFields?.find(({ manager }) => manager === "kubectl-edit");
    assert.deepEqual(owner?.fieldsV1, { "f:spec": { "f:maxReplicas": {} } });
    await stack.settles(2, 60);
    // What Pulumi's provider does in a preview; docs/operations.md has its user force it then.
    await assert.rejects(stack.cluster.api.apply(hpa), /conflict with "kubectl-edit".*\.spec\.maxReplicas/s);
    await stack.cluster.apply(hpa, { force: true });
    await stack.settles(3, 60);
  });

  it("a pool at its maximum: a replica is on no node, and what is wanted does not swing", async () => {
    // 9.6 for each of five, 12 for each of the four that serve: a Pending one counts as idle, not as missing at 12.
    stack.fleet.load = { ...STEADY_LOAD, queue: 48 };
    const onNoNode = () => stack.pods().filter(({ spec }) => spec?.nodeName === undefined).length;
    const { nodes } = stack.cluster;
    const look = () => {
      const seen = [onNoNode(), stack.fleet.running.length, nodes.gpuNodes.length];
      const text = `${seen[0]} servers on no node, ${seen[1]} that run, ${seen[2]} nodes`;
      return seen.join() === `1,${NODES},${NODES}` ? {} : text;
    };
    await stack.until("five servers, one of them on no node", look, { seconds: 60 });
    const five = { least: 5, most: 5, syncs: 8 };
    await stack.staysWithin(five, "the same eight syncs later", look, { seconds: 60 });
    stack.fleet.load = { ...STEADY_LOAD, queue: 500 };
    await stack.staysWithin({ ...five, syncs: 4 }, "the same at ten times the load", look, { seconds: 60 });
    stack.fleet.load = STEADY_LOAD;
    await stack.settles(3, 90);
  });
});
