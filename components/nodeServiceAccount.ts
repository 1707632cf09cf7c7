import { createHash } from "node:crypto";
import * as projects from "@pulumi/gcp/projects";
import * as gcp from "@pulumi/gcp/serviceaccount";
import * as pulumi from "@pulumi/pulumi";
import { LIMITS } from "../catalog/gke";
import { childOptions, componentType } from "./component";

export interface NodeServiceAccountArgs {
  readonly project: string;
  readonly clusterName: string;
  /** Whose account it is: the cluster's name, with the stack's where several may share the cluster. */
  readonly owner: string;
}

/**
 * The service account of the nodes, with what GKE's own agents on a node need and nothing else. The default compute
 * service account is an editor of the project, and absent in many organisations.
 */
export class NodeServiceAccount extends pulumi.ComponentResource {
  readonly email: pulumi.Output<string>;
  /** Nodes must not start before the account may write logs and metrics. */
  readonly grant: projects.IAMMember;

  constructor(name: string, args: NodeServiceAccountArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("NodeServiceAccount"), name, {}, opts);
    const child = childOptions(this, opts);
    const account = new gcp.Account(
      `${name}-account`,
      {
        project: args.project,
        accountId: nodeAccountId(args.owner),
        displayName: `Nodes of GKE cluster ${args.clusterName}`,
      },
      child,
    );
    this.grant = new projects.IAMMember(
      `${name}-grant`,
      { project: args.project, role: "roles/container.defaultNodeServiceAccount", member: account.member },
      child,
    );
    this.email = account.email;
    this.registerOutputs({ email: this.email });
  }
}

/**
 * An account id that belongs to its owner: the name with a suffix; for names that are too long for the 30 characters
 * of an account id, or have other characters than it may have, with a hash in place of their end.
 */
export function nodeAccountId(owner: string): string {
  const id = `${owner}-nodes`;
  if (id.length <= LIMITS.serviceAccountIdLength && /^[a-z][-a-z0-9]+$/.test(id)) return id;
  const hash = createHash("sha256").update(owner).digest("hex").slice(0, 6);
  const start = owner.toLowerCase().replaceAll(/[^-a-z0-9]/g, "-");
  return `${start.slice(0, LIMITS.serviceAccountIdLength - 13)}-${hash}-nodes`;
}
