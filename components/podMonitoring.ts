import { CustomResource } from "@pulumi/kubernetes/apiextensions";
import type * as pulumi from "@pulumi/pulumi";

/** A relabelling rule. Keeping needs a regex: without one it keeps everything. */
export type RelabelRule =
  | { readonly action: "keep"; readonly sourceLabels: readonly string[]; readonly regex: string }
  | {
      readonly action: "replace";
      readonly sourceLabels: readonly string[];
      readonly targetLabel: string;
      readonly replacement: string;
    };

export interface PodMonitoringArgs {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
  /** Port by name: a numeric one drops the `container` label. */
  readonly portName: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly metricRelabeling?: readonly RelabelRule[];
}

/**
 * A PodMonitoring of managed Prometheus. Its default `targetLabels` stay: Pods metrics need `pod`, External ones
 * `exported_namespace` and `exported_container`.
 */
export function podMonitoring(
  name: string,
  args: PodMonitoringArgs,
  opts: pulumi.CustomResourceOptions,
): CustomResource {
  return new CustomResource(
    name,
    {
      apiVersion: "monitoring.googleapis.com/v1",
      kind: "PodMonitoring",
      metadata: { name: args.name, namespace: args.namespace },
      spec: {
        selector: { matchLabels: args.labels },
        endpoints: [
          {
            port: args.portName,
            path: args.path,
            interval: `${args.intervalSeconds}s`,
            ...(args.metricRelabeling === undefined ? {} : { metricRelabeling: args.metricRelabeling }),
          },
        ],
      },
    },
    opts,
  );
}
