/**
 * What every node has. GKE fills these in by itself; leaving them out makes later runs see a difference, and several
 * of them replace a pool when they change.
 */
export const NODE_DEFAULTS = {
  management: { autoRepair: true, autoUpgrade: true },
  nodeConfig: {
    imageType: "COS_CONTAINERD",
    // The account's roles decide what a node may do; the scope only has to stand out of their way.
    oauthScopes: ["https://www.googleapis.com/auth/cloud-platform"],
    metadata: { "disable-legacy-endpoints": "true" },
    shieldedInstanceConfig: { enableIntegrityMonitoring: true, enableSecureBoot: false },
    // Pods get their own identity, not the node's.
    workloadMetadataConfig: { mode: "GKE_METADATA" },
  },
};
