import { ACCELERATOR_NAMES, MACHINE_TYPES } from "../../catalog/accelerators";
import { LIMITS } from "../../catalog/gke";
import { key, resourceName, ZONE_FORM } from "../key";
import { flag, oneOf, structured, wholeNumber } from "../read";

/** The GPU node pool. */
export const gpuPoolKeys = {
  accelerator: key(oneOf(ACCELERATOR_NAMES), "`nvidia-l4`", "GPU of the pool"),
  gpusPerReplica: key(
    wholeNumber(1, 16),
    "by model × accelerator",
    "GPUs of one server pod; a count that a machine type offers",
  ),
  gpuMachineType: key(
    oneOf(MACHINE_TYPES.map((machine) => machine.name)),
    "smallest that fits one replica",
    "machine type of the GPU pool",
  ),
  gpuMinNodes: key(
    wholeNumber(0, LIMITS.nodesPerPool),
    "0",
    "nodes of the GPU pool that stay, in all zones together; they cost money while idle",
  ),
  gpuMaxNodes: key(
    wholeNumber(1, LIMITS.nodesPerPool),
    "what `maxReplicas` and one more need",
    "most nodes of the GPU pool, in all zones together; without the one more, a rollout is an outage",
  ),
  gpuZones: key(
    structured(
      (z) =>
        z
          .array(z.string().regex(ZONE_FORM, "must be a zone such as us-central1-a"))
          .min(1, "must name at least one zone"),
      "list of zones",
      "a list of zones",
      '["us-central1-a"]',
    ),
    "catalogue ∩ location",
    "zones of the GPU pool; overrides the catalogue of zones that offer the accelerator",
  ),
  spot: key(
    flag(),
    "`false`",
    "Spot VMs: cheaper, taken away with 30 s notice, which is less than the server needs to drain",
  ),
  reservation: key(resourceName("my-reservation"), "–", "Compute Engine reservation that the GPU pool consumes"),
  gpuDriverVersion: key(
    oneOf(["DEFAULT", "LATEST"]),
    "`LATEST`",
    "NVIDIA driver that GKE installs; changing it replaces the pool",
  ),
  gpuDiskGb: key(
    wholeNumber(30, LIMITS.bootDiskGb),
    "by model",
    "boot disk of a GPU node, in GB; GKE keeps about half of a small one for itself",
  ),
  imageStreaming: key(
    flag(),
    "`true`",
    "start containers before their image has been pulled; only for images in Artifact Registry near the nodes",
  ),
} as const;
