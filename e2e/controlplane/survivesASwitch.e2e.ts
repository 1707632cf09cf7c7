import assert from "node:assert/strict";
import { endRun } from "../rig/run";
import type { PlayedStack } from "./playedStack";
import { rollOut, serversOf } from "./rollout";
import { type Settings, stackObjects } from "./stackObjects";
import { itInShortenedWindows, STEADY_LOAD, STEADY_SETTINGS, steadyAfterEach, steadyStack } from "./steady";

/** Room above what any scenario may want. */
const ROOM: Settings = { maxReplicas: 8 };
const DUTY_CYCLE = { metricStrategy: "gke-duty-cycle", metricTarget: 60 } as const;
/** What each is called where the HPA reads it. */
const SWITCHES = [
  [{ ...STEADY_SETTINGS, metricStrategy: "batch-size" }, "tgi_batch_current_size"],
  [STEADY_SETTINGS, "tgi_queue_size"],
  [DUTY_CYCLE, "duty_cycle"],
] as const;

/** One cluster for all of them: each leaves it at three replicas under the same load. */
describe("the stack survives a switch of its strategy", () => {
  let stack: PlayedStack;
  before(async () => {
    stack = await steadyStack(await stackObjects({ ...STEADY_SETTINGS, ...ROOM }));
  });
  steadyAfterEach(() => stack);
  after(endRun);

  /** Applies the whole stack with another strategy, in the plan's order, and waits until its metric is read. */
  const switchTo = async (settings: Settings, metric: string) => {
    const { objects } = await stackObjects({ ...settings, ...ROOM });
    for (const object of objects) await stack.cluster.apply(object);
    await stack.reads(metric, 60);
    await stack.isActive("True", 30);
  };

  it("under load, between signals of the pods and to an External one: one HPA, no pod restarts", async () => {
    const servers = serversOf(stack);
    const autoscalers = stack.hpasEver();
    const { generation } = await stack.look();
    for (const [settings, metric] of SWITCHES) {
      await switchTo(settings, metric);
      await stack.holds(3, 6);
      const what = `the switch to ${settings.metricStrategy}`;
      assert.equal((await stack.look()).generation, generation, `${what} changed the Deployment`);
      assert.deepEqual(serversOf(stack), servers, `${what} replaced servers`);
      assert.deepEqual(stack.hpasEver(), autoscalers, `${what} made another HPA`);
    }
  });

  itInShortenedWindows(
    "a rollout on an External signal: no server counts more than once, also those that are gone, and that passes",
    async () => {
      await switchTo(DUTY_CYCLE, "duty_cycle");
      const { metricTarget } = DUTY_CYCLE;
      // docs/operations.md: the last sample of a server that is gone counts for five minutes more. There are never fewer
      // than three to share the load, so the old ones have left at most the whole of it, once.
      const most = Math.ceil((2 * STEADY_LOAD.gpuBusy) / metricTarget);
      await rollOut(stack, { least: 3, most, syncs: 4 });
      // Five minutes until the last sample is forgotten, five of stabilisation, and what the profile does not shorten.
      const share = `${Math.trunc((1000 * STEADY_LOAD.gpuBusy) / 3)}m`;
      await stack.staysWithin(
        { least: 3, most, syncs: 4 },
        "three servers, and no more than they have",
        () =>
          stack.reading().value === share ? {} : `${stack.reading().value} over ${stack.fleet.running.length} servers`,
        { seconds: 45 },
      );
      await stack.settles(3, 60);
    },
  );
});
