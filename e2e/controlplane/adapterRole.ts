import { AuthorizationV1Api, CoreV1Api, KubeConfig, type V1Pod } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import type { AdapterHome } from "../../standins/adapter/requests";
import { type Access, AdapterServer } from "../../standins/adapter/server";
import { Authority } from "../rig/certificates";
import { AGGREGATOR, type ControlPlane } from "./controlPlane";
import type { PlayedPod, PodRole } from "./playedKubelet";
import type { Profile } from "./profile";

/** What the adapter's pods are to know; its readiness probe waits 40 s. */
const START_SECONDS = 40;

/** How an adapter is played. */
export interface AdapterPlay {
  readonly controlPlane: ControlPlane;
  readonly home: AdapterHome;
  /** Address of Cloud Monitoring. */
  readonly monitoring: string;
  readonly profile: Profile;
}

/** Plays the adapter's pods, with the rights of the stack's own service account and no others. */
export function adapterRole(play: AdapterPlay): PodRole {
  return {
    name: "adapter",
    matches: ({ metadata }) => metadata?.namespace === ADAPTER.namespace && metadata.labels?.run === ADAPTER.name,
    startMs: (START_SECONDS * 1000) / play.profile.scale,
    drainMs: 0,
    run: (pod) => runAdapter(pod, play),
  };
}

async function runAdapter(pod: V1Pod, play: AdapterPlay): Promise<PlayedPod> {
  const kubeConfig = await asServiceAccount(pod, play.controlPlane.kubeConfig);
  const core = kubeConfig.makeApiClient(CoreV1Api);
  const authorization = kubeConfig.makeApiClient(AuthorizationV1Api);
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
  const port = await server.start();
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
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [cluster],
    users: [{ name: "pod", token: status?.token ?? "" }],
    contexts: [{ name: "pod", cluster: cluster?.name ?? "", user: "pod" }],
    currentContext: "pod",
  });
  return config;
}
