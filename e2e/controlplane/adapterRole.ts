import { AuthorizationV1Api, CoreV1Api, type KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import { MonitoringError } from "../../standins/adapter/monitoringClient";
import { type Access, AdapterServer } from "../../standins/adapter/server";
import { Authority } from "../rig/certificates";
import { type AdapterSurroundings, adapterBinary, runAdapterBinary } from "./adapterBinary";
import { AGGREGATOR, type ControlPlane } from "./controlPlane";
import { kubeConfigOf } from "./kubeConfig";
import { Crash, type PlayedPod, type PodRole } from "./playedKubelet";
import { type Profile, played } from "./profile";

/** How an adapter is played. */
export interface AdapterPlay extends AdapterSurroundings {
  readonly controlPlane: ControlPlane;
  readonly profile: Profile;
}

/**
 * Plays the adapter's pods, with the rights of the stack's own service account and no others: by a stand-in, or by the
 * adapter's own binary where `ADAPTER_BINARY` names it.
 */
export function adapterRole(play: AdapterPlay): PodRole {
  return {
    matches: ({ metadata }) => metadata?.namespace === ADAPTER.namespace && metadata.labels?.run === ADAPTER.name,
    startMs: played(play.profile, "adapterStart"),
    drainMs: 0,
    run: async (pod) => {
      const account = await asServiceAccount(pod, play.controlPlane.kubeConfig);
      const binary = adapterBinary();
      return binary === undefined ? runStandIn(account, play) : runAdapterBinary(binary, pod, account, play);
    },
  };
}

async function runStandIn(account: KubeConfig, play: AdapterPlay): Promise<PlayedPod> {
  const core = account.makeApiClient(CoreV1Api);
  const authorization = account.makeApiClient(AuthorizationV1Api);
  const own = await Authority.create(ADAPTER.name);
  const { certificate, key } = await own.issue({ commonName: ADAPTER.name, hosts: ["localhost"] });
  const server = new AdapterServer({
    home: play.home,
    monitoring: play.monitoring,
    certificate,
    key,
    requestHeaderAuthority: play.controlPlane.requestHeaderAuthority.certificate,
    requestHeaderNames: [AGGREGATOR],
    scale: play.profile.scale,
    pods: async (namespace, labelSelector) => {
      const { items } = await core.listNamespacedPod({ namespace, labelSelector });
      return items.map(({ metadata }) => metadata?.name ?? "");
    },
    allowed: async (access) => {
      const spec = {
        user: access.user,
        groups: [...access.groups],
        resourceAttributes: attributesOf(access),
      };
      const review = await authorization.createSubjectAccessReview({ body: { spec } });
      return review.status?.allowed === true;
    },
  });
  const port = await server.start().catch((error: unknown) => {
    throw error instanceof MonitoringError ? new Crash(error.message) : error;
  });
  return { ports: { [ADAPTER.port]: port }, stop: () => server.stop() };
}

/** A metric of pods is a subresource of theirs. */
function attributesOf({ verb, group, version, namespace, resource: asked, name }: Access) {
  const [resource = "", ...subresource] = asked.split("/");
  return { verb, group, version, namespace, resource, subresource: subresource.join("/"), name };
}

/** The pod's own identity: a token of its service account, as kubelet asks for one. */
async function asServiceAccount({ spec, metadata }: V1Pod, administrator: KubeConfig): Promise<KubeConfig> {
  const name = spec?.serviceAccountName ?? "default";
  const namespace = metadata?.namespace ?? "";
  const core = administrator.makeApiClient(CoreV1Api);
  const body = { spec: { audiences: ["https://kubernetes.default.svc"], expirationSeconds: 3600 } };
  const { status } = await core.createNamespacedServiceAccountToken({ name, namespace, body });
  const cluster = administrator.getCurrentCluster();
  if (cluster === null) throw new Error("the administrator knows no cluster");
  return kubeConfigOf(cluster, { name: "pod", token: status?.token ?? "" });
}
