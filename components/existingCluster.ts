import * as gcp from "@pulumi/gcp/container";
import type * as kubernetes from "@pulumi/kubernetes/provider";
import * as pulumi from "@pulumi/pulumi";
import type { DcgmExporterKind, MetricStrategy } from "../autoscaling/metricStrategy";
import { DCGM_COMPONENT, MONITORING_COMPONENTS } from "../catalog/gke";
import { componentType } from "./component";
import { type ConnectedCluster, type Kubeconfig, kubeconfigFor, kubernetesProvider } from "./kubernetesProvider";

export interface ExistingClusterArgs {
  readonly project: string;
  readonly location: string;
  readonly clusterName: string;
  readonly dcgmExporter: DcgmExporterKind;
  /** The strategies in use: what the cluster must collect depends on them. */
  readonly strategies: readonly MetricStrategy[];
  /** Whether a dashboard or alerts read what the cluster says about its own objects. */
  readonly observed: boolean;
}

/** A cluster that somebody else made: looked up, checked, never changed. */
export class ExistingCluster extends pulumi.ComponentResource implements ConnectedCluster {
  readonly clusterId: pulumi.Output<string>;
  readonly clusterName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<Kubeconfig>;
  readonly provider: kubernetes.Provider;
  readonly created = undefined;
  readonly systemNodes = [];

  constructor(name: string, args: ExistingClusterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("ExistingCluster"), name, {}, opts);
    const cluster = gcp
      .getClusterOutput({ name: args.clusterName, location: args.location, project: args.project }, { parent: this })
      .apply((found) => {
        const lacks = whatIsWrong(describeCluster(found), args);
        if (lacks.length > 0) throw new pulumi.RunError(lacks.join("\n"));
        return found;
      });
    this.clusterId = cluster.apply(({ id }) => id);
    this.clusterName = cluster.apply((found) => found.name);
    this.kubeconfig = pulumi.secret(
      cluster.apply((found) =>
        kubeconfigFor({
          name: args.clusterName,
          endpoint: found.endpoint,
          caCertificate: found.masterAuths[0]?.clusterCaCertificate ?? "",
        }),
      ),
    );
    this.provider = kubernetesProvider(
      `${name}-kubernetes`,
      { id: this.clusterId, kubeconfig: this.kubeconfig },
      { parent: this },
    );
    this.registerOutputs({ clusterName: this.clusterName });
  }
}

/** What the stack needs to know of a cluster. */
export interface ClusterFeatures {
  readonly exists: boolean;
  readonly workloadIdentity: boolean;
  readonly managedPrometheus: boolean;
  /** Components whose metrics it collects. */
  readonly components: readonly string[];
}

function describeCluster(found: gcp.GetClusterResult): ClusterFeatures {
  const monitoring = found.monitoringConfigs?.[0];
  return {
    // The lookup of a cluster that is not there gives an empty result, not an error.
    exists: (found.endpoint ?? "") !== "",
    workloadIdentity: (found.workloadIdentityConfigs?.[0]?.workloadPool ?? "") !== "",
    managedPrometheus: monitoring?.managedPrometheuses?.[0]?.enabled ?? false,
    components: monitoring?.enableComponents ?? [],
  };
}

/** Why the stack would not work in a cluster, a line each with its fix; empty when it would. */
export function whatIsWrong(features: ClusterFeatures, args: ExistingClusterArgs): readonly string[] {
  const { clusterName, location } = args;
  if (!features.exists)
    return [
      `clusterName ("${clusterName}"): there is no such cluster in ${location}. Fix: gcloud container clusters list`,
    ];
  const update = `gcloud container clusters update ${clusterName} --location ${location}`;
  const has = (component: string) => features.components.includes(component);
  const lacks = (rule: string, fix: string) => `clusterName ("${clusterName}"): ${rule}. Fix: ${fix}`;
  const lines: string[] = [];
  if (!features.workloadIdentity) {
    lines.push(lacks("the adapter needs Workload Identity", `${update} --workload-pool=${args.project}.svc.id.goog`));
  }
  if (!features.managedPrometheus) {
    lines.push(lacks("TGI's metrics need managed Prometheus", `${update} --enable-managed-prometheus`));
  }
  if (args.dcgmExporter === "self-managed" && has(DCGM_COMPONENT)) {
    lines.push(
      lacks(
        "GKE's own DCGM exporter runs there, and a second one counts every GPU twice",
        "pulumi config set dcgmExporter gke-managed",
      ),
    );
  }
  const needs = neededComponents(args).filter(([component]) => !has(component));
  if (needs.length > 0) {
    // The flag replaces the list: one command has to name all of it.
    const all = new Set([...features.components, "SYSTEM_COMPONENTS", ...needs.map(([component]) => component)]);
    lines.push(
      lacks(
        `it does not collect the metrics of ${needs.map(([component, why]) => `${component} (for ${why})`).join(", ")}`,
        `${update} --monitoring=${[...all].map(monitoringFlag).join(",")}` +
          (args.observed
            ? " (or, to go unwatched: pulumi config set dashboard false && pulumi config set alerts false)"
            : ""),
      ),
    );
  }
  return lines;
}

/** Components whose metrics the stack reads, and what for. */
function neededComponents({ strategies, dcgmExporter, observed }: ExistingClusterArgs) {
  const needs = new Map<string, string>();
  if (observed) for (const component of MONITORING_COMPONENTS) needs.set(component, "dashboard and alerts");
  if (strategies.includes("gke-duty-cycle")) needs.set("SYSTEM_COMPONENTS", "gke-duty-cycle");
  if (dcgmExporter === "gke-managed" && strategies.includes("dcgm-gpu-util"))
    needs.set(DCGM_COMPONENT, "dcgm-gpu-util");
  return [...needs];
}

/** gcloud's words where they differ from the API's. */
const FLAGS: Readonly<Record<string, string>> = { SYSTEM_COMPONENTS: "SYSTEM", APISERVER: "API_SERVER" };

function monitoringFlag(component: string): string {
  return FLAGS[component] ?? component;
}
