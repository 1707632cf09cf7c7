import { ACCELERATORS, type Accelerator, type AcceleratorName } from "../catalog/accelerators";
import type { Model } from "../catalog/models";
import { TGI } from "../catalog/tgi";

/** One replica: a model on some GPUs of one kind. */
export interface Replica {
  readonly model: Model;
  readonly accelerator: AcceleratorName;
  readonly gpus: number;
}

/** How long a server works, as straight lines, so that measurements can be fitted to them. All in seconds. */
export interface StepTimes {
  /** Of every prefill, whatever it holds. */
  readonly prefillBaseSeconds: number;
  readonly prefillPerTokenSeconds: number;
  /** Of every decode step, whatever the batch. */
  readonly decodeBaseSeconds: number;
  readonly decodePerSequenceSeconds: number;
  /** For each token whose keys and values a step reads, all sequences together. */
  readonly decodePerKvTokenSeconds: number;
}

/** What the roofline takes of a model. Weights and parameters are those that every token needs. */
export type ModelShape = Pick<Model, "weightsGb" | "parametersB" | "kvBytesPerToken">;

/** What the roofline takes of a GPU. */
export type GpuSpeed = Pick<
  Accelerator,
  | "bandwidthGBps"
  | "bf16Tflops"
  | "decodeBandwidthShare"
  | "decodeOverheadMs"
  | "prefillFlopsShare"
  | "tensorParallelEfficiency"
>;

/**
 * Step times of a model on GPUs [roofline]:
 *
 * - A decode step reads the weights once and each sequence's KV cache, at the share of the memory bandwidth that
 *   servers reach. Each sequence's token also costs the FLOPs of a prefilled one, and the host's time.
 * - A prefill is bound by compute, two FLOPs a parameter and token at the share that servers reach: the weights are
 *   read meanwhile. Below some 200 tokens of a large model that is not so, and the prefill is longer than said here.
 * - Several GPUs are as fast as their number times their tensor-parallel efficiency.
 *
 * How far that is from what was measured is in docs/simulator-verification.md.
 */
export function roofline(model: ModelShape, gpu: GpuSpeed, gpus: number): StepTimes {
  // GPUs that no machine offers together count as one.
  const speed = gpus * (gpu.tensorParallelEfficiency[gpus] ?? 1 / gpus);
  const bytesPerSecond = gpu.bandwidthGBps * 1e9 * gpu.decodeBandwidthShare * speed;
  const flopsPerSecond = gpu.bf16Tflops * 1e12 * gpu.prefillFlopsShare * speed;
  const tokenSeconds = (2 * model.parametersB * 1e9) / flopsPerSecond;
  return {
    prefillBaseSeconds: TGI.prefillOverheadMs / 1000,
    prefillPerTokenSeconds: tokenSeconds,
    decodeBaseSeconds: gpu.decodeOverheadMs / 1000 + (model.weightsGb * 1e9) / bytesPerSecond,
    decodePerSequenceSeconds: TGI.sequenceOverheadMs / 1000 + tokenSeconds,
    decodePerKvTokenSeconds: model.kvBytesPerToken / bytesPerSecond,
  };
}

/** Step times of a replica [roofline]. */
export function rooflineStepTimes({ model, accelerator, gpus }: Replica): StepTimes {
  return roofline(model, ACCELERATORS[accelerator], gpus);
}

/** Seconds of a prefill. */
export function prefillSeconds(times: StepTimes, tokens: number): number {
  return times.prefillBaseSeconds + tokens * times.prefillPerTokenSeconds;
}

/** Seconds of a decode step. @param kvTokens of all sequences together. */
export function decodeSeconds(times: StepTimes, sequences: number, kvTokens: number): number {
  const { decodeBaseSeconds, decodePerSequenceSeconds, decodePerKvTokenSeconds } = times;
  return decodeBaseSeconds + sequences * decodePerSequenceSeconds + kvTokens * decodePerKvTokenSeconds;
}
