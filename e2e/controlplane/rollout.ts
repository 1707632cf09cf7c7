import { TGI } from "../../catalog/tgi";
import type { Bounds, PlayedStack } from "./playedStack";
import { objectOf } from "./stackObjects";

/** Which servers there are: their pods' uids. */
export function serversOf(stack: PlayedStack): readonly (string | undefined)[] {
  return stack
    .pods()
    .map(({ metadata }) => metadata?.uid)
    .sort();
}

/** Puts a new server in the place of each, as `kubectl rollout restart` does, and watches what is wanted meanwhile. */
export async function rollOut(stack: PlayedStack, bounds: Bounds): Promise<void> {
  const before = serversOf(stack);
  const annotations = { "kubectl.kubernetes.io/restartedAt": new Date().toISOString() };
  const change = { spec: { template: { metadata: { annotations } } } };
  await stack.cluster.api.patch(objectOf(stack.stack, "Deployment", TGI.deploymentName), change, "kubectl-rollout");
  await stack.staysWithin(
    bounds,
    "every server to be a new one",
    () => {
      const now = serversOf(stack);
      const left = now.filter((uid) => before.includes(uid)).length;
      return left === 0 ? {} : `${now.length} servers, ${left} of them old`;
    },
    { seconds: 120 },
  );
}
