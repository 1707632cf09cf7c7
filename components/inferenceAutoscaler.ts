import * as autoscaling from "@pulumi/kubernetes/autoscaling/v2";
import * as pulumi from "@pulumi/pulumi";
import { hpaMetric, type ScaledWorkload } from "../autoscaling/metricStrategy";
import { TGI } from "../catalog/tgi";
import type { AutoscalerConfig } from "../config/stackConfig";
import { childOptions, componentType } from "./component";

export interface InferenceAutoscalerArgs {
  readonly autoscaler: AutoscalerConfig;
  /** What is scaled, and where its series are: External metrics are scoped to it. */
  readonly workload: ScaledWorkload;
  /** The server's namespace, once it exists. */
  readonly namespace: pulumi.Input<string>;
}

/**
 * The one HPA of the server, whatever the strategy: a second one that selects the same pods stops both. It names its
 * Deployment instead of waiting for it: a slow first start must not leave the stack without autoscaling.
 */
export class InferenceAutoscaler extends pulumi.ComponentResource {
  readonly hpaName: pulumi.Output<string>;

  constructor(name: string, args: InferenceAutoscalerArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("InferenceAutoscaler"), name, {}, opts);
    const { metrics, minReplicas, maxReplicas, behavior } = args.autoscaler;
    const hpa = new autoscaling.HorizontalPodAutoscaler(
      `${name}-hpa`,
      {
        metadata: { name: TGI.hpaName, namespace: args.namespace },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: TGI.deploymentName },
          minReplicas,
          maxReplicas,
          metrics: metrics.map((metric) => hpaMetric(metric, args.workload)),
          ...(behavior === undefined ? {} : { behavior }),
        },
      },
      childOptions(this, opts),
    );
    this.hpaName = hpa.metadata.name;
    this.registerOutputs({ hpaName: this.hpaName });
  }
}
