import assert from "node:assert/strict";
import {
  ACCELERATOR_NAMES,
  ACCELERATORS,
  type AcceleratorName,
  findMachineType,
  gpuCountsOf,
  MACHINE_TYPES,
  type MachineFamily,
  machineTypesOf,
} from "../../catalog/accelerators";

type MachineRow = readonly [
  name: string,
  family: MachineFamily,
  accelerator: AcceleratorName,
  gpus: number,
  vcpus: number,
  memoryGib: number,
];

/** Compute Engine's table of GPU machine types, row by row. */
const MACHINES: readonly MachineRow[] = [
  ["g2-standard-4", "g2", "nvidia-l4", 1, 4, 16],
  ["g2-standard-8", "g2", "nvidia-l4", 1, 8, 32],
  ["g2-standard-12", "g2", "nvidia-l4", 1, 12, 48],
  ["g2-standard-16", "g2", "nvidia-l4", 1, 16, 64],
  ["g2-standard-32", "g2", "nvidia-l4", 1, 32, 128],
  ["g2-standard-24", "g2", "nvidia-l4", 2, 24, 96],
  ["g2-standard-48", "g2", "nvidia-l4", 4, 48, 192],
  ["g2-standard-96", "g2", "nvidia-l4", 8, 96, 384],
  ["a2-highgpu-1g", "a2-highgpu", "nvidia-tesla-a100", 1, 12, 85],
  ["a2-highgpu-2g", "a2-highgpu", "nvidia-tesla-a100", 2, 24, 170],
  ["a2-highgpu-4g", "a2-highgpu", "nvidia-tesla-a100", 4, 48, 340],
  ["a2-highgpu-8g", "a2-highgpu", "nvidia-tesla-a100", 8, 96, 680],
  ["a2-megagpu-16g", "a2-megagpu", "nvidia-tesla-a100", 16, 96, 1360],
  ["a2-ultragpu-1g", "a2-ultragpu", "nvidia-a100-80gb", 1, 12, 170],
  ["a2-ultragpu-2g", "a2-ultragpu", "nvidia-a100-80gb", 2, 24, 340],
  ["a2-ultragpu-4g", "a2-ultragpu", "nvidia-a100-80gb", 4, 48, 680],
  ["a2-ultragpu-8g", "a2-ultragpu", "nvidia-a100-80gb", 8, 96, 1360],
];

describe("accelerators", () => {
  it("are the three that GKE calls nvidia-l4, nvidia-tesla-a100 and nvidia-a100-80gb", () => {
    assert.deepEqual(ACCELERATOR_NAMES, ["nvidia-l4", "nvidia-tesla-a100", "nvidia-a100-80gb"]);
    assert.deepEqual(Object.keys(ACCELERATORS), [...ACCELERATOR_NAMES]);
  });

  const rows = [
    { name: "nvidia-l4", displayName: "L4", memoryGib: 22.2, bandwidthGBps: 300, bf16Tflops: 121 },
    { name: "nvidia-tesla-a100", displayName: "A100 40GB", memoryGib: 39.4, bandwidthGBps: 1555, bf16Tflops: 312 },
    { name: "nvidia-a100-80gb", displayName: "A100 80GB", memoryGib: 79.2, bandwidthGBps: 2039, bf16Tflops: 312 },
  ] as const;
  for (const { name, ...expected } of rows) {
    it(`${name} has the memory that CUDA reports and the speed of NVIDIA's data sheet`, () => {
      const { displayName, memoryGib, bandwidthGBps, bf16Tflops } = ACCELERATORS[name];
      assert.deepEqual({ displayName, memoryGib, bandwidthGBps, bf16Tflops }, expected);
    });
  }

  it("decode at the share of the bandwidth, and with the overhead, that measurements of 8B models imply", () => {
    const fitted = ACCELERATOR_NAMES.map((name) => [
      ACCELERATORS[name].decodeBandwidthShare,
      ACCELERATORS[name].decodeOverheadMs,
    ]);
    assert.deepEqual(fitted, [
      [0.85, 2.1],
      [0.81, 2.4],
      [0.75, 2],
    ]);
  });

  const prefill = [
    ["nvidia-l4", 0.4, 0.4],
    ["nvidia-tesla-a100", 0.6, 0.8],
    ["nvidia-a100-80gb", 0.61, 0.67],
  ] as const;
  for (const [name, low, high] of prefill) {
    it(`prefill on ${name} at the middle of the measured shares of its FLOPS, ${low} to ${high}`, () => {
      assert.ok(Math.abs(ACCELERATORS[name].prefillFlopsShare - (low + high) / 2) < 1e-12);
    });
  }

  it("count against the quotas that gcloud prints, Spot VMs against their own", () => {
    const quotas = ACCELERATOR_NAMES.map((name) => [
      ACCELERATORS[name].quotaMetric,
      ACCELERATORS[name].spotQuotaMetric,
    ]);
    assert.deepEqual(quotas, [
      ["NVIDIA_L4_GPUS", "PREEMPTIBLE_NVIDIA_L4_GPUS"],
      ["NVIDIA_A100_GPUS", "PREEMPTIBLE_NVIDIA_A100_GPUS"],
      ["NVIDIA_A100_80GB_GPUS", "PREEMPTIBLE_NVIDIA_A100_80GB_GPUS"],
    ]);
  });
});

describe("tensor parallelism", () => {
  const measured = [
    ["nvidia-l4", 0.72, 0.56],
    ["nvidia-tesla-a100", 0.7, 0.47],
    ["nvidia-a100-80gb", 0.8, 0.61],
  ] as const;
  for (const [name, two, four] of measured) {
    const efficiency = ACCELERATORS[name].tensorParallelEfficiency;

    it(`of ${name} keeps all of one GPU, ${two} of two and ${four} of four`, () => {
      assert.deepEqual([efficiency[1], efficiency[2], efficiency[4]], [1, two, four]);
    });

    it(`of ${name} loses with every further doubling what it loses from two to four`, () => {
      let expected: number = four;
      for (const gpus of gpuCountsOf(name).filter((count) => count > 4)) {
        expected *= four / two;
        assert.ok(Math.abs((efficiency[gpus] ?? Number.NaN) - expected) < 0.01, `${gpus} GPUs`);
      }
    });

    it(`of ${name} is known for exactly the GPU counts that machines offer`, () => {
      assert.deepEqual(Object.keys(efficiency).map(Number), [...gpuCountsOf(name)]);
    });
  }
});

describe("machine types", () => {
  it("are Compute Engine's, each with its own number of GPUs, CPUs and GiB", () => {
    const actual = MACHINE_TYPES.map(
      (it): MachineRow => [it.name, it.family, it.accelerator, it.gpus, it.vcpus, it.memoryGib],
    );
    assert.deepEqual(actual, MACHINES);
  });

  it("are found by name", () => {
    for (const [name, , accelerator, gpus] of MACHINES) {
      const found = findMachineType(name);
      assert.deepEqual([found?.name, found?.accelerator, found?.gpus], [name, accelerator, gpus]);
    }
  });

  for (const name of ["g2-standard-64", "n2-standard-8", "a2-highgpu-16g", "G2-standard-8", ""]) {
    it(`do not include ${JSON.stringify(name)}`, () => assert.equal(findMachineType(name), undefined));
  }

  for (const accelerator of ACCELERATOR_NAMES) {
    it(`of ${accelerator} are listed from the smallest to the largest`, () => {
      const actual = machineTypesOf(accelerator);
      assert.deepEqual(
        actual.map((it) => it.name),
        MACHINES.filter((row) => row[2] === accelerator).map((row) => row[0]),
      );
      const sizes = actual.map((it) => it.gpus * 1000 + it.vcpus);
      assert.deepEqual(
        sizes,
        [...sizes].sort((a, b) => a - b),
      );
    });
  }
});

describe("gpuCountsOf", () => {
  const rows = [
    ["nvidia-l4", [1, 2, 4, 8]],
    ["nvidia-tesla-a100", [1, 2, 4, 8, 16]],
    ["nvidia-a100-80gb", [1, 2, 4, 8]],
  ] as const;
  for (const [accelerator, counts] of rows) {
    it(`names each count of ${accelerator} once, in numeric order: ${counts.join(", ")}`, () => {
      assert.deepEqual(gpuCountsOf(accelerator), counts);
    });
  }
});
