import * as gcp from "@pulumi/gcp/monitoring/dashboard";
import * as pulumi from "@pulumi/pulumi";
import { dashboardDocument } from "../observability/dashboard";
import type { ObservedStack } from "../observability/observedStack";
import { childOptions, componentType } from "./component";

export interface DashboardArgs {
  readonly project: string;
  /** What it shows; its charts follow from the strategies in use. */
  readonly stack: ObservedStack;
}

/** The stack's dashboard in Cloud Monitoring. It needs no cluster: its charts fill once there are series. */
export class Dashboard extends pulumi.ComponentResource {
  /** Where people look at it. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: DashboardArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("Dashboard"), name, {}, opts);
    const dashboard = new gcp.Dashboard(
      `${name}-monitoring`,
      { project: args.project, dashboardJson: JSON.stringify(dashboardDocument(args.stack)) },
      childOptions(this, opts),
    );
    this.url = dashboard.id.apply((id) => dashboardUrl(id, args.project));
    this.registerOutputs({ url: this.url });
  }
}

/** @param id `projects/NUMBER/dashboards/ID`. */
function dashboardUrl(id: string, project: string): string {
  return `https://console.cloud.google.com/monitoring/dashboards/builder/${id.slice(id.lastIndexOf("/") + 1)}?project=${project}`;
}
