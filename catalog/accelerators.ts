/** GKE accelerator strings, which are also the values of the node label `cloud.google.com/gke-accelerator`. */
export const ACCELERATOR_NAMES = ["nvidia-l4", "nvidia-tesla-a100", "nvidia-a100-80gb"] as const;

export type AcceleratorName = (typeof ACCELERATOR_NAMES)[number];

/** Compute Engine machine families that carry our accelerators. Zones offer families, not accelerators. */
export type MachineFamily = "g2" | "a2-highgpu" | "a2-megagpu" | "a2-ultragpu";

export interface Accelerator {
  /** How people call it. */
  readonly displayName: string;
  /** Memory of one GPU as CUDA reports it, in GiB (less than on the box: ECC and the driver take theirs). */
  readonly memoryGib: number;
  /** Memory bandwidth of one GPU, in GB/s (NVIDIA data sheets). */
  readonly bandwidthGBps: number;
  /** Dense BF16 throughput of one GPU, in TFLOPS (NVIDIA data sheets). */
  readonly bf16Tflops: number;
  /** Share of the bandwidth that a decode step reaches. */
  readonly decodeBandwidthShare: number;
  /** Time of a decode step that does not depend on bytes, in milliseconds. */
  readonly decodeOverheadMs: number;
  /** Share of the FLOPS that prefill reaches. */
  readonly prefillFlopsShare: number;
  /** Speed of n GPUs ÷ (n × speed of one), by n. */
  readonly tensorParallelEfficiency: Readonly<Record<number, number>>;
  /** Compute Engine quota metric that its GPUs count against, as `gcloud compute regions describe` prints it. */
  readonly quotaMetric: string;
  /** The same for Spot VMs. */
  readonly spotQuotaMetric: string;
}

/**
 * What one GPU is and how fast it serves.
 *
 * Sources: memory, bandwidth and FLOPS from NVIDIA's data sheets and `nvidia-smi`; the shares are fitted to public
 * measurements of 8B models (FreedomIntelligence/AccelMark@5797fc4; for two and four GPUs also Google's GKE Inference
 * Quickstart notebook). Efficiencies of 8 and 16 GPUs are extrapolated from those of 2 and 4: nobody published them.
 * As of 2026-11.
 */
export const ACCELERATORS: Readonly<Record<AcceleratorName, Accelerator>> = {
  "nvidia-l4": {
    displayName: "L4",
    memoryGib: 22.2,
    bandwidthGBps: 300,
    bf16Tflops: 121,
    decodeBandwidthShare: 0.85,
    decodeOverheadMs: 2.1,
    prefillFlopsShare: 0.4,
    tensorParallelEfficiency: { 1: 1, 2: 0.72, 4: 0.56, 8: 0.43 },
    quotaMetric: "NVIDIA_L4_GPUS",
    spotQuotaMetric: "PREEMPTIBLE_NVIDIA_L4_GPUS",
  },
  "nvidia-tesla-a100": {
    displayName: "A100 40GB",
    memoryGib: 39.4,
    bandwidthGBps: 1555,
    bf16Tflops: 312,
    decodeBandwidthShare: 0.81,
    decodeOverheadMs: 2.4,
    prefillFlopsShare: 0.7,
    tensorParallelEfficiency: { 1: 1, 2: 0.7, 4: 0.47, 8: 0.32, 16: 0.21 },
    quotaMetric: "NVIDIA_A100_GPUS",
    spotQuotaMetric: "PREEMPTIBLE_NVIDIA_A100_GPUS",
  },
  "nvidia-a100-80gb": {
    displayName: "A100 80GB",
    memoryGib: 79.2,
    bandwidthGBps: 2039,
    bf16Tflops: 312,
    decodeBandwidthShare: 0.75,
    decodeOverheadMs: 2,
    prefillFlopsShare: 0.64,
    tensorParallelEfficiency: { 1: 1, 2: 0.8, 4: 0.61, 8: 0.46 },
    quotaMetric: "NVIDIA_A100_80GB_GPUS",
    spotQuotaMetric: "PREEMPTIBLE_NVIDIA_A100_80GB_GPUS",
  },
};

export interface MachineType {
  readonly name: string;
  readonly family: MachineFamily;
  readonly accelerator: AcceleratorName;
  readonly gpus: number;
  readonly vcpus: number;
  readonly memoryGib: number;
}

function machines(
  family: MachineFamily,
  accelerator: AcceleratorName,
  rows: readonly (readonly [suffix: string, gpus: number, vcpus: number, memoryGib: number])[],
): MachineType[] {
  return rows.map(([suffix, gpus, vcpus, memoryGib]) => ({
    name: `${family}-${suffix}`,
    family,
    accelerator,
    gpus,
    vcpus,
    memoryGib,
  }));
}

/**
 * GPU machine types, within an accelerator from the smallest to the largest. The GPU count is part of the machine
 * type: GKE refuses any other. Source: Compute Engine "GPU machine types", 2026-11.
 */
export const MACHINE_TYPES: readonly MachineType[] = [
  ...machines("g2", "nvidia-l4", [
    ["standard-4", 1, 4, 16],
    ["standard-8", 1, 8, 32],
    ["standard-12", 1, 12, 48],
    ["standard-16", 1, 16, 64],
    ["standard-32", 1, 32, 128],
    ["standard-24", 2, 24, 96],
    ["standard-48", 4, 48, 192],
    ["standard-96", 8, 96, 384],
  ]),
  ...machines("a2-highgpu", "nvidia-tesla-a100", [
    ["1g", 1, 12, 85],
    ["2g", 2, 24, 170],
    ["4g", 4, 48, 340],
    ["8g", 8, 96, 680],
  ]),
  ...machines("a2-megagpu", "nvidia-tesla-a100", [["16g", 16, 96, 1360]]),
  ...machines("a2-ultragpu", "nvidia-a100-80gb", [
    ["1g", 1, 12, 170],
    ["2g", 2, 24, 340],
    ["4g", 4, 48, 680],
    ["8g", 8, 96, 1360],
  ]),
];

export function findMachineType(name: string): MachineType | undefined {
  return MACHINE_TYPES.find((machine) => machine.name === name);
}

/** The GPU machine types of an accelerator, smallest first. */
export function machineTypesOf(accelerator: AcceleratorName): readonly MachineType[] {
  return MACHINE_TYPES.filter((machine) => machine.accelerator === accelerator);
}

/** GPU counts that some machine type of the accelerator offers, ascending. */
export function gpuCountsOf(accelerator: AcceleratorName): readonly number[] {
  return [...new Set(machineTypesOf(accelerator).map((machine) => machine.gpus))].sort((a, b) => a - b);
}
