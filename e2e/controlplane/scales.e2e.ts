import assert from "node:assert/strict";
import { isGpuStrategy, targetPerReplica } from "../../autoscaling/metricStrategy";
import { endRun } from "../rig/run";
import { type Load, NO_LOAD } from "./fleet";
import { NEIGHBOUR, neighbourObjects, playBusyNeighbours } from "./neighbours";
import { PlayedStack } from "./playedStack";
import { currentProfile } from "./profile";
import { type Settings, stackObjects } from "./stackObjects";
import { keepTimeline } from "./timeline";

/** One signal of each kind, External and Pods: a run in real time is long enough with these. */
const REAL_TIME_STACKS: readonly Settings[] = [
  { metricStrategy: "gke-duty-cycle", metricTarget: 60 },
  { metricStrategy: "queue-size", metricTarget: 10 },
];

const STACKS: readonly Settings[] = [
  { metricStrategy: "queue-size", metricTarget: 10 },
  { metricStrategy: "batch-size", metricTarget: 20, namespace: "llm" },
  { metricStrategy: "gke-duty-cycle", metricTarget: 60 },
  { metricStrategy: "dcgm-gpu-util", metricTarget: 60 },
  { metricStrategy: "dcgm-gpu-util", metricTarget: 60, dcgmExporter: "self-managed" },
  { metricStrategy: "gke-duty-cycle", metricTarget: 60, modelId: "google/gemma-2-9b-it" },
];

/**
 * A load of which the HPA's formula makes so many replicas: `ceil(sum ÷ target)`, clear of rounding and tolerance. And
 * so far below one more that a share of it that is counted twice for a while does not make one: External metrics count
 * a pod that has gone as long as its last point is the newest.
 */
function loadFor({ stack, fleet }: PlayedStack, replicas: number): Load {
  const [metric] = stack.config.autoscaler.metrics;
  const sum = targetPerReplica(metric, fleet.workload.gpusPerReplica) * (replicas - 0.7);
  if (isGpuStrategy(metric.strategy)) return { ...NO_LOAD, gpuBusy: sum };
  return metric.strategy === "queue-size" ? { ...NO_LOAD, queue: sum } : { ...NO_LOAD, batch: sum };
}

/** Has another Deployment run beside, whose containers are called as the stack's own. */
async function addNeighbour(stack: PlayedStack): Promise<void> {
  for (const object of neighbourObjects(stack.stack, 1)) await stack.cluster.apply(object);
  await stack.until(
    `a server of ${NEIGHBOUR}`,
    () => (stack.neighbour.running.length === 1 ? {} : `${stack.neighbour.running.length}`),
    { seconds: 60 },
  );
}

for (const settings of currentProfile().name === "fast" ? STACKS : REAL_TIME_STACKS) {
  /** Its neighbours are at their limits all the time: with one of them in it, every sum would be the maximum's. */
  describe(`the stack scales, on its own load alone: ${JSON.stringify(settings)}`, () => {
    let stack: PlayedStack;
    before(async () => {
      stack = await PlayedStack.start(await stackObjects(settings));
      const { home, store, neighbour } = stack;
      playBusyNeighbours(store, { ...home, namespace: stack.stack.config.namespace });
      neighbour.load = { queue: 500, batch: 500, gpuBusy: 100 * neighbour.workload.gpusPerReplica };
      await addNeighbour(stack);
    });
    after(endRun);

    it("stays at its minimum without load", async () => {
      await stack.settles(1, 60);
      await stack.isActive("True", 60);
      await stack.holds(1, 4);
    });

    it("follows its load to what the HPA's formula gives, to its maximum, and back", async () => {
      stack.fleet.load = loadFor(stack, 3);
      await stack.settles(3, 90);
      await stack.holds(3, 4);
      const most = Math.max(...stack.timeline.moments.map(({ wanted }) => wanted));
      assert.equal(stack.cluster.nodes.gpuNodes.length, most + 1, `nodes for ${most} servers and the neighbour`);
      stack.fleet.load = loadFor(stack, 12);
      await stack.settles(5, 60);
      stack.fleet.load = NO_LOAD;
      await stack.settles(1, 90);
      const name = [currentProfile().name, ...Object.values(settings)].join("-").replaceAll(/[^\w.-]/g, "-");
      keepTimeline(await stack.document(name));
    });
  });
}
