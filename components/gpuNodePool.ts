import * as gcp from "@pulumi/gcp/container";
import type { container } from "@pulumi/gcp/types/input";
import * as pulumi from "@pulumi/pulumi";
import { GPU_TAINT } from "../catalog/gke";
import type { GpuPoolConfig } from "../config/stackConfig";
import { after, childOptions, componentType } from "./component";
import { NODE_DEFAULTS } from "./nodeDefaults";

type NodeConfig = container.NodePoolNodeConfig;

export interface GpuNodePoolArgs {
  readonly project: string;
  /** Undefined: as the cluster, which is somebody else's, has it. */
  readonly privateNodes: boolean | undefined;
  /** Resource id of the cluster: `projects/…/locations/…/clusters/…`. */
  readonly clusterId: pulumi.Input<string>;
  readonly pool: GpuPoolConfig;
  /** Most replicas that the HPA may ask for: a pool that holds more has a node to spare for upgrades. */
  readonly maxReplicas: number;
  readonly nodeServiceAccount: pulumi.Input<string>;
  readonly nodeGrants: readonly pulumi.Resource[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * The GPU nodes. The cluster autoscaler owns how many there are; the stack sets the bounds, in totals over all zones.
 * The pool's name is Pulumi's to choose, so that a replacement can exist beside its predecessor.
 */
export class GpuNodePool extends pulumi.ComponentResource {
  readonly pool: gcp.NodePool;

  constructor(name: string, args: GpuNodePoolArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("GpuNodePool"), name, {}, opts);
    const { pool } = args;
    this.pool = new gcp.NodePool(
      `${name}-gpu`,
      {
        project: args.project,
        cluster: args.clusterId,
        nodeLocations: [...pool.zones],
        // Changing it replaces the pool, so it never follows gpuMinNodes; the autoscaler does.
        initialNodeCount: 0,
        autoscaling: {
          totalMinNodeCount: pool.minNodes,
          totalMaxNodeCount: pool.maxNodes,
          // GPUs are where they are in stock: a balanced pool waits for the zone that has none.
          locationPolicy: "ANY",
        },
        upgradeSettings: upgradeSettings(args),
        management: NODE_DEFAULTS.management,
        // A cluster's own setting is for the pools that are made after it.
        ...(args.privateNodes === undefined ? {} : { networkConfig: { enablePrivateNodes: args.privateNodes } }),
        nodeConfig: {
          ...NODE_DEFAULTS.nodeConfig,
          machineType: pool.machine.name,
          guestAccelerators: [
            {
              type: pool.accelerator,
              count: pool.machine.gpus,
              gpuDriverInstallationConfig: { gpuDriverVersion: pool.driverVersion },
            },
          ],
          taints: [{ key: GPU_TAINT.key, value: GPU_TAINT.value, effect: GPU_TAINT.gkeEffect }],
          diskType: "pd-balanced",
          diskSizeGb: pool.diskGb,
          gcfsConfig: { enabled: pool.imageStreaming },
          spot: pool.spot,
          ...reservationAffinity(pool.reservation),
          serviceAccount: args.nodeServiceAccount,
          resourceLabels: args.labels,
        },
      },
      after(childOptions(this, opts), ...args.nodeGrants),
    );
    this.registerOutputs({});
  }
}

/** A surge upgrade needs one more GPU node than usual; where the pool has none to spare it would wait for ever. */
function upgradeSettings({ pool, maxReplicas }: GpuNodePoolArgs): { maxSurge: number; maxUnavailable: number } {
  const spareNode = (pool.maxNodes - 1) * pool.replicasPerNode >= maxReplicas;
  return spareNode ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 };
}

function reservationAffinity(reservation: string | undefined): Pick<NodeConfig, "reservationAffinity"> {
  if (reservation === undefined) return {};
  return {
    reservationAffinity: {
      consumeReservationType: "SPECIFIC_RESERVATION",
      key: "compute.googleapis.com/reservation-name",
      values: [reservation],
    },
  };
}
