import { contend } from "./contend";
import { holds, type Outcome, onEach, outcomeOf, type Round } from "./rounds";
import { FixedScaler } from "./world/scalers";

/** More servers than anybody plans for. */
export const MOST_REPLICAS = 1000;

/** The smallest fleet of one size that meets the SLO over all rounds; undefined where none up to `most` does. */
export function smallestFixedFleet(
  rounds: readonly Round[],
  most: number,
  progress?: (share: number) => void,
): (Outcome & { readonly replicas: number }) | undefined {
  const runs = Math.ceil(Math.log2(most + 1));
  let done = 0;
  const run = (replicas: number) => {
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
  let found: ReturnType<typeof run> | undefined;
  for (let largest = most; least <= largest; ) {
    const tried = run(Math.floor((least + largest) / 2));
    if (holds(tried)) {
      found = tried;
      largest = tried.replicas - 1;
    } else least = tried.replicas + 1;
  }
  return found;
}
