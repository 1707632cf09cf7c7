import type { KubernetesObject } from "@kubernetes/client-node";
import { programs } from "../rig/binaries";
import { onFailure } from "../rig/failures";
import { addFault } from "../rig/faults";
import { atEnd } from "../rig/run";
import { until } from "../rig/wait";
import { type ApiClient, ApiError, type ApplyOptions } from "./apiClient";
import { type ControlPlane, startControlPlane } from "./controlPlane";
import { PlayedNodePool } from "./nodePool";
import { PlayedKubelet, type PodRole } from "./playedKubelet";
import { PlayedNodes } from "./playedNodes";
import { POD_MONITORING_CRD } from "./podMonitoringCrd";
import { PodNetwork, serveServices } from "./podNetwork";
import { currentProfile, type Profile, played } from "./profile";
import { report } from "./report";
import type { StackObjects } from "./stackObjects";

/** A cluster of real controllers and played machines, as GKE would hand it over: with CRDs and `gmp-public`. */
export interface Cluster {
  readonly profile: Profile;
  readonly controlPlane: ControlPlane;
  readonly api: ApiClient;
  readonly network: PodNetwork;
  readonly nodes: PlayedNodes;
  readonly kubelet: PlayedKubelet;
  /** Applies an object, and waits for what it needs first, as an engine retries: a namespace, a webhook, a CRD. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<readonly string[]>;
  /** Takes a node away with all that runs on it, as a Spot reclaim does. */
  loseNode(name: string): Promise<void>;
  /** Hears what fails where nobody waits for it: the scenario that runs fails, and none comes after it. */
  readonly failed: (error: unknown) => void;
}

/**
 * @param folder of the run.
 * @param roles what pods do, which may need to know who calls them; a pod that matches none just runs.
 */
export async function startCluster(
  stack: StackObjects,
  folder: string,
  roles: (controlPlane: ControlPlane, profile: Profile) => readonly PodRole[] = () => [],
): Promise<Cluster> {
  const profile = currentProfile();
  const controlPlane = await startControlPlane({
    programs: await programs("kubernetes", console.log),
    folder,
    hpaSyncMs: profile.hpaSyncMs,
    downscaleStabilizationSeconds: profile.downscaleStabilizationSeconds,
  });
  const { api } = controlPlane;
  onFailure(() => report(api, stack.config.namespace));
  const network = new PodNetwork();
  const proxy = await serveServices(controlPlane.serviceSocket, controlPlane.kubeConfig, network);
  const nodes = new PlayedNodes(controlPlane.kubeConfig, stack.config);
  const kubelet = new PlayedKubelet(
    controlPlane.kubeConfig,
    network,
    roles(controlPlane, profile),
    played(profile, "crashBackOff"),
    addFault,
  );
  const pool = new PlayedNodePool(nodes, stack.config.gpuPool, () => kubelet.pods(), played(profile, "node"), addFault);
  atEnd(async () => {
    pool.stop();
    nodes.stop();
    await kubelet.stop();
    proxy.closeAllConnections();
    proxy.close();
    api.close();
  });

  await nodes.start();
  await kubelet.start();
  pool.start();
  const apply = (object: KubernetesObject, options?: ApplyOptions) =>
    until(
      `the API server to take ${object.kind} ${object.metadata?.name}`,
      async () => {
        try {
          return { warnings: await api.apply(object, options) };
        } catch (error) {
          // What is wrong with the object stays wrong.
          if (error instanceof ApiError && [400, 422].includes(error.code)) throw new Refused(error.message);
          throw error;
        }
      },
      { seconds: 20, unless: (error) => error instanceof Refused },
    ).then(({ warnings }) => warnings);
  for (const object of [POD_MONITORING_CRD, namespace("gmp-public")]) await apply(object);
  const loseNode = (name: string) => {
    kubelet.lose(name);
    return nodes.remove(name);
  };
  return { profile, controlPlane, api, network, nodes, kubelet, apply, loseNode, failed: addFault };
}

/** An object that the API server will never take. */
class Refused extends Error {}

function namespace(name: string): KubernetesObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}
