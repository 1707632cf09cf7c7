import { adapterBinary } from "./adapterBinary";
import type { Load } from "./fleet";
import { PlayedStack } from "./playedStack";
import { type StackObjects, stackObjects } from "./stackObjects";

/** Of three servers at a queue target of 10, and at a target of 60 % for each GPU. */
export const STEADY_LOAD: Load = { queue: 28, batch: 28, gpuBusy: 130 };
/**
 * Of four servers, and closer to three than to five: a new server's first sample beside the last of the others, which
 * its share is still in, does not pass for a fifth.
 */
export const LOAD_OF_FOUR: Load = { ...STEADY_LOAD, queue: 34 };
export const STEADY_SETTINGS = { metricStrategy: "queue-size", metricTarget: 10 } as const;

/**
 * `it`, of what depends on how far back the adapter looks. Its own binary looks back five real minutes in every profile,
 * in which the fast one has played ten times as much: what these scenarios watch would never be seen.
 */
export function itInShortenedWindows(title: string, scenario: () => Promise<void>): void {
  // Mocha's own of this moment: this file is read once, and told to one Mocha after another.
  const define = adapterBinary() === undefined ? it : it.skip;
  define(title, scenario);
}

/** A stack on the queue that has settled at three servers under `STEADY_LOAD`. */
export async function steadyStack(objects?: StackObjects): Promise<PlayedStack> {
  const stack = await PlayedStack.start(objects ?? (await stackObjects(STEADY_SETTINGS)));
  await stack.settles(1, 60);
  stack.fleet.load = STEADY_LOAD;
  await stack.settles(3, 60);
  return stack;
}

/** Has each scenario of a `describe` begin as `steadyStack` left it, also after one that failed half-way. */
export function steadyAfterEach(stackOf: () => PlayedStack): void {
  afterEach(async function () {
    const stack = stackOf();
    stack.monitoring.heal();
    stack.fleet.load = STEADY_LOAD;
    stack.fleet.loadsModels = true;
    if (this.currentTest?.state !== "failed") return;
    for (const object of stack.stack.objects) await stack.cluster.apply(object, { force: true });
    await stack.settles(3, 120);
  });
}
