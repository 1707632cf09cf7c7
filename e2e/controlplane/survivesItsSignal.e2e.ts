import { AppsV1Api, CoreV1Api, PatchStrategy, setHeaderOptions } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import { endRun } from "../rig/run";
import { NO_LOAD } from "./fleet";
import type { PlayedStack } from "./playedStack";
import { LOAD_OF_FOUR, STEADY_LOAD, steadyAfterEach, steadyStack } from "./steady";

/** One cluster for all of them: each leaves it at three replicas under the same load. */
describe("the stack survives what befalls its signal", () => {
  let stack: PlayedStack;
  before(async () => {
    stack = await steadyStack();
  });
  steadyAfterEach(() => stack);
  after(endRun);

  const adapterPods = () => stack.pods({ run: ADAPTER.name });
  const scaleAdapters = (replicas: number) =>
    stack.cluster.controlPlane.kubeConfig
      .makeApiClient(AppsV1Api)
      .patchNamespacedDeploymentScale(
        { name: ADAPTER.name, namespace: ADAPTER.namespace, body: { spec: { replicas } } },
        setHeaderOptions("Content-Type", PatchStrategy.MergePatch),
      );
  const deleteAdapters = async () => {
    const core = stack.cluster.controlPlane.kubeConfig.makeApiClient(CoreV1Api);
    for (const { metadata } of adapterPods()) {
      const pod = { name: metadata?.name ?? "", namespace: ADAPTER.namespace };
      await core.deleteNamespacedPod({ ...pod, gracePeriodSeconds: 0 });
    }
  };

  for (const [what, fault] of [
    ["403", { status: 403 }],
    ["500", { status: 500 }],
    ["nothing", { empty: true }],
  ] as const) {
    it(`Cloud Monitoring that answers ${what}: it keeps its replicas, says so, and goes on afterwards`, async () => {
      stack.monitoring.fail("timeSeries.list", fault);
      await stack.isActive("False", 30, /unable to get metric prometheus\.googleapis\.com\|tgi_queue_size\|gauge/);
      stack.fleet.load = NO_LOAD;
      await stack.holds(3, 6);
      stack.fleet.load = STEADY_LOAD;
      stack.monitoring.heal();
      await stack.isActive("True", 30);
      await stack.settles(3, 60);
    });
  }

  it("Cloud Monitoring that answers two seconds late: it follows its load, later", async () => {
    stack.monitoring.fail("timeSeries.list", { delayMs: 2000 });
    await stack.holds(3, 3);
    stack.fleet.load = LOAD_OF_FOUR;
    await stack.settles(4, 60);
    stack.monitoring.heal();
    stack.fleet.load = STEADY_LOAD;
    await stack.settles(3, 60);
  });

  it("an adapter that is gone, and comes back", async () => {
    // It stays away until that is seen: one that is only deleted is back within three syncs.
    await scaleAdapters(0);
    await stack.isActive("False", 30, /unable to (get|fetch)/);
    await stack.holds(3, 4);
    await scaleAdapters(ADAPTER.replicas);
    await stack.isActive("True", 60);
    await stack.settles(3, 60);
  });

  it("an adapter that is up before its grant holds: it crashes until then, and nothing has to be done", async () => {
    stack.monitoring.fail("metricDescriptors.list", { status: 403 });
    await deleteAdapters();
    await stack.until(
      "the adapter to have crashed twice",
      () => {
        const restarts = adapterPods().flatMap(({ status }) =>
          (status?.containerStatuses ?? []).map(({ restartCount }) => restartCount),
        );
        return Math.max(0, ...restarts) >= 2 ? {} : `restarts of its pods: ${restarts.join(", ")}`;
      },
      { seconds: 60 },
    );
    await stack.isActive("False", 30);
    await stack.holds(3, 4);
    stack.monitoring.heal();
    await stack.isActive("True", 60);
    await stack.settles(3, 60);
  });
});
