import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeStepSeconds, type Replica } from "../../autoscaling/capacity";
import { METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { defaultTarget, defaultTargetOfUnknownModel, toleranceBand } from "../../autoscaling/targets";
import { ACCELERATOR_NAMES, type AcceleratorName, gpuCountsOf } from "../../catalog/accelerators";
import { MODELS, type Model } from "../../catalog/models";
import { SIMULATED_BATCHES } from "../../catalog/simulatedBatches";
import { holdingBatch } from "../../tools/targets/holdingBatch";

/** On one L4, whose steps take 2.1 ms more than reading the bytes at 255 GB/s; it has nothing to prefill. */
function onL4(weightsGb: number, kvBytesPerToken: number): Replica {
  const model: Model = {
    weightsGb,
    parametersB: 0,
    kvBytesPerToken,
    attentionHeads: 8,
    keyValueHeads: 8,
    contextTokens: 8192,
    vocabulary: 256_000,
    serverCpu: 1,
    serverMemoryGib: 1,
    serverDiskGib: 1,
  };
  return { model, accelerator: "nvidia-l4", gpus: 1 };
}

/** A step of `aloneMs` without any chat, and 1 ms more for each: 255 MB of KV cache for 1,260.5 tokens. */
function stepping(aloneMs: number): Replica {
  return onL4((aloneMs - 2.1) * 0.255, 255e6 / 1260.5);
}

describe("the default target of queue-size", () => {
  it("is half a request, whatever the server: that many wait where it keeps up", () => {
    for (const batch of [1, 25, 500]) assert.equal(defaultTarget("queue-size", stepping(10.5), batch), 0.5);
  });
});

describe("the default target of batch-size, of a model of the catalogue", () => {
  const replicaOf = (modelId: string, accelerator: AcceleratorName, gpus: number): Replica => ({
    model: MODELS.get(modelId) ?? assert.fail(modelId),
    accelerator,
    gpus,
  });
  // 85 % of what is in `catalog/simulatedBatches.ts`: 14.1, 22.9, 12.6 and 10.
  const rows = [
    ["google/gemma-2-2b-it", "nvidia-l4", 1, 11],
    ["google/gemma-2-2b", "nvidia-tesla-a100", 1, 19],
    ["google/gemma-2-9b-it", "nvidia-tesla-a100", 1, 10],
    ["google/gemma-2-27b-it", "nvidia-tesla-a100", 2, 8],
  ] as const;
  for (const [modelId, accelerator, gpus, expected] of rows) {
    it(`is ${expected} for ${modelId} on ${gpus} × ${accelerator}, where there is room`, () => {
      assert.equal(defaultTarget("batch-size", replicaOf(modelId, accelerator, gpus), 100), expected);
    });
  }

  it("stays a fifth below what fits, so that it can be passed", () => {
    assert.equal(defaultTarget("batch-size", replicaOf("google/gemma-2-2b-it", "nvidia-l4", 1), 10), 8);
  });

  it("rests on what the simulator says today", () => {
    for (const [modelId, accelerator, gpus] of [rows[0], rows[3]]) {
      const replica = replicaOf(modelId, accelerator, gpus);
      const { parametersB } = replica.model;
      const row = SIMULATED_BATCHES.find(
        (it) => it.parametersB === parametersB && it.accelerator === accelerator && it.gpus === gpus,
      );
      assert.equal(row?.batch, holdingBatch(replica), "npm run targets writes them anew");
    }
  });
});

describe("the default target of batch-size", () => {
  const fitting = [
    [1, 1],
    [2, 1],
    [3, 2],
    [10, 8],
    [50, 40],
    [88, 70],
  ] as const;
  for (const [batch, expected] of fitting) {
    it(`is four fifths of the ${batch} chats that fit, at least one: ${expected}`, () => {
      assert.equal(defaultTarget("batch-size", stepping(10.5), batch), expected);
    });
  }

  it("counts no chat with which a step is slower than a tenth of a second", () => {
    // The 89th makes it 99.5 ms, the 90th 100.5 ms.
    for (const batch of [89, 90, 500]) assert.equal(defaultTarget("batch-size", stepping(10.5), batch), 71);
  });

  it("counts the chat with which a step takes a tenth of a second exactly", () => {
    const replica = onL4(0, 6601745.33915113);
    assert.equal(decodeStepSeconds(replica, 3), 0.1);
    assert.equal(defaultTarget("batch-size", replica, 100), 2);
  });

  it("allows a model that is slow alone twice the step that it takes alone", () => {
    // Alone 80.7 ms, so that 161.4 ms are allowed: the 81st chat makes it 160.7 ms, the 82nd 161.7 ms.
    assert.equal(defaultTarget("batch-size", stepping(79.7), 80), 64);
    assert.equal(defaultTarget("batch-size", stepping(79.7), 79), 63);
    assert.equal(defaultTarget("batch-size", stepping(79.7), 500), 64);
    // Alone 301.3 ms, so that the 302nd chat is the last: 602.3 ms of 602.6 ms.
    assert.equal(defaultTarget("batch-size", stepping(300.3), 500), 241);
  });

  it("is one where a second chat is one too many", () => {
    // 40 ms alone, 78 ms for two and 116 ms for three.
    assert.equal(defaultTarget("batch-size", onL4(0, (37.9 * 255e6) / 1260.5), 100), 1);
  });
});

describe("the default target of the GPU signals", () => {
  // A server that has n requests on average is busy for 1 − e^−n of the time: 63.2 % with one, 86.5 % with two.
  const rows = [
    ["gke-duty-cycle", 1, 63],
    ["gke-duty-cycle", 2, 63],
    ["gke-duty-cycle", 3, 86],
    ["gke-duty-cycle", 4, 90],
    ["gke-duty-cycle", 80, 90],
    ["dcgm-gpu-util", 1, 63],
    ["dcgm-gpu-util", 2, 63],
    ["dcgm-gpu-util", 3, 86],
    ["dcgm-gpu-util", 4, 90],
    ["dcgm-gpu-util", 80, 90],
  ] as const;
  for (const [strategy, batch, expected] of rows) {
    it(`${strategy} is ${expected} % of a GPU where ${batch} chats fit`, () => {
      assert.equal(defaultTarget(strategy, stepping(10.5), batch), expected);
    });
  }
});

describe("default targets", () => {
  it("are positive and can fire, whatever the model, the GPUs and the room", () => {
    const replicas = [...MODELS.values()].flatMap((model) =>
      ACCELERATOR_NAMES.flatMap((accelerator) =>
        gpuCountsOf(accelerator).map((gpus): Replica => ({ model, accelerator, gpus })),
      ),
    );
    const batches = fc.integer({ min: 1, max: 128 });
    fc.assert(
      fc.property(fc.constantFrom(...replicas), batches, (replica, batch) => {
        for (const strategy of METRIC_STRATEGIES) assert.ok(defaultTarget(strategy, replica, batch) > 0, strategy);
        const batchTarget = defaultTarget("batch-size", replica, batch);
        assert.ok(Number.isInteger(batchTarget) && (batchTarget < batch || batch === 1));
        // 90 % and the tolerance of a tenth are 99 %: more can never be measured.
        assert.ok(defaultTarget("gke-duty-cycle", replica, batch) <= 90);
        assert.ok(defaultTarget("dcgm-gpu-util", replica, batch) <= 90);
      }),
    );
  });

  const unknown = [
    ["queue-size", 0.5],
    ["batch-size", undefined],
    ["gke-duty-cycle", 90],
    ["dcgm-gpu-util", 90],
  ] as const;
  for (const [strategy, expected] of unknown) {
    it(`of ${strategy} for a model that is not in the catalogue: ${expected}`, () => {
      assert.equal(defaultTargetOfUnknownModel(strategy), expected);
    });
  }
});

describe("toleranceBand", () => {
  function assertBand(actual: { low: number; high: number }, low: number, high: number): void {
    assert.ok(Math.abs(actual.low - low) < 1e-9 && Math.abs(actual.high - high) < 1e-9, JSON.stringify(actual));
  }

  it("is a tenth to either side, as Kubernetes has it by default", () => {
    assertBand(toleranceBand(10), 9, 11);
    assertBand(toleranceBand(140), 126, 154);
  });

  it("takes the tolerances of scaling down and of scaling up apart", () => {
    assertBand(toleranceBand(10, 0.2), 8, 11);
    assertBand(toleranceBand(10, 0.2, 0.5), 8, 15);
    assertBand(toleranceBand(10, 0, 0), 10, 10);
  });

  it("contains the target", () => {
    const tolerance = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 1e6, noNaN: true }), tolerance, tolerance, (target, down, up) => {
        const { low, high } = toleranceBand(target, down, up);
        assert.ok(low >= 0 && low <= target && target <= high && high <= 2 * target);
      }),
    );
  });
});
