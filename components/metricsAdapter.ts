import { getProjectOutput } from "@pulumi/gcp/organizations";
import * as iam from "@pulumi/gcp/projects";
import * as registration from "@pulumi/kubernetes/apiregistration/v1";
import * as apps from "@pulumi/kubernetes/apps/v1";
import * as core from "@pulumi/kubernetes/core/v1";
import * as policy from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { ADAPTER, METRICS_API_SERVICES } from "../catalog/adapter";
import { adapterPodSpec } from "./adapterPod";
import { adapterRbac } from "./adapterRbac";
import { after, childOptions, componentType } from "./component";

export interface MetricsAdapterArgs {
  readonly project: string;
  /** What the lookup of the project's number waits for: Google's resource manager API. */
  readonly lookup: pulumi.InvokeOutputOptions;
  /** A Workload Identity cluster of the project: the grant's identity pool appears with the first one. */
  readonly cluster: readonly pulumi.Resource[];
}

const LABELS = { run: ADAPTER.name, "k8s-app": ADAPTER.name };

/**
 * The Custom Metrics Stackdriver Adapter: it answers the HPA's questions from Cloud Monitoring. Its objects depend on
 * each other in one chain, so that destroying runs it backwards: an APIService that outlives its server breaks API
 * discovery of the whole cluster, and blocks the deletion of namespaces.
 */
export class MetricsAdapter extends pulumi.ComponentResource {
  /** The HPA waits for these. */
  readonly apiServices: readonly pulumi.Resource[];

  constructor(name: string, args: MetricsAdapterArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("MetricsAdapter"), name, {}, opts);
    const child = childOptions(this, opts);
    const grant = this.grantMonitoringViewer(name, args);
    const namespace = new core.Namespace(`${name}-namespace`, { metadata: { name: ADAPTER.namespace } }, child);
    const namespaced = { name: ADAPTER.name, namespace: namespace.metadata.name };
    const account = new core.ServiceAccount(`${name}-account`, { metadata: namespaced }, child);
    const rbac = adapterRbac(name, account, child);
    const deployment = new apps.Deployment(
      `${name}-deployment`,
      {
        metadata: { ...namespaced, labels: LABELS },
        spec: {
          replicas: ADAPTER.replicas,
          progressDeadlineSeconds: ADAPTER.startMinutes * 60,
          selector: { matchLabels: LABELS },
          template: { metadata: { labels: LABELS }, spec: adapterPodSpec(account.metadata.name, LABELS) },
        },
      },
      // It exits when it may not list metric descriptors, and cannot authenticate callers without its roles.
      pulumi.mergeOptions(after(child, grant, ...rbac), {
        customTimeouts: { create: `${ADAPTER.startMinutes + 5}m`, update: `${ADAPTER.startMinutes + 5}m` },
      }),
    );
    new policy.PodDisruptionBudget(
      `${name}-pdb`,
      { metadata: namespaced, spec: { maxUnavailable: 1, selector: { matchLabels: LABELS } } },
      child,
    );
    const service = new core.Service(
      `${name}-service`,
      {
        metadata: { ...namespaced, labels: LABELS },
        spec: { selector: LABELS, ports: [{ port: ADAPTER.port, targetPort: ADAPTER.port, protocol: "TCP" }] },
      },
      // Its APIs must not be asked before something answers, nor after it has gone.
      after(child, deployment),
    );
    this.apiServices = METRICS_API_SERVICES.map((api) => this.registerApi(name, api, service, child));
    this.registerOutputs({});
  }

  /**
   * An additive grant to the direct Workload Identity principal: no Google service account, no key. The principal
   * names no cluster, so all stacks of the project share the grant, and destroying one must not revoke it.
   */
  private grantMonitoringViewer(name: string, args: MetricsAdapterArgs): iam.IAMMember {
    const { project } = args;
    const { number } = getProjectOutput({ projectId: project }, args.lookup);
    const pool = pulumi.interpolate`projects/${number}/locations/global/workloadIdentityPools/${project}.svc.id.goog`;
    return new iam.IAMMember(
      `${name}-monitoring-viewer`,
      {
        project,
        role: ADAPTER.role,
        member: pulumi.interpolate`principal://iam.googleapis.com/${pool}/subject/ns/${ADAPTER.namespace}/sa/${ADAPTER.name}`,
      },
      { parent: this, dependsOn: [...args.cluster], retainOnDelete: true },
    );
  }

  private registerApi(
    name: string,
    api: (typeof METRICS_API_SERVICES)[number],
    service: core.Service,
    child: pulumi.CustomResourceOptions,
  ): registration.APIService {
    return new registration.APIService(
      `${name}-${api.version}-${api.group}`,
      {
        metadata: { name: `${api.version}.${api.group}` },
        spec: {
          group: api.group,
          version: api.version,
          groupPriorityMinimum: 100,
          versionPriority: api.versionPriority,
          // The adapter serves with a certificate that it signed itself.
          insecureSkipTLSVerify: true,
          service: { name: service.metadata.name, namespace: service.metadata.namespace },
        },
      },
      child,
    );
  }
}
