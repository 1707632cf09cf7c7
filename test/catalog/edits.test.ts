import assert from "node:assert/strict";
import fc from "fast-check";
import { type Effect, effectOf, isKubernetesType } from "../../catalog/edits";

const CLUSTER = "gcp:container/cluster:Cluster";
const NODE_POOL = "gcp:container/nodePool:NodePool";

type EditRow = readonly [type: string, effect: Effect, source: string, paths: string];

/** What the gcp provider was seen to do (`run`), and what its schema says where nothing was measured (`src`). */
const CLOUD: readonly EditRow[] = [
  [CLUSTER, "replace", "run", "ipAllocationPolicy datapathProvider initialNodeCount"],
  [CLUSTER, "replace", "src", "name location project network subnetwork networkingMode"],
  [CLUSTER, "none", "run", "nodeConfig"],
  [CLUSTER, "update", "run", "releaseChannel privateClusterConfig monitoringConfig resourceLabels deletionProtection"],
  [CLUSTER, "update", "src", "masterAuthorizedNetworksConfig workloadIdentityConfig removeDefaultNodePool"],
  [NODE_POOL, "replace", "run", "initialNodeCount"],
  [NODE_POOL, "replace", "run", "nodeConfig.serviceAccount nodeConfig.guestAccelerators nodeConfig.spot"],
  [NODE_POOL, "replace", "src", "cluster location name"],
  [NODE_POOL, "replace", "src", "nodeConfig.oauthScopes nodeConfig.metadata nodeConfig.shieldedInstanceConfig"],
  [NODE_POOL, "replace", "src", "nodeConfig.reservationAffinity"],
  [NODE_POOL, "recreate-nodes", "run", "nodeConfig.machineType nodeConfig.diskType nodeConfig.diskSizeGb"],
  [
    NODE_POOL,
    "recreate-nodes",
    "run",
    "nodeConfig.taints nodeConfig.labels nodeConfig.imageType nodeConfig.gcfsConfig",
  ],
  [NODE_POOL, "recreate-nodes", "src", "nodeConfig.workloadMetadataConfig"],
  [NODE_POOL, "update", "run", "nodeConfig.resourceLabels nodeLocations autoscaling upgradeSettings"],
  [NODE_POOL, "update", "src", "nodeCount management"],
  ["gcp:projects/service:Service", "replace", "src", "service project"],
  ["gcp:projects/service:Service", "update", "src", "disableOnDestroy"],
  ["gcp:projects/iAMMember:IAMMember", "replace", "src", "project role member"],
  ["gcp:serviceaccount/account:Account", "replace", "src", "accountId project"],
  ["gcp:serviceaccount/account:Account", "update", "src", "displayName"],
  ["gcp:compute/network:Network", "replace", "src", "name project autoCreateSubnetworks"],
  ["gcp:compute/subnetwork:Subnetwork", "replace", "src", "name project region network ipCidrRange"],
  ["gcp:compute/subnetwork:Subnetwork", "update", "src", "privateIpGoogleAccess secondaryIpRanges"],
  ["gcp:compute/router:Router", "replace", "src", "name project region network"],
  ["gcp:compute/routerNat:RouterNat", "replace", "src", "name project region router"],
  ["gcp:compute/routerNat:RouterNat", "update", "src", "natIpAllocateOption sourceSubnetworkIpRangesToNat subnetworks"],
  ["gcp:monitoring/dashboard:Dashboard", "replace", "src", "project"],
  ["gcp:monitoring/dashboard:Dashboard", "update", "src", "dashboardJson"],
  ["gcp:monitoring/alertPolicy:AlertPolicy", "replace", "src", "project"],
  ["gcp:monitoring/alertPolicy:AlertPolicy", "update", "src", "displayName severity combiner conditions alertStrategy"],
  ["gcp:monitoring/alertPolicy:AlertPolicy", "update", "src", "documentation notificationChannels userLabels"],
  ["pulumi:providers:kubernetes", "update", "run", "kubeconfig"],
  ["pulumi:providers:kubernetes", "replace", "src", "clusterIdentifier"],
];

describe("an edit of a cloud resource", () => {
  for (const [type, effect, source, paths] of CLOUD) {
    for (const path of paths.split(" ")) {
      it(`of ${type} at ${path}: ${effect}`, () => assert.deepEqual(effectOf(type, path), { path, effect, source }));
    }
  }

  const below = [
    [CLUSTER, "ipAllocationPolicy.clusterSecondaryRangeName", "replace"],
    [CLUSTER, "nodeConfig.machineType", "none"],
    [CLUSTER, "privateClusterConfig.enablePrivateNodes", "update"],
    [CLUSTER, "monitoringConfig.enableComponents[4]", "update"],
    [NODE_POOL, "nodeConfig.guestAccelerators[0].type", "replace"],
    [NODE_POOL, "nodeConfig.guestAccelerators[0].count", "replace"],
    [NODE_POOL, "nodeConfig.guestAccelerators[0].gpuDriverInstallationConfig.gpuDriverVersion", "replace"],
    [NODE_POOL, "nodeConfig.oauthScopes[12]", "replace"],
    [NODE_POOL, "nodeConfig.taints[0].effect", "recreate-nodes"],
    [NODE_POOL, "nodeConfig.gcfsConfig.enabled", "recreate-nodes"],
    [NODE_POOL, "nodeLocations[1]", "update"],
    [NODE_POOL, "autoscaling.totalMaxNodeCount", "update"],
    [NODE_POOL, "upgradeSettings.maxSurge", "update"],
    ["gcp:monitoring/dashboard:Dashboard", "dashboardJson.mosaicLayout.tiles[3].widget.title", "update"],
    ["gcp:monitoring/alertPolicy:AlertPolicy", "conditions[0].conditionPrometheusQueryLanguage.query", "update"],
  ] as const;
  for (const [type, path, effect] of below) {
    it(`below a property does what an edit of the property does: ${type} ${path}: ${effect}`, () => {
      assert.equal(effectOf(type, path)?.effect, effect);
    });
  }

  const unknown = [
    [CLUSTER, "enableTpu", "a property that is not in the table"],
    [CLUSTER, "nodeConfigDefaults", "a longer name that starts like a known one"],
    [CLUSTER, "networks", "a longer name that starts like a known one"],
    [NODE_POOL, "nodeConfig", "a parent of known properties"],
    [NODE_POOL, "nodeConfig.spotty", "a longer name that starts like a known one"],
    [NODE_POOL, "spot", "a known property at the wrong place"],
    ["gcp:storage/bucket:Bucket", "name", "a type that is not in the table"],
    ["", "name", "no type"],
  ] as const;
  for (const [type, path, why] of unknown) {
    it(`is unknown for ${path} of ${JSON.stringify(type)}: ${why}`, () =>
      assert.equal(effectOf(type, path), undefined));
  }
});

describe("an edit of an object in the cluster", () => {
  const rows = [
    ["kubernetes:apps/v1:Deployment", "spec.selector.matchLabels.app", "replace"],
    ["kubernetes:apps/v1:Deployment", "spec.template.spec.containers[0].image", "update"],
    ["kubernetes:apps/v1:Deployment", "spec.selectors", "update"],
    ["kubernetes:apps/v1:Deployment", "roleRef", "update"],
    ["kubernetes:apps/v1:DaemonSet", "spec.selector", "replace"],
    ["kubernetes:apps/v1:DaemonSet", "spec.template", "update"],
    ["kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "roleRef.name", "replace"],
    ["kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "subjects[0].name", "update"],
    ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "roleRef.name", "replace"],
    ["kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding", "subjects[0].name", "update"],
    ["kubernetes:core/v1:Service", "spec.clusterIP", "replace"],
    ["kubernetes:core/v1:Service", "spec.selector", "update"],
    ["kubernetes:core/v1:Service", "spec.ports[0].port", "update"],
    ["kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "spec.metrics[0].pods.target.averageValue", "update"],
    ["kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "spec.maxReplicas", "update"],
    ["kubernetes:autoscaling/v2:HorizontalPodAutoscaler", "metadata.labels.app", "update"],
  ] as const;
  for (const [type, path, effect] of rows) {
    it(`of ${type} at ${path}: ${effect}`, () => assert.equal(effectOf(type, path)?.effect, effect));
  }

  for (const path of ["apiVersion", "kind", "metadata.name", "metadata.namespace"]) {
    it(`makes any object anew at ${path}`, () => {
      for (const type of ["kubernetes:core/v1:Namespace", "kubernetes:apps/v1:Deployment"]) {
        assert.deepEqual(effectOf(type, path), { path, effect: "replace", source: "k8s" });
      }
    });
  }

  it("names the rule of Kubernetes behind it, and the path itself where no field forbids the change", () => {
    assert.deepEqual(effectOf("kubernetes:apps/v1:Deployment", "spec.selector.matchLabels.app"), {
      path: "spec.selector",
      effect: "replace",
      source: "k8s",
    });
    assert.deepEqual(effectOf("kubernetes:apps/v1:Deployment", "spec.minReadySeconds"), {
      path: "spec.minReadySeconds",
      effect: "update",
      source: "k8s",
    });
  });

  it("is never unknown, whatever the kind and the field", () => {
    const kinds = fc.stringMatching(/^[A-Z][A-Za-z0-9]{0,30}$/);
    fc.assert(
      fc.property(kinds, fc.string(), (kind, path) => {
        const effect = effectOf(`kubernetes:example.com/v1:${kind}`, path)?.effect;
        assert.ok(effect === "replace" || effect === "update");
      }),
    );
  });
});

describe("isKubernetesType", () => {
  const rows = [
    ["kubernetes:apps/v1:Deployment", true],
    ["kubernetes:core/v1:Secret", true],
    ["pulumi:providers:kubernetes", false],
    ["kubernetes", false],
    ["example:kubernetes:Thing", false],
    [CLUSTER, false],
  ] as const;
  for (const [type, expected] of rows) {
    it(`${type}: ${expected}`, () => assert.equal(isKubernetesType(type), expected));
  }
});
