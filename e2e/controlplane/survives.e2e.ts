import assert from "node:assert/strict";
import { CoreV1Api, type V1Pod } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import { TGI } from "../../catalog/tgi";
import { endRun } from "../rig/run";
import { until } from "../rig/wait";
import { NO_LOAD } from "./fleet";
import { PlayedStack } from "./playedStack";
import { stackObjects } from "./stackObjects";

const LOAD = { ...NO_LOAD, queue: 28, batch: 28 };

/** One cluster for all of them: each leaves it at three replicas under the same load. */
describe("the stack survives", () => {
  let stack: PlayedStack;
  before(async () => {
    stack = await PlayedStack.start({ metricStrategy: "queue-size", metricTarget: 10 });
    await stack.settles(1, 60);
    stack.fleet.load = LOAD;
    await stack.settles(3, 60);
  });
  after(endRun);

  const podsOf = (labels: Readonly<Record<string, string>>): readonly V1Pod[] =>
    stack.cluster.kubelet
      .pods()
      .filter(({ metadata }) => Object.entries(labels).every(([label, value]) => metadata?.labels?.[label] === value));
  const core = () => stack.cluster.controlPlane.kubeConfig.makeApiClient(CoreV1Api);
  const condition = (type: string, status: string, seconds: number) =>
    until(
      `${type} to be ${status}`,
      async () => {
        const { hpa } = await stack.look();
        const found = hpa.status?.conditions?.find((it) => it.type === type);
        return found?.status === status ? found : `${found?.status} ${found?.reason}: ${found?.message}`;
      },
      { seconds },
    );

  for (const [what, fault] of [
    ["403", { status: 403 }],
    ["500", { status: 500 }],
    ["nothing", { empty: true }],
  ] as const) {
    it(`Cloud Monitoring that answers ${what}: it keeps its replicas, says so, and goes on afterwards`, async () => {
      stack.monitoring.fail("timeSeries.list", fault);
      const { message = "" } = await condition("ScalingActive", "False", 30);
      stack.fleet.load = NO_LOAD;
      await stack.holds(3, 6);
      assert.match(message, /unable to get metric prometheus\.googleapis\.com\|tgi_queue_size\|gauge/);
      stack.fleet.load = LOAD;
      stack.monitoring.heal();
      await condition("ScalingActive", "True", 30);
      await stack.settles(3, 60);
    });
  }

  it("an adapter that is gone, and comes back", async () => {
    const { namespace } = ADAPTER;
    for (const pod of podsOf({ run: ADAPTER.name })) {
      await core().deleteNamespacedPod({ name: pod.metadata?.name ?? "", namespace, gracePeriodSeconds: 0 });
    }
    await stack.holds(3, 4);
    await condition("ScalingActive", "True", 60);
    await stack.settles(3, 60);
  });

  it("a node that is lost: its server comes back elsewhere, and nothing is counted twice", async () => {
    const [lost] = podsOf(TGI.podLabels);
    await stack.cluster.nodes.remove(lost?.spec?.nodeName ?? assert.fail("no server has a node"));
    await until(
      "the lost server to be replaced",
      () => {
        const left = podsOf(TGI.podLabels);
        const gone = !left.some(({ metadata }) => metadata?.uid === lost?.metadata?.uid);
        return gone && left.length === 3 ? {} : `${left.length} servers`;
      },
      { seconds: 60 },
    );
    await stack.settles(3, 60);
  });

  it("a switch of the strategy under load: one HPA, no pod restarts", async () => {
    const before = podsOf(TGI.podLabels).map(({ metadata }) => metadata?.uid);
    const { generation } = await stack.look();
    for (const metricStrategy of ["batch-size", "queue-size"]) {
      const { objects } = await stackObjects({ metricStrategy, metricTarget: 10 });
      const hpa = objects.find(({ kind }) => kind === "HorizontalPodAutoscaler") ?? assert.fail("no HPA");
      await stack.cluster.apply(hpa);
      const { items } = await stack.cluster.api.get<{ items: object[] }>(
        "/apis/autoscaling/v2/horizontalpodautoscalers",
      );
      assert.equal(items.length, 1);
      await stack.holds(3, 6);
    }
    assert.deepEqual(
      podsOf(TGI.podLabels)
        .map(({ metadata }) => metadata?.uid)
        .sort(),
      before.sort(),
    );
    assert.equal((await stack.look()).generation, generation);
  });

  it("an HPA that somebody changed by hand, as soon as the stack is applied again", async () => {
    const { objects } = stack.stack;
    const hpa = objects.find(({ kind }) => kind === "HorizontalPodAutoscaler") ?? assert.fail("no HPA");
    const { spec } = hpa as typeof hpa & { spec: object };
    await stack.cluster.apply({ ...hpa, spec: { ...spec, maxReplicas: 2 } } as typeof hpa);
    await stack.settles(2, 60);
    await stack.cluster.apply(hpa);
    await stack.settles(3, 60);
  });

  it("a pool at its maximum: more is wanted than there is, and it does not swing", async () => {
    stack.fleet.load = { ...LOAD, queue: 500 };
    await stack.settles(5, 60);
    await stack.holds(5, 8);
    stack.fleet.load = LOAD;
    await stack.settles(3, 90);
  });
});
