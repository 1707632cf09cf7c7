import type * as gcp from "@pulumi/gcp/container";
import * as kubernetes from "@pulumi/kubernetes/provider";
import type * as pulumi from "@pulumi/pulumi";

/** The part of a kubeconfig that names one GKE cluster and how to log in to it. */
export interface Kubeconfig {
  readonly apiVersion: "v1";
  readonly kind: "Config";
  readonly "current-context": string;
  readonly clusters: readonly [
    {
      readonly name: string;
      readonly cluster: { readonly server: string; readonly "certificate-authority-data": string };
    },
  ];
  readonly contexts: readonly [
    { readonly name: string; readonly context: { readonly cluster: string; readonly user: string } },
  ];
  readonly users: readonly [{ readonly name: string; readonly user: { readonly exec: ExecPlugin } }];
}

interface ExecPlugin {
  readonly apiVersion: "client.authentication.k8s.io/v1beta1";
  readonly command: "gke-gcloud-auth-plugin";
  readonly installHint: string;
  readonly provideClusterInfo: true;
  readonly interactiveMode: "Never";
}

/** A cluster that the stack can put objects into, whoever made it. */
export interface ConnectedCluster {
  /** Resource id: `projects/…/locations/…/clusters/…`. */
  readonly clusterId: pulumi.Output<string>;
  readonly clusterName: pulumi.Output<string>;
  readonly kubeconfig: pulumi.Output<Kubeconfig>;
  readonly provider: kubernetes.Provider;
  /** The cluster where it is ours: its objects go with it. */
  readonly created: gcp.Cluster | undefined;
  /** What must exist before pods that are not the server's can run. Empty where somebody else sees to that. */
  readonly systemNodes: readonly pulumi.Resource[];
}

/** What a kubeconfig is made of: the cluster's name, its endpoint and its certificate authority (base64). */
export interface ClusterEndpoint {
  readonly name: string;
  readonly endpoint: string;
  readonly caCertificate: string;
}

/** A kubeconfig that gets its tokens from Google's plugin: it holds no credential, and outlives any. */
export function kubeconfigFor({ name, endpoint, caCertificate }: ClusterEndpoint): Kubeconfig {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server: `https://${endpoint}`, "certificate-authority-data": caCertificate } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "gke-gcloud-auth-plugin",
            installHint: "gcloud components install gke-gcloud-auth-plugin",
            provideClusterInfo: true,
            interactiveMode: "Never",
          },
        },
      },
    ],
  };
}

/**
 * The Kubernetes provider of a cluster.
 *
 * @param cluster.id the cluster's resource id. The provider is the same as long as this is: without it, a kubeconfig
 * that changes or is not known yet counts as another cluster, and every object in it would be created anew.
 */
export function kubernetesProvider(
  name: string,
  cluster: { readonly id: pulumi.Input<string>; readonly kubeconfig: pulumi.Output<Kubeconfig> },
  opts: pulumi.CustomResourceOptions,
): kubernetes.Provider {
  return new kubernetes.Provider(
    name,
    {
      kubeconfig: cluster.kubeconfig.apply((config) => JSON.stringify(config)),
      clusterIdentifier: cluster.id,
      // Without these the provider replaces a Secret or ConfigMap of a pinned name: a new token would leave pods that
      // start in between without any.
      enableSecretMutable: true,
      enableConfigMapMutable: true,
    },
    opts,
  );
}
