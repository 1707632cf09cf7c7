import assert from "node:assert/strict";
import { decodeSeconds, type GpuSpeed, prefillSeconds, roofline, rooflineStepTimes } from "../../autoscaling/roofline";
import { MODELS } from "../../catalog/models";

/** Round figures: 400 GB/s and 40 TFLOPS are reached by one GPU, twice that by four. */
const GPU: GpuSpeed = {
  bandwidthGBps: 500,
  bf16Tflops: 100,
  decodeBandwidthShare: 0.8,
  decodeOverheadMs: 3,
  prefillFlopsShare: 0.4,
  tensorParallelEfficiency: { 1: 1, 4: 0.5 },
};
const MODEL = { weightsGb: 20, parametersB: 10, kvBytesPerToken: 200_000 };

function assertTimes(gpus: number, expected: readonly number[]): void {
  const times = Object.values(roofline(MODEL, GPU, gpus));
  for (const [i, value] of times.entries()) {
    assert.ok(Math.abs(value - (expected[i] ?? Number.NaN)) < 1e-12, `${value} is not ${expected[i]}`);
  }
}

describe("the roofline", () => {
  it("reads weights and cache at the reached bandwidth and computes at the reached FLOPS, the host's time on top", () => {
    // 20 GFLOP a token at 40 TFLOPS is half a millisecond; 20 GB at 400 GB/s are 50 ms, 200 kB half a microsecond.
    assertTimes(1, [0.016, 0.0005, 0.053, 0.000575, 5e-7]);
  });

  it("has GPUs and their efficiency share bytes and FLOPS, not the overheads", () => {
    assertTimes(4, [0.016, 0.00025, 0.028, 0.000325, 2.5e-7]);
  });

  it("counts GPUs that no machine offers together as one", () => {
    assert.deepEqual(roofline(MODEL, GPU, 3), roofline(MODEL, GPU, 1));
  });

  it("is the catalogue's for a replica", () => {
    const model = MODELS.get("google/gemma-2-2b") ?? assert.fail();
    const { decodeBaseSeconds } = rooflineStepTimes({ model, accelerator: "nvidia-l4", gpus: 1 });
    assert.equal(decodeBaseSeconds, 0.0021 + 5.2 / (300 * 0.85));
  });

  it("adds up to prefills and decode steps", () => {
    const times = roofline(MODEL, GPU, 1);
    assert.equal(prefillSeconds(times, 1000).toFixed(9), (0.516).toFixed(9));
    assert.equal(decodeSeconds(times, 10, 20_000).toFixed(9), (0.053 + 0.00575 + 0.01).toFixed(9));
  });
});
