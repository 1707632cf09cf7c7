import { contend } from "./contend";
import { holds, type Outcome, onEach, outcomeOf, type Round } from "./rounds";
import { FixedScaler } from "./world/scalers";

/** More servers than anybody plans for. */
export const MOST_REPLICAS = 1000;

/** A fleet that never scales. */
export interface FixedFleet extends Outcome {
  readonly replicas: number;
}

/**
 * The smallest fleet of one size that meets the SLO over all rounds, as far as more servers always do better: where
 * chance decides who gets which request, one that is a little smaller may meet it too.
 *
 * @returns undefined where none up to `most` does.
 */
export function smallestFixedFleet(
  rounds: readonly Round[],
  most = MOST_REPLICAS,
  progress?: (share: number) => void,
): FixedFleet | undefined {
  const runs = 2 * Math.ceil(Math.log2(most + 1));
  let done = 0;
  const run = (replicas: number): FixedFleet => {
    const begun = done;
    done += 1;
    const watch = (share: number) => progress?.((begun + share) / runs);
    const results = onEach(rounds, watch, ({ scenario, contest }) => {
      const pool = { ...scenario.pool, maxNodes: MOST_REPLICAS };
      const fleet = { ...contest, initialReplicas: replicas, maxReplicas: replicas };
      return contend({ ...scenario, pool }, new FixedScaler(replicas), fleet);
    });
    return { replicas, ...outcomeOf(results) };
  };
  let least = 1;
  let found: FixedFleet | undefined;
  // Doubled until one holds: nobody knows beforehand how many it may take, and large fleets take long to simulate.
  for (let size = 1; found === undefined && least <= most; size = Math.min(most, 2 * size)) {
    const tried = run(size);
    if (holds(tried)) found = tried;
    else least = size + 1;
  }
  while (found !== undefined && least < found.replicas) {
    const tried = run(Math.floor((least + found.replicas - 1) / 2));
    if (holds(tried)) found = tried;
    else least = tried.replicas + 1;
  }
  return found;
}
