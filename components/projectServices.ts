import * as gcp from "@pulumi/gcp/projects";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentType } from "./component";

/** The Google APIs of the stack. They stay on when the stack goes: other things in the project may use them. */
export class ProjectServices extends pulumi.ComponentResource {
  /** What has to wait until the APIs are on. */
  readonly services: readonly gcp.Service[];

  /** @param args.services API names without their domain, such as `container`. */
  constructor(
    name: string,
    args: { project: string; services: readonly string[] },
    opts: pulumi.ComponentResourceOptions = {},
  ) {
    super(componentType("ProjectServices"), name, {}, opts);
    this.services = args.services.map(
      (service) =>
        new gcp.Service(
          `${name}-${service}`,
          { project: args.project, service: `${service}.googleapis.com`, disableOnDestroy: false },
          childOptions(this, opts),
        ),
    );
    this.registerOutputs({});
  }
}
