import * as pulumi from "@pulumi/pulumi";
import { TGI } from "../catalog/tgi";
import { childOptions, componentType } from "./component";
import { podMonitoring } from "./podMonitoring";

export interface TgiPodMonitoringArgs {
  /** The server's namespace: a PodMonitoring selects pods beside it. */
  readonly namespace: pulumi.Input<string>;
}

/**
 * Lets managed Prometheus scrape TGI. Exactly one object selects the pods: the adapter adds up the series of a second.
 * It exists under every strategy, because dashboards and alerts read these series too.
 */
export class TgiPodMonitoring extends pulumi.ComponentResource {
  constructor(name: string, args: TgiPodMonitoringArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("TgiPodMonitoring"), name, {}, opts);
    podMonitoring(
      `${name}-podmonitoring`,
      {
        name: TGI.podMonitoringName,
        namespace: args.namespace,
        labels: TGI.podLabels,
        portName: TGI.portName,
        path: TGI.metricsPath,
        intervalSeconds: TGI.scrapeIntervalSeconds,
      },
      childOptions(this, opts),
    );
    this.registerOutputs({});
  }
}
