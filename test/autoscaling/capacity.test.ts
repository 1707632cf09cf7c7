import assert from "node:assert/strict";
import fc from "fast-check";
import {
  batchCapacity,
  decodeStepSeconds,
  kvCacheTokens,
  prefillSeconds,
  type Replica,
  requestsPerSecond,
  warmupReserveGb,
} from "../../autoscaling/capacity";
import { ACCELERATOR_NAMES, type AcceleratorName, gpuCountsOf } from "../../catalog/accelerators";
import { MODELS, type Model } from "../../catalog/models";

function near(actual: number, expected: number, tolerance = 1e-9): void {
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.abs(expected), `${actual} is not ${expected}`);
}

/** Round figures, so that the formulas below can be followed by hand. */
const ROUND: Model = {
  weightsGb: 10,
  parametersB: 5,
  kvBytesPerToken: 100_000,
  attentionHeads: 8,
  keyValueHeads: 8,
  contextTokens: 8192,
  vocabulary: 100_000,
  serverCpu: 1,
  serverMemoryGib: 1,
  serverDiskGib: 1,
};

function gemma(id: string): Model {
  return MODELS.get(`google/gemma-${id}`) ?? assert.fail(`no model ${id}`);
}

function on(accelerator: AcceleratorName, gpus: number, model: Model = ROUND): Replica {
  return { model, accelerator, gpus };
}

const anyReplica = fc.constantFrom(...ACCELERATOR_NAMES).chain((accelerator) =>
  fc.record<Replica>({
    model: fc.constantFrom(...MODELS.values()),
    accelerator: fc.constant(accelerator),
    gpus: fc.constantFrom(...gpuCountsOf(accelerator)),
  }),
);

describe("warmupReserveGb", () => {
  const rows = [
    [0, 2],
    [1000, 2.5],
    [2000, 3],
    [4096, 4.048],
  ] as const;
  for (const [prefill, expected] of rows) {
    it(`is 2 GB and 2.5 copies of the logits: ${expected} GB at a prefill of ${prefill} tokens`, () => {
      // 2.5 × 2 bytes × 100,000 words is half a megabyte a token.
      near(warmupReserveGb(ROUND, prefill), expected);
    });
  }

  it("grows with the vocabulary", () => {
    near(warmupReserveGb({ ...ROUND, vocabulary: 256_000 }, 2048), 2 + 2.62144);
  });
});

describe("kvCacheTokens", () => {
  // GiB × 1.073741824 × 0.93 × GPUs, less the weights and 3 GB of reserve a GPU; 90 % of it, at 100 kB a token.
  const rows = [
    ["nvidia-l4", 1, (22.2 * 1.073741824 * 0.93 - 10 - 3) * 9000],
    ["nvidia-l4", 2, (22.2 * 1.073741824 * 0.93 * 2 - 10 - 6) * 9000],
    ["nvidia-tesla-a100", 1, (39.4 * 1.073741824 * 0.93 - 10 - 3) * 9000],
    ["nvidia-a100-80gb", 8, (79.2 * 1.073741824 * 0.93 * 8 - 10 - 24) * 9000],
  ] as const;
  for (const [accelerator, gpus, tokens] of rows) {
    it(`of ${gpus} × ${accelerator} is what weights and warm-up leave: ${Math.floor(tokens)} tokens`, () => {
      assert.equal(kvCacheTokens(on(accelerator, gpus), 2000), Math.floor(tokens));
    });
  }

  it("is empty where the weights do not fit", () => {
    assert.equal(kvCacheTokens(on("nvidia-l4", 1, gemma("2-27b")), 2048), 0);
    assert.equal(kvCacheTokens(on("nvidia-l4", 1, gemma("2-9b")), 2048), 0);
  });

  it("is empty from the weights on that take all there is", () => {
    const room = 22.2 * 1.073741824 * 0.93 - 3;
    assert.equal(kvCacheTokens(on("nvidia-l4", 1, { ...ROUND, weightsGb: room - 0.01 }), 2000), 90);
    assert.equal(kvCacheTokens(on("nvidia-l4", 1, { ...ROUND, weightsGb: room + 0.01 }), 2000), 0);
  });

  const bounds = [
    ["2b", 1_810_000],
    ["7b", 46_500],
    ["2-2b", 312_000],
    ["2-9b", 58_000],
  ] as const;
  for (const [id, upperBound] of bounds) {
    it(`of gemma-${id} on one A100 40GB stays below the ${upperBound} tokens that no reserve would leave`, () => {
      const tokens = kvCacheTokens(on("nvidia-tesla-a100", 1, gemma(id)), 2048);
      assert.ok(tokens > upperBound / 2 && tokens < upperBound, String(tokens));
    });
  }

  it("grows with GPUs and falls with the prefill budget", () => {
    const budget = fc.integer({ min: 512, max: 8192 });
    fc.assert(
      fc.property(anyReplica, budget, budget, (replica, prefill, more) => {
        const tokens = kvCacheTokens(replica, prefill);
        const doubled = kvCacheTokens({ ...replica, gpus: replica.gpus * 2 }, prefill);
        assert.ok(tokens === 0 ? doubled >= 0 : doubled > 2 * tokens, `${tokens} became ${doubled}`);
        const squeezed = kvCacheTokens(replica, prefill + more);
        assert.ok(tokens === 0 ? squeezed === 0 : squeezed < tokens, `${tokens} became ${squeezed}`);
      }),
    );
  });
});

describe("batchCapacity", () => {
  const rows = [
    [0, 0],
    [1365, 0],
    [1366, 1],
    [2731, 1],
    [2732, 2],
    [136_600, 100],
  ] as const;
  for (const [tokens, chats] of rows) {
    it(`of ${tokens} tokens is ${chats} chats of 1,366`, () => assert.equal(batchCapacity(tokens), chats));
  }
});

describe("decodeStepSeconds", () => {
  // 10 GB of weights and 1,260.5 tokens of 100 kB a chat, over the reached bandwidth; the overhead on top.
  const chatGb = 0.12605;
  const rows = [
    ["nvidia-l4", 1, 1, 0.0021 + (10 + chatGb) / (300 * 0.85)],
    ["nvidia-l4", 1, 40, 0.0021 + (10 + 40 * chatGb) / (300 * 0.85)],
    ["nvidia-l4", 2, 40, 0.0021 + (10 + 40 * chatGb) / (300 * 0.85 * 2 * 0.72)],
    ["nvidia-l4", 8, 40, 0.0021 + (10 + 40 * chatGb) / (300 * 0.85 * 8 * 0.43)],
    ["nvidia-tesla-a100", 16, 9, 0.0024 + (10 + 9 * chatGb) / (1555 * 0.81 * 16 * 0.21)],
    ["nvidia-a100-80gb", 1, 9, 0.002 + (10 + 9 * chatGb) / (2039 * 0.75)],
  ] as const;
  for (const [accelerator, gpus, batch, seconds] of rows) {
    it(`of a batch of ${batch} on ${gpus} × ${accelerator} is ${(seconds * 1000).toFixed(1)} ms`, () => {
      near(decodeStepSeconds(on(accelerator, gpus), batch), seconds);
    });
  }

  it("counts GPUs that no machine offers together as one", () => {
    near(decodeStepSeconds(on("nvidia-l4", 3), 7), decodeStepSeconds(on("nvidia-l4", 1), 7));
  });

  // 8.03 B parameters in bf16; 2 × 2 bytes × 32 layers × 8 heads × 128 of KV cache a token.
  const llama: Model = { ...ROUND, weightsGb: 16.06, parametersB: 8.03, kvBytesPerToken: 131_072 };
  const measured = [
    ["Llama-3-8B", "nvidia-l4", 1, llama, 61.2],
    ["Llama-3-8B", "nvidia-tesla-a100", 1, llama, 14.27],
    ["Llama-3-8B", "nvidia-a100-80gb", 1, llama, 13.19],
    ["gemma-2-27b", "nvidia-l4", 4, gemma("2-27b"), 97.3],
    ["gemma-2-27b", "nvidia-tesla-a100", 2, gemma("2-27b"), 31.44],
  ] as const;
  for (const [name, accelerator, gpus, model, milliseconds] of measured) {
    it(`of ${name} alone on ${gpus} × ${accelerator} is within a tenth of the measured ${milliseconds} ms`, () => {
      near(1000 * decodeStepSeconds(on(accelerator, gpus, model), 1), milliseconds, 0.1);
    });
  }

  it("grows with the batch, by the same for every chat", () => {
    fc.assert(
      fc.property(anyReplica, fc.integer({ min: 1, max: 500 }), (replica, batch) => {
        const step = (n: number) => decodeStepSeconds(replica, n);
        assert.ok(step(batch + 1) > step(batch));
        near(step(2 * batch) - step(batch), step(batch) - step(0), 1e-6);
      }),
    );
  });
});

describe("prefillSeconds", () => {
  // 2 × 5 B parameters × 1,155 tokens, over the reached TFLOPS.
  const rows = [
    ["nvidia-l4", 1, 11.55 / (121 * 0.4)],
    ["nvidia-l4", 4, 11.55 / (121 * 0.4 * 4 * 0.56)],
    ["nvidia-tesla-a100", 2, 11.55 / (312 * 0.7 * 2 * 0.7)],
    ["nvidia-a100-80gb", 1, 11.55 / (312 * 0.64)],
  ] as const;
  for (const [accelerator, gpus, seconds] of rows) {
    it(`on ${gpus} × ${accelerator} is ${(seconds * 1000).toFixed(0)} ms`, () => {
      near(prefillSeconds(on(accelerator, gpus)), seconds);
    });
  }
});

describe("requestsPerSecond", () => {
  it("is one over the GPU time of a chat: its prefill and its share of 211 decode steps", () => {
    const prefill = 11.55 / (121 * 0.4);
    const step = 0.0021 + (10 + 20 * 0.12605) / (300 * 0.85);
    near(requestsPerSecond(on("nvidia-l4", 1), 20), 1 / (prefill + (211 * step) / 20));
  });

  it("grows with the batch, but never beyond what prefill alone allows", () => {
    fc.assert(
      fc.property(anyReplica, fc.integer({ min: 1, max: 500 }), (replica, batch) => {
        const rate = requestsPerSecond(replica, batch);
        assert.ok(rate > 0 && requestsPerSecond(replica, batch + 1) > rate);
        assert.ok(rate < 1 / prefillSeconds(replica));
      }),
    );
  });
});
