import type * as pulumi from "@pulumi/pulumi";
import { requiredApis } from "./catalog/apis";
import { Alerts } from "./components/alerts";
import { Dashboard } from "./components/dashboard";
import { DcgmExporter } from "./components/dcgmExporter";
import { ExistingCluster } from "./components/existingCluster";
import { GpuCluster } from "./components/gpuCluster";
import { GpuNodePool } from "./components/gpuNodePool";
import { InferenceAutoscaler } from "./components/inferenceAutoscaler";
import type { ConnectedCluster, Kubeconfig } from "./components/kubernetesProvider";
import { MetricsAdapter } from "./components/metricsAdapter";
import { existingPlacement, Network } from "./components/network";
import { NodeServiceAccount } from "./components/nodeServiceAccount";
import { ProjectServices } from "./components/projectServices";
import { TgiPodMonitoring } from "./components/tgiPodMonitoring";
import { TgiServer } from "./components/tgiServer";
import { deriveSystemZones } from "./config/derive";
import type { LoadedConfig } from "./config/load";
import { observedStack } from "./config/observe";

export interface Platform {
  readonly clusterName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<Kubeconfig>;
  readonly namespace: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  readonly deploymentName: pulumi.Output<string>;
  readonly hpaName: pulumi.Output<string>;
  /** Undefined where the stack has no dashboard. */
  readonly dashboardUrl: pulumi.Output<string> | undefined;
}

/** Which components make the stack, and what waits for what. */
export function buildPlatform(config: LoadedConfig): Platform {
  const { project, gpuPool, server, autoscaler, namespace } = config;

  const apis = config.enableApis ? requiredApis(gpuPool.imageStreaming) : [];
  const enabled = { dependsOn: [...new ProjectServices("apis", { project, services: apis }).services] };
  const nodes = nodeIdentity(config, enabled);
  const { cluster, egress } = connect(config, nodes, enabled);
  const poolArgs = { clusterId: cluster.clusterId, pool: gpuPool, maxReplicas: autoscaler.maxReplicas, ...nodes };
  const pool = new GpuNodePool("pool", poolArgs, enabled);

  const inCluster = { provider: cluster.provider, deletedWith: cluster.created };
  // Managed Prometheus installs its CRDs once a node runs, and pods that are not the server's run on the system pool.
  const onSystemNodes = { ...inCluster, dependsOn: [...cluster.systemNodes] };

  const tgi = new TgiServer(
    "server",
    {
      server,
      pool: gpuPool,
      namespace,
      maxReplicas: autoscaler.maxReplicas,
      huggingFaceToken: config.huggingFaceToken,
      nodes: [pool.pool, ...egress],
    },
    inCluster,
  );
  new TgiPodMonitoring("monitoring", { namespace: tgi.namespace }, onSystemNodes);
  if (config.dcgmExporter === "self-managed") new DcgmExporter("dcgm", onSystemNodes);

  const adapterArgs = { project, lookup: enabled, cluster: cluster.created === undefined ? [] : [cluster.created] };
  const metricsApis =
    config.metricsAdapter === "install" ? new MetricsAdapter("adapter", adapterArgs, onSystemNodes).apiServices : [];
  // The HPA's selectors, the dashboard and the alerts are made from one description: no name in them can drift.
  const observed = observedStack(config);
  const { hpaName } = new InferenceAutoscaler(
    "autoscaler",
    { autoscaler, workload: observed, namespace: tgi.namespace },
    // Destroying runs backwards: no HPA may be left that asks an API which has gone.
    { ...inCluster, dependsOn: [...metricsApis] },
  );
  const watch = { project, stack: observed };
  const dashboard = config.dashboard ? new Dashboard("dashboard", watch, enabled) : undefined;
  const { notificationChannels, labels } = config;
  if (config.alerts) new Alerts("alerts", { ...watch, notificationChannels, labels }, enabled);

  const { clusterName, kubeconfig } = cluster;
  const { serviceName, deploymentName } = tgi;
  const names = { clusterName, namespace: tgi.namespace, serviceName, deploymentName, hpaName };
  return { ...names, kubeconfig, dashboardUrl: dashboard?.url };
}

/** What all nodes have in common: whom they run as, and what they wait for. */
function nodeIdentity(
  { nodeServiceAccount, project, cluster, stack, labels }: LoadedConfig,
  enabled: pulumi.ResourceOptions,
) {
  const privateNodes = cluster.kind === "create" ? cluster.privateNodes : undefined;
  if (nodeServiceAccount !== undefined) return { project, privateNodes, nodeServiceAccount, nodeGrants: [], labels };
  const owner = cluster.kind === "create" ? cluster.name : `${cluster.name}-${stack}`;
  const account = new NodeServiceAccount("nodes", { project, clusterName: cluster.name, owner }, enabled);
  return { project, privateNodes, nodeServiceAccount: account.email, nodeGrants: [account.grant], labels };
}

/** The cluster, made or found, and what must exist before its nodes reach the internet. */
function connect(
  config: LoadedConfig,
  nodes: ReturnType<typeof nodeIdentity>,
  enabled: pulumi.ResourceOptions,
): { cluster: ConnectedCluster; egress: readonly pulumi.Resource[] } {
  const { cluster, location, project, dcgmExporter } = config;
  if (cluster.kind === "existing") {
    const strategies = config.autoscaler.metrics.map((metric) => metric.strategy);
    const observed = config.dashboard || config.alerts;
    const args = { project, location: location.name, clusterName: cluster.name, dcgmExporter, strategies, observed };
    return { cluster: new ExistingCluster("cluster", args), egress: [] };
  }
  const network =
    cluster.network === "create"
      ? new Network("network", { project, region: location.region, nat: cluster.privateNodes }, enabled)
      : { placement: existingPlacement(cluster.network, location.region), egress: [] };
  const systemZones = deriveSystemZones(cluster.systemNodes, config.gpuPool.zones);
  const args = { location, cluster, placement: network.placement, systemZones, dcgmExporter, ...nodes };
  return { cluster: new GpuCluster("cluster", args, enabled), egress: network.egress };
}
