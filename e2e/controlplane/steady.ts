import { type Load, NO_LOAD } from "./fleet";
import { PlayedStack } from "./playedStack";
import { stackObjects } from "./stackObjects";

/** Of three servers at a queue target of 10. */
export const STEADY_LOAD: Load = { ...NO_LOAD, queue: 28, batch: 28 };

/** A stack on the queue that has settled at three servers under `STEADY_LOAD`. */
export async function steadyStack(): Promise<PlayedStack> {
  const stack = await PlayedStack.start(await stackObjects({ metricStrategy: "queue-size", metricTarget: 10 }));
  await stack.settles(1, 60);
  stack.fleet.load = STEADY_LOAD;
  await stack.settles(3, 60);
  return stack;
}
