import type { Experiment, Source } from "./point";
import { vllm } from "./servers";
import { A100_40, GEMMA_2_27B, type Gpu, L4 } from "./shapes";

const INPUT = { mean: 108, spread: 0.5 };
const OUTPUT = { mean: 132, spread: 0.5 };

type Row = readonly [latencyPerTokenMs: number, tokensPerSecond: number, fitted?: boolean];

/** Latency × throughput is the number of requests in the server (Little's law): so many clients in a closed loop. */
function experiments(gpu: Gpu, gpus: number, rows: readonly Row[]): Experiment[] {
  const limits = vllm(gpu, gpus, GEMMA_2_27B, INPUT, OUTPUT);
  return rows.map(([latencyPerTokenMs, tokensPerSecond, fitted]) => ({
    ...{ gpu, gpus, model: GEMMA_2_27B, server: "vLLM 0.7.2", limits, input: INPUT, output: OUTPUT },
    load: { kind: "closed", clients: Math.round((latencyPerTokenMs / 1000) * tokensPerSecond) },
    measured: { tokensPerSecond },
    fitted: fitted === true ? ["tokensPerSecond"] : [],
  }));
}

export const QUICKSTART: Source = {
  title: "GKE Inference Quickstart",
  origin:
    "github.com/GoogleCloudPlatform/kubernetes-engine-samples, commit 2b50365, ai-ml/notebooks/giq_visualizations.ipynb (output of the cells)",
  statistic: "mean",
  remarks: [
    "It reports pairs of throughput and latency ÷ output tokens: their product is the number of requests in the server, at which the model runs. The latency follows from the throughput, and has the same error the other way round.",
    "The last point on L4s is a saturated server. Its 461 requests share a batch of at most 256. What four GPUs exchange over PCIe grows with the batch, which the model's constant efficiency does not show.",
  ],
  experiments: [
    ...experiments(L4, 4, [
      [118, 143, true],
      [151, 232],
      [179, 362],
      [196, 386],
      [1085, 425],
    ]),
    ...experiments(A100_40, 2, [
      [34, 170],
      [47, 565],
      [54, 800],
      [58, 1040],
      [70, 1243],
    ]),
  ],
};
