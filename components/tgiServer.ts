import { createHash } from "node:crypto";
import * as apps from "@pulumi/kubernetes/apps/v1";
import * as core from "@pulumi/kubernetes/core/v1";
import * as policy from "@pulumi/kubernetes/policy/v1";
import * as pulumi from "@pulumi/pulumi";
import { NODE_PROVISIONING_MINUTES } from "../catalog/gke";
import { TGI } from "../catalog/tgi";
import type { GpuPoolConfig, ServerConfig } from "../config/stackConfig";
import { after, childOptions, componentType } from "./component";
import { tgiPodSpec } from "./tgiPod";

export interface TgiServerArgs {
  readonly server: ServerConfig;
  readonly pool: GpuPoolConfig;
  /** Created when it is not `default`. */
  readonly namespace: string;
  /** Undefined when the token is in a Secret that exists. */
  readonly huggingFaceToken: pulumi.Output<string> | undefined;
  /** The HPA's maximum: a rolling update may replace that many pods one after another. */
  readonly maxReplicas: number;
  /** What pods need before they can run: the GPU pool and the way to the internet. Only the Deployment waits. */
  readonly nodes: readonly pulumi.Resource[];
}

/** The await of Pulumi ends after Kubernetes' own deadline, so that the reason is Kubernetes'. */
const AWAIT_MARGIN_MINUTES = 5;

/** Gemma behind TGI: Deployment, Service, token and disruption budget. The HPA owns the number of replicas. */
export class TgiServer extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  readonly deploymentName: pulumi.Output<string>;

  constructor(name: string, args: TgiServerArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("TgiServer"), name, {}, opts);
    const child = childOptions(this, opts);
    this.namespace = this.createNamespace(name, args.namespace, child);
    const secretName = this.createSecret(name, args, child);
    const deployment = this.createDeployment(name, args, secretName, child);
    const service = this.createService(name, child);
    this.createDisruptionBudget(name, child);
    this.deploymentName = deployment.metadata.name;
    this.serviceName = service.metadata.name;
    this.registerOutputs({ serviceName: this.serviceName, deploymentName: this.deploymentName });
  }

  private createNamespace(name: string, namespace: string, child: pulumi.CustomResourceOptions): pulumi.Output<string> {
    if (namespace === "default") return pulumi.output(namespace);
    return new core.Namespace(`${name}-namespace`, { metadata: { name: namespace } }, child).metadata.name;
  }

  private createSecret(name: string, args: TgiServerArgs, child: pulumi.CustomResourceOptions): pulumi.Input<string> {
    if (args.server.token.from === "secret") return args.server.token.name;
    return new core.Secret(
      `${name}-token`,
      {
        metadata: { name: TGI.secret.name, namespace: this.namespace },
        stringData: { [TGI.secret.key]: args.huggingFaceToken ?? "" },
      },
      child,
    ).metadata.name;
  }

  private createDeployment(
    name: string,
    args: TgiServerArgs,
    secretName: pulumi.Input<string>,
    child: pulumi.CustomResourceOptions,
  ): apps.Deployment {
    const { server, pool, maxReplicas } = args;
    const startMinutes = server.readyTimeoutMinutes + NODE_PROVISIONING_MINUTES;
    const awaited = startMinutes + AWAIT_MARGIN_MINUTES;
    return new apps.Deployment(
      `${name}-deployment`,
      {
        metadata: { name: TGI.deploymentName, namespace: this.namespace, labels: TGI.podLabels },
        // No `replicas`: it is the HPA's, and a number here would reset it with every update.
        spec: {
          selector: { matchLabels: TGI.podLabels },
          strategy: {
            type: "RollingUpdate",
            rollingUpdate:
              server.rollout === "surge" ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 },
          },
          progressDeadlineSeconds: startMinutes * 60,
          template: {
            metadata: { labels: TGI.podLabels, ...rolloutOnToken(args.huggingFaceToken) },
            spec: tgiPodSpec(server, pool, secretName),
          },
        },
      },
      pulumi.mergeOptions(after(child, ...args.nodes), {
        customTimeouts: { create: `${awaited}m`, update: `${awaited * maxReplicas}m` },
      }),
    );
  }

  private createService(name: string, child: pulumi.CustomResourceOptions): core.Service {
    return new core.Service(
      `${name}-service`,
      {
        metadata: {
          name: TGI.serviceName,
          namespace: this.namespace,
          labels: TGI.podLabels,
          // It would wait while any endpoint is unready, and fail in a scale-up; the Deployment's await says the same.
          annotations: { "pulumi.com/skipAwait": "true" },
        },
        spec: {
          type: "ClusterIP",
          selector: TGI.podLabels,
          ports: [{ name: TGI.portName, port: TGI.port, targetPort: TGI.portName, protocol: "TCP" }],
        },
      },
      child,
    );
  }

  private createDisruptionBudget(name: string, child: pulumi.CustomResourceOptions): void {
    new policy.PodDisruptionBudget(
      `${name}-pdb`,
      {
        metadata: { name: TGI.podDisruptionBudgetName, namespace: this.namespace },
        // `minAvailable: 1` would block every node drain while there is one replica.
        spec: { maxUnavailable: 1, selector: { matchLabels: TGI.podLabels } },
      },
      child,
    );
  }
}

/** Pods read the token when they start: an annotation that changes with it makes a new token reach them. */
function rolloutOnToken(token: pulumi.Output<string> | undefined): {
  annotations?: Record<string, pulumi.Output<string>>;
} {
  if (token === undefined) return {};
  return {
    annotations: {
      "gke-llm-autoscaling/token-sha256": token.apply((text) => createHash("sha256").update(text).digest("hex")),
    },
  };
}
