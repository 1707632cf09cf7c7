import * as gcp from "@pulumi/gcp/container";
import type * as kubernetes from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { DcgmExporterKind } from "../autoscaling/metricStrategy";
import { DCGM_COMPONENT, MONITORING_COMPONENTS } from "../catalog/gke";
import type { CreatedClusterConfig, Location } from "../config/stackConfig";
import { after, childOptions, componentType } from "./component";
import { type ConnectedCluster, type Kubeconfig, kubeconfigFor, kubernetesProvider } from "./kubernetesProvider";
import type { NetworkPlacement } from "./network";
import { NODE_DEFAULTS } from "./nodeDefaults";

export interface GpuClusterArgs {
  readonly project: string;
  readonly location: Location;
  readonly cluster: CreatedClusterConfig;
  readonly placement: NetworkPlacement;
  /** E-mail address of the nodes' service account. */
  readonly nodeServiceAccount: pulumi.Input<string>;
  /** Nodes wait for its grants. Empty for an account that the user brought. */
  readonly nodeGrants: readonly pulumi.Resource[];
  /** Zones of the system pool; its nodes must divide by their number. */
  readonly systemZones: readonly string[];
  /** GKE's DCGM exporter runs exactly when it is `gke-managed`: two exporters would count every GPU twice. */
  readonly dcgmExporter: DcgmExporterKind;
  readonly labels: Readonly<Record<string, string>>;
}

/** A GKE cluster for GPU workloads: the control plane and a small pool for what is not a GPU workload. */
export class GpuCluster extends pulumi.ComponentResource implements ConnectedCluster {
  readonly created: gcp.Cluster;
  readonly clusterId: pulumi.Output<string>;
  readonly clusterName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<Kubeconfig>;
  readonly provider: kubernetes.Provider;
  /** The system pool: adapter and exporters run there, and managed Prometheus installs its CRDs once there is a node. */
  readonly systemNodes: readonly gcp.NodePool[];

  constructor(name: string, args: GpuClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("GpuCluster"), name, {}, opts);
    const child = childOptions(this, opts);
    this.created = this.createCluster(name, args, child);
    this.clusterId = this.created.id;
    this.clusterName = this.created.name;
    this.systemNodes = [this.createSystemPool(name, args, child)];
    this.kubeconfig = this.connect();
    this.provider = kubernetesProvider(
      `${name}-kubernetes`,
      { id: this.clusterId, kubeconfig: this.kubeconfig },
      { parent: this },
    );
    this.registerOutputs({ clusterName: this.clusterName });
  }

  private createCluster(name: string, args: GpuClusterArgs, child: pulumi.CustomResourceOptions): gcp.Cluster {
    const { cluster, placement } = args;
    return new gcp.Cluster(
      `${name}-gke`,
      {
        project: args.project,
        name: cluster.name,
        location: args.location.name,
        network: placement.network,
        subnetwork: placement.subnetwork,
        networkingMode: "VPC_NATIVE",
        ipAllocationPolicy: {
          clusterSecondaryRangeName: placement.podsRange,
          servicesSecondaryRangeName: placement.servicesRange,
        },
        datapathProvider: "ADVANCED_DATAPATH",
        privateClusterConfig: { enablePrivateNodes: cluster.privateNodes },
        ...authorizedNetworks(cluster.authorizedNetworks),
        releaseChannel: { channel: cluster.releaseChannel },
        workloadIdentityConfig: { workloadPool: `${args.project}.svc.id.goog` },
        enableShieldedNodes: true,
        ...temporaryDefaultPool(args),
        monitoringConfig: {
          // Naming components turns the others off: without SYSTEM_COMPONENTS there is no duty cycle.
          enableComponents: [
            ...MONITORING_COMPONENTS,
            ...(args.dcgmExporter === "gke-managed" ? [DCGM_COMPONENT] : []),
          ],
          // Auto-monitoring would scrape TGI a second time, and the adapter adds both series up.
          managedPrometheus: { enabled: true, autoMonitoringConfig: { scope: "NONE" } },
        },
        resourceLabels: args.labels,
        deletionProtection: cluster.deletionProtection,
      },
      pulumi.mergeOptions(after(child, ...args.nodeGrants), {
        protect: cluster.deletionProtection,
        // It describes the temporary pool, which is gone: any difference would replace the cluster.
        ignoreChanges: ["nodeConfig"],
        // The name is pinned, and two clusters of one name cannot exist.
        deleteBeforeReplace: true,
      }),
    );
  }

  private createSystemPool(name: string, args: GpuClusterArgs, child: pulumi.CustomResourceOptions): gcp.NodePool {
    const { cluster, systemZones } = args;
    return new gcp.NodePool(
      `${name}-system`,
      {
        project: args.project,
        cluster: this.clusterId,
        nodeLocations: [...systemZones],
        // GKE counts per zone.
        nodeCount: cluster.systemNodes / systemZones.length,
        management: NODE_DEFAULTS.management,
        networkConfig: { enablePrivateNodes: cluster.privateNodes },
        nodeConfig: {
          ...NODE_DEFAULTS.nodeConfig,
          machineType: cluster.systemMachineType,
          diskType: "pd-balanced",
          diskSizeGb: 50,
          serviceAccount: args.nodeServiceAccount,
          resourceLabels: args.labels,
        },
      },
      child,
    );
  }

  private connect(): pulumi.Output<Kubeconfig> {
    const { name, endpoint, masterAuth } = this.created;
    // It holds no credential, but says where the control plane is.
    return pulumi.secret(
      pulumi
        .all([name, endpoint, masterAuth.clusterCaCertificate])
        .apply(([clusterName, host, caCertificate]) =>
          kubeconfigFor({ name: clusterName, endpoint: host, caCertificate }),
        ),
    );
  }
}

/** An empty list of ranges would lock everybody out, so without ranges the whole block is left out. */
function authorizedNetworks(ranges: readonly string[]): Pick<gcp.ClusterArgs, "masterAuthorizedNetworksConfig"> {
  if (ranges.length === 0) return {};
  return { masterAuthorizedNetworksConfig: { cidrBlocks: ranges.map((cidrBlock) => ({ cidrBlock })) } };
}

/**
 * A cluster cannot be created without nodes. Left to itself, the pool that is made and removed again uses the default
 * compute service account and, in a region, three large SSD disks of quota.
 */
function temporaryDefaultPool(
  args: GpuClusterArgs,
): Pick<gcp.ClusterArgs, "removeDefaultNodePool" | "initialNodeCount" | "nodeConfig"> {
  return {
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    nodeConfig: {
      ...NODE_DEFAULTS.nodeConfig,
      machineType: args.cluster.systemMachineType,
      diskType: "pd-standard",
      diskSizeGb: 20,
      serviceAccount: args.nodeServiceAccount,
    },
  };
}
