import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isGpuStrategy, targetPerReplica } from "../../autoscaling/metricStrategy";
import { endRun } from "../rig/run";
import { type Load, NO_LOAD } from "./fleet";
import { PlayedStack } from "./playedStack";
import type { Settings } from "./stackObjects";

/** Timelines are for the simulator to replay; they are no part of the repository. */
const TIMELINES = join(__dirname, "..", "..", "out", "timelines");

const STACKS: readonly Settings[] = [
  { metricStrategy: "queue-size", metricTarget: 10 },
  { metricStrategy: "batch-size", metricTarget: 20 },
  { metricStrategy: "gke-duty-cycle", metricTarget: 60 },
  { metricStrategy: "dcgm-gpu-util", metricTarget: 60 },
  { metricStrategy: "dcgm-gpu-util", metricTarget: 60, dcgmExporter: "self-managed" },
  { metricStrategy: "gke-duty-cycle", metricTarget: 60, modelId: "google/gemma-2-9b-it" },
];

/** A load of which the HPA's formula makes so many replicas: `ceil(sum ÷ target)`, clear of rounding and tolerance. */
function loadFor(stack: PlayedStack, replicas: number): Load {
  const [metric] = stack.stack.config.autoscaler.metrics;
  const sum = targetPerReplica(metric, stack.fleet.gpusPerReplica) * (replicas - 0.25);
  if (isGpuStrategy(metric.strategy)) return { ...NO_LOAD, gpuBusy: sum };
  return metric.strategy === "queue-size" ? { ...NO_LOAD, queue: sum } : { ...NO_LOAD, batch: sum };
}

describe("the stack scales", () => {
  for (const settings of STACKS) {
    it(`with its load, to its maximum and back: ${JSON.stringify(settings)}`, async () => {
      const stack = await PlayedStack.start(settings);
      try {
        await stack.settles(1, 60);
        stack.fleet.load = loadFor(stack, 3);
        await stack.settles(3, 60);
        stack.fleet.load = loadFor(stack, 12);
        await stack.settles(5, 60);
        assert.ok(stack.cluster.nodes.gpuNodes.length >= 5, "a replica needs a node of its own");
        stack.fleet.load = NO_LOAD;
        await stack.settles(1, 90);
        const name = Object.values(settings)
          .join("-")
          .replaceAll(/[^\w.-]/g, "-");
        mkdirSync(TIMELINES, { recursive: true });
        writeFileSync(join(TIMELINES, `${name}.json`), `${JSON.stringify(await stack.document(name), null, 2)}\n`);
      } finally {
        await endRun();
      }
    });
  }
});
