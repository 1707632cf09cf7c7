/**
 * What an edit of a resource does: one table, which the plan's verdict and the engine tests share.
 *
 * Sources: **[run]** the real gcp provider 9.35 comparing a filled-in state with an edited program; **[src]** the
 * schema of terraform-provider-google (`ForceNew`); **[k8s]** immutable fields of the Kubernetes API.
 */
export type Effect =
  /** The resource is deleted and made anew. */
  | "replace"
  /** Changed where it is. */
  | "update"
  /** Changed where it is, but its nodes are made anew one after another. */
  | "recreate-nodes"
  /** The change is ignored. */
  | "none";

export interface EditRule {
  /** A property and everything below it; list indices are left out. */
  readonly path: string;
  readonly effect: Effect;
  readonly source: string;
}

const RUN = "run";
const SRC = "src";
const K8S = "k8s";

function rules(effect: Effect, source: string, ...paths: readonly string[]): EditRule[] {
  return paths.map((path) => ({ path, effect, source }));
}

/** A table by name. Not a plain object: kinds may be called like what every object inherits. */
function asMap<T>(table: Readonly<Record<string, T>>): ReadonlyMap<string, T> {
  return new Map(Object.entries(table));
}

/** By Pulumi type. The longest path that matches decides. */
const CLOUD: ReadonlyMap<string, readonly EditRule[]> = asMap({
  "gcp:container/cluster:Cluster": [
    ...rules("replace", RUN, "ipAllocationPolicy", "datapathProvider", "initialNodeCount"),
    ...rules("replace", SRC, "name", "location", "project", "network", "subnetwork", "networkingMode"),
    ...rules("none", RUN, "nodeConfig"),
    ...rules(
      "update",
      RUN,
      "releaseChannel",
      "privateClusterConfig",
      "monitoringConfig",
      "resourceLabels",
      "deletionProtection",
    ),
    ...rules("replace", SRC, "privateClusterConfig.masterIpv4CidrBlock"),
    ...rules(
      "update",
      SRC,
      "masterAuthorizedNetworksConfig",
      "workloadIdentityConfig",
      "removeDefaultNodePool",
      "enableShieldedNodes",
    ),
  ],
  "gcp:container/nodePool:NodePool": [
    ...rules(
      "replace",
      RUN,
      "initialNodeCount",
      "nodeConfig.serviceAccount",
      "nodeConfig.guestAccelerators",
      "nodeConfig.spot",
    ),
    ...rules(
      "replace",
      SRC,
      "cluster",
      "location",
      "name",
      "nodeConfig.oauthScopes",
      "nodeConfig.metadata",
      "nodeConfig.shieldedInstanceConfig",
      "nodeConfig.reservationAffinity",
    ),
    ...rules(
      "recreate-nodes",
      RUN,
      "nodeConfig.machineType",
      "nodeConfig.diskType",
      "nodeConfig.diskSizeGb",
      "nodeConfig.taints",
      "nodeConfig.labels",
      "nodeConfig.imageType",
      "nodeConfig.gcfsConfig",
    ),
    ...rules("update", RUN, "nodeConfig.resourceLabels", "nodeLocations", "autoscaling", "upgradeSettings"),
    ...rules("update", SRC, "nodeCount", "management"),
    ...rules("recreate-nodes", SRC, "nodeConfig.workloadMetadataConfig", "networkConfig"),
    ...rules("replace", SRC, "project"),
  ],
  "gcp:projects/service:Service": [
    ...rules("replace", SRC, "service", "project"),
    ...rules("update", SRC, "disableOnDestroy"),
  ],
  "gcp:projects/iAMMember:IAMMember": rules("replace", SRC, "project", "role", "member"),
  "gcp:serviceaccount/account:Account": [
    ...rules("replace", SRC, "accountId", "project"),
    ...rules("update", SRC, "displayName"),
  ],
  "gcp:compute/network:Network": rules("replace", SRC, "name", "project", "autoCreateSubnetworks"),
  "gcp:compute/subnetwork:Subnetwork": [
    ...rules("replace", SRC, "name", "project", "region", "network", "ipCidrRange"),
    ...rules("update", SRC, "privateIpGoogleAccess", "secondaryIpRanges"),
  ],
  "gcp:compute/router:Router": rules("replace", SRC, "name", "project", "region", "network"),
  "gcp:compute/routerNat:RouterNat": [
    ...rules("replace", SRC, "name", "project", "region", "router"),
    ...rules("update", SRC, "natIpAllocateOption", "sourceSubnetworkIpRangesToNat", "subnetworks"),
  ],
  "gcp:monitoring/dashboard:Dashboard": [...rules("replace", SRC, "project"), ...rules("update", SRC, "dashboardJson")],
  "gcp:monitoring/alertPolicy:AlertPolicy": [
    ...rules("replace", SRC, "project"),
    ...rules(
      "update",
      SRC,
      "displayName",
      "severity",
      "combiner",
      "conditions",
      "alertStrategy",
      "documentation",
      "notificationChannels",
      "userLabels",
    ),
  ],
  "pulumi:providers:kubernetes": [
    ...rules("update", RUN, "kubeconfig"),
    ...rules("replace", SRC, "clusterIdentifier"),
    ...rules("update", SRC, "enableSecretMutable", "enableConfigMapMutable"),
  ],
});

/**
 * Fields of Kubernetes objects that cannot change in place; every other one can. Secrets and ConfigMaps are among the
 * others because our provider says that they may change.
 */
const IMMUTABLE: ReadonlyMap<string, readonly EditRule[]> = asMap({
  Deployment: rules("replace", K8S, "spec.selector"),
  DaemonSet: rules("replace", K8S, "spec.selector"),
  RoleBinding: rules("replace", K8S, "roleRef"),
  ClusterRoleBinding: rules("replace", K8S, "roleRef"),
  Service: rules("replace", K8S, "spec.clusterIP"),
});

/** What makes an object the one it is, of whatever kind. */
const IDENTITY = rules("replace", K8S, "apiVersion", "kind", "metadata.name", "metadata.namespace");

/** Whether a type is of an object in a cluster. */
export function isKubernetesType(type: string): boolean {
  return type.startsWith("kubernetes:");
}

/**
 * What an edit of one property does.
 *
 * @param path as the plan writes it: `nodeConfig.guestAccelerators[0].count`.
 * @returns undefined for a property that the table does not know: only `pulumi preview` can tell.
 */
export function effectOf(type: string, path: string): EditRule | undefined {
  if (!isKubernetesType(type)) return longestMatch(CLOUD.get(type) ?? [], path);
  const kind = type.slice(type.lastIndexOf(":") + 1);
  const rule = longestMatch([...IDENTITY, ...(IMMUTABLE.get(kind) ?? [])], path);
  return rule ?? { path, effect: "update", source: K8S };
}

function longestMatch(candidates: readonly EditRule[], path: string): EditRule | undefined {
  const plain = path.replaceAll(/\[[^\]]*\]/g, "");
  return candidates
    .filter((rule) => plain === rule.path || plain.startsWith(`${rule.path}.`))
    .sort((a, b) => b.path.length - a.path.length)[0];
}
