import assert from "node:assert/strict";
import { checkPodOnNode } from "../../config/fits";
import { accepted, itHolds, lines, parse } from "../support/config";

const unknown = { modelId: "a/b", gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };
const nineB = { modelId: "google/gemma-2-9b-it", maxInputTokens: "4096" };

/**
 * gemma-2-9b on 2 × L4, prefill 4,096: 0.9 × (2 × 22.168 - 18.5 - 2 × 7.243) GB ÷ 344,064 bytes = 29,692 tokens, which
 * are 4 × 7,423.
 */
describe("The GPUs of a replica hold the model and a usable KV cache", () => {
  itHolds({
    "a KV cache of less than four requests": {
      refused: { ...nineB, maxTotalTokens: "7424" },
      key: "gpusPerReplica",
      value: "2",
      rule:
        "the model must fit with a KV cache of at least 4 requests of maxTotalTokens: google/gemma-2-9b-it on 2 × L4: " +
        "18.5 GB weights + 14.5 GB warm-up of 44.3 GB; KV cache 29,692 tokens = ",
      fix: "more gpusPerReplica (1, 2, 4, 8), a larger accelerator, or smaller maxTotalTokens and maxBatchPrefillTokens",
      concerns: ["modelId", "accelerator", "maxTotalTokens", "maxInputTokens", "maxBatchPrefillTokens"],
      accepted: { ...nineB, maxTotalTokens: "7423" },
    },
    "weights that are larger than the GPU": {
      refused: { modelId: "google/gemma-2-27b-it", gpusPerReplica: "1" },
      key: "gpusPerReplica",
      value: "1",
      // 22.2 GiB × 0.93 = 22.2 GB; prefill 1,024: 2 + 1.3.
      rule: "google/gemma-2-27b-it on 1 × L4: 54.5 GB weights + 3.3 GB warm-up of 22.2 GB; KV cache 0 tokens = 0 requests of 2,048 [estimate]",
      fix: "more gpusPerReplica (1, 2, 4, 8)",
      amongOthers: true,
      accepted: { modelId: "google/gemma-2-27b-it", gpusPerReplica: "4" },
    },
  });

  it("says the same of a model that fits", () => {
    const { checks } = accepted().verdict;
    // 22.168 - 5.2 - 7.243 GB × 0.9 ÷ 106,496 = 82,191 tokens ÷ 8,192 = 10.03.
    assert.equal(
      checks.find(({ name }) => name === "GPU memory")?.figures,
      "google/gemma-2-2b-it on 1 × L4: 5.2 GB weights + 7.2 GB warm-up of 22.2 GB; " +
        "KV cache 82,191 tokens = 10 requests of 8,192 [estimate]",
    );
  });
});

describe("The number of GPUs", () => {
  itHolds({
    "a count that no machine has": {
      refused: { gpusPerReplica: "3" },
      key: "gpusPerReplica",
      value: "3",
      rule: "must be a count that a machine type with nvidia-l4 offers: 1, 2, 4, 8",
      fix: "one of 1, 2, 4, 8",
      concerns: ["accelerator"],
      amongOthers: true,
      accepted: { gpusPerReplica: "2" },
    },
    "the 16 that only A100s have": {
      refused: { ...unknown, gpusPerReplica: "16" },
      key: "gpusPerReplica",
      value: "16",
      rule: "must be a count that a machine type with nvidia-l4 offers: 1, 2, 4, 8",
      fix: "one of 1, 2, 4, 8",
      amongOthers: true,
      accepted: { ...unknown, gpusPerReplica: "16", accelerator: "nvidia-tesla-a100" },
    },
    "more shards than the model has key/value heads": {
      refused: { gpusPerReplica: "8" },
      key: "gpusPerReplica",
      value: "8",
      rule: "must divide the 8 attention heads and 4 key/value heads of google/gemma-2-2b-it",
      fix: "fewer gpusPerReplica",
      concerns: ["modelId"],
      accepted: { gpusPerReplica: "4" },
    },
    "a machine with another accelerator": {
      refused: { gpuMachineType: "a2-highgpu-1g" },
      key: "gpuMachineType",
      value: "a2-highgpu-1g",
      rule: "it carries nvidia-tesla-a100, not nvidia-l4",
      fix: "one of g2-standard-4, g2-standard-8, g2-standard-12, g2-standard-16, g2-standard-32, g2-standard-24, g2-standard-48, g2-standard-96",
      concerns: ["accelerator", "gpusPerReplica"],
      accepted: { gpuMachineType: "a2-highgpu-1g", accelerator: "nvidia-tesla-a100" },
    },
    "a machine with fewer GPUs than a replica": {
      refused: { gpuMachineType: "g2-standard-24", gpusPerReplica: "4" },
      key: "gpuMachineType",
      value: "g2-standard-24",
      rule: "its 2 GPUs must be a multiple of the 4 of one replica",
      fix: "one of g2-standard-48, g2-standard-96",
      accepted: { gpuMachineType: "g2-standard-96", gpusPerReplica: "4" },
    },
  });

  it("never recommends an empty list of machines", () => {
    for (const line of lines({ gpusPerReplica: "16" })) assert.doesNotMatch(line, /one of\s*$/);
  });
});

describe("A server pod fits on a node", () => {
  // g2-standard-8: 8 - 0.09 - 1 CPU; 32 - 3.56 - 0.1 - 4 GiB; 100 GB of disk: 45.2 - 20 GiB.
  const node =
    "one server pod must fit on a node: g2-standard-8 with 100 GB leaves servers 6.9 CPU, 24.3 GiB memory, 25.2 GiB disk";
  const machine = { gpuMachineType: "g2-standard-8" };
  itHolds({
    "more CPUs than the node leaves": {
      refused: { ...machine, serverCpu: "7" },
      key: "serverCpu",
      value: "7",
      rule: `${node}; one needs 7 CPU, 10 GiB, 10 GiB`,
      fix: "a smaller serverCpu or a larger gpuMachineType",
      concerns: ["gpuMachineType"],
      accepted: { ...machine, serverCpu: "6.9" },
    },
    "more memory than the node leaves": {
      refused: { ...machine, serverMemory: "25Gi" },
      key: "serverMemory",
      value: "25",
      rule: `${node}; one needs 2 CPU, 25 GiB, 10 GiB`,
      fix: "a smaller serverMemory or a larger gpuMachineType",
      concerns: ["gpuMachineType"],
      accepted: { ...machine, serverMemory: "24Gi" },
    },
    "more disk than the node leaves": {
      refused: { ...machine, gpuDiskGb: "100", serverDisk: "26Gi" },
      key: "serverDisk",
      value: "26",
      rule: `${node}; one needs 2 CPU, 10 GiB, 26 GiB`,
      fix: "a smaller serverDisk or a larger gpuDiskGb",
      concerns: ["gpuMachineType", "gpuDiskGb"],
      accepted: { ...machine, gpuDiskGb: "100", serverDisk: "25Gi" },
    },
    "a disk that is too small for the weights": {
      // 5.2 + 2 GB = 6.7 GiB.
      refused: { serverDisk: "7199M" },
      key: "serverDisk",
      value: "6.7 GiB",
      rule: "must hold the weights (5.2 GB) and 2 GB beside them",
      fix: "pulumi config set serverDisk 7Gi",
      concerns: ["modelId"],
      accepted: { serverDisk: "7201M" },
    },
    "no memory beside the shared one": {
      refused: { serverMemory: "1Gi" },
      key: "serverMemory",
      value: "1 GiB",
      rule: "must be more than the 1 GiB of shared memory that counts against it",
      fix: "pulumi config set serverMemory 10Gi",
      accepted: { serverMemory: "1025Mi" },
    },
    "no memory for a model outside the catalogue": {
      refused: { ...unknown, serverMemory: "1Gi" },
      key: "serverMemory",
      value: "1 GiB",
      rule: "must be more than the 1 GiB of shared memory",
      fix: "pulumi config set serverMemory 16Gi",
      accepted: unknown,
    },
  });

  it("even if it takes all that is left", () => {
    const { config } = accepted(machine);
    const full = {
      cpu: 8 - (0.06 + 0.01 + 2 * 0.005 + 4 * 0.0025) - 1,
      memoryGib: 32 - (1 + 0.8 + 0.8 + 16 * 0.06) - 100 / 1024 - 4,
      diskGib: (5.2 + 2) / 1.073741824,
    };
    const verdict = checkPodOnNode({ ...config, server: { ...config.server, ...full } });
    assert.deepEqual(verdict.problems, []);
  });

  it("and the plan says how many do", () => {
    const { checks } = accepted({ gpuMachineType: "g2-standard-48" }).verdict;
    // 48 - 0.08 - 0.11 - 1 CPU; 192 - 2.6 - 6.72 - 1.28 - 0.1 - 4 GiB; 130 GB: 0.55 × 121.07 - 6 - 20 GiB.
    assert.equal(
      checks.find(({ name }) => name === "Node")?.figures,
      "g2-standard-48 with 130 GB leaves servers 46.8 CPU, 177.3 GiB memory, 40.5 GiB disk; " +
        "one needs 2 CPU, 10 GiB, 10 GiB: 4 a node",
    );
  });

  it("and where it does not, nothing is said about the number of nodes that would hold none", () => {
    const { problems } = parse({ ...machine, serverCpu: "7", gpuMaxNodes: "1" }).verdict;
    assert.deepEqual(
      problems.map(({ keys }) => keys[0]),
      ["serverCpu"],
    );
  });
});
