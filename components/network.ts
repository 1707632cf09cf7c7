// One module a class: all of `compute` would bring 4 MB of declarations into every type check.
import { Network as Vpc } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import * as pulumi from "@pulumi/pulumi";
import { childOptions, componentType } from "./component";

/** Where a cluster is placed in a VPC. Names, or paths when the network is another project's. */
export interface NetworkPlacement {
  readonly network: pulumi.Input<string>;
  readonly subnetwork: pulumi.Input<string>;
  /** Secondary ranges of the subnet. */
  readonly podsRange: pulumi.Input<string>;
  readonly servicesRange: pulumi.Input<string>;
}

export interface NetworkArgs {
  readonly project: string;
  readonly region: string;
  /** Nodes without public addresses need NAT to reach Hugging Face and registries outside Google. */
  readonly nat: boolean;
}

/** Room for 4,092 nodes, 256 of them with pods (a /24 each), and 4,096 services. */
const RANGES = { nodes: "10.64.0.0/20", pods: "10.68.0.0/16", services: "10.72.0.0/20" } as const;

/** A VPC with one subnet for a VPC-native cluster, and a way out for nodes without public addresses. */
export class Network extends pulumi.ComponentResource {
  readonly placement: NetworkPlacement;
  /** What must exist before a private node can reach the internet. */
  readonly egress: readonly pulumi.Resource[];

  constructor(name: string, args: NetworkArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("Network"), name, {}, opts);
    const { project, region } = args;
    const child = childOptions(this, opts);
    const network = new Vpc(`${name}-vpc`, { project, autoCreateSubnetworks: false }, child);
    const subnetwork = new Subnetwork(
      `${name}-subnet`,
      {
        project,
        network: network.id,
        region,
        ipCidrRange: RANGES.nodes,
        // Private nodes reach Google's APIs and registries without NAT.
        privateIpGoogleAccess: true,
        secondaryIpRanges: [
          { rangeName: "pods", ipCidrRange: RANGES.pods },
          { rangeName: "services", ipCidrRange: RANGES.services },
        ],
      },
      child,
    );
    this.placement = {
      network: network.id,
      subnetwork: subnetwork.id,
      podsRange: "pods",
      servicesRange: "services",
    };
    this.egress = args.nat ? [this.createNat(name, args, network, subnetwork, child)] : [];
    this.registerOutputs({});
  }

  private createNat(
    name: string,
    { project, region }: NetworkArgs,
    network: Vpc,
    subnetwork: Subnetwork,
    child: pulumi.CustomResourceOptions,
  ): RouterNat {
    const router = new Router(`${name}-router`, { project, network: network.id, region }, child);
    return new RouterNat(
      `${name}-nat`,
      {
        project,
        router: router.name,
        region,
        natIpAllocateOption: "AUTO_ONLY",
        sourceSubnetworkIpRangesToNat: "LIST_OF_SUBNETWORKS",
        subnetworks: [{ name: subnetwork.id, sourceIpRangesToNats: ["ALL_IP_RANGES"] }],
      },
      child,
    );
  }
}

/** An existing network in the words of the config: names, in full when another project (Shared VPC) owns them. */
export function existingPlacement(
  existing: { network: string; subnetwork: string; podsRange: string; servicesRange: string; project: string },
  region: string,
): NetworkPlacement {
  const { network, subnetwork, project } = existing;
  return {
    network: network.includes("/") ? network : `projects/${project}/global/networks/${network}`,
    subnetwork: subnetwork.includes("/")
      ? subnetwork
      : `projects/${project}/regions/${region}/subnetworks/${subnetwork}`,
    podsRange: existing.podsRange,
    servicesRange: existing.servicesRange,
  };
}
