import assert from "node:assert/strict";
import type { AcceleratorName } from "../../catalog/accelerators";
import { MODELS, type Model } from "../../catalog/models";
import {
  canShard,
  deriveBatchCapacity,
  deriveGpusPerReplica,
  deriveMaxConcurrentRequests,
  deriveTokenLimits,
} from "../../config/derive";

function modelOf(id: string): Model {
  return MODELS.get(`google/${id}`) ?? assert.fail(id);
}

/** GB of a GPU that TGI uses: what CUDA sees in GiB, and 93 % of it. */
const L4 = 22.2 * 1.073741824 * 0.93;
/** GB that warm-up reserves on each GPU for a prefill of that many tokens: 2 + 2.5 × 2 bytes × vocabulary. */
const reserve = (prefill: number) => 2 + (2.5 * 2 * 256_000 * prefill) / 1e9;

const limits = (input: number) => ({
  maxInputTokens: input,
  maxTotalTokens: 2 * input,
  maxBatchPrefillTokens: input,
});

/**
 * GPUs and longest prompt by model and accelerator. KV tokens = 0.9 × (GPUs × (usable - reserve) - weights) ÷ bytes a
 * token; the numbers are requests of full length (2 × prompt) that it holds, of which there must be 8:
 *
 * - 2-9b: 1 × L4 0.5 at 1,024, 2 × L4 3.6 at 4,096 and 10.6 at 2,048; 1 × A100 4.3 and 10.4; 1 × A100-80 17.0
 * - 2-27b: 2 × L4 none, 4 × L4 1.5 and 9.2; 1 × A100 none, 2 × A100 2.8 and 8.7; 1 × A100-80 5.1 and 11.6
 * - 7b: 1 × L4 1.7 at 1,024, 2 × L4 3.1 and 8.6; 1 × A100 3.6 and 8.4; 1 × A100-80 13.1
 */
const DERIVED: readonly (readonly [string, AcceleratorName, gpus: number, input: number])[] = [
  ["gemma-2b-it", "nvidia-l4", 1, 4096],
  ["gemma-2b-it", "nvidia-tesla-a100", 1, 4096],
  ["gemma-2b-it", "nvidia-a100-80gb", 1, 4096],
  ["gemma-7b-it", "nvidia-l4", 2, 2048],
  ["gemma-7b-it", "nvidia-tesla-a100", 1, 2048],
  ["gemma-7b-it", "nvidia-a100-80gb", 1, 4096],
  ["gemma-2-2b-it", "nvidia-l4", 1, 4096],
  ["gemma-2-2b-it", "nvidia-tesla-a100", 1, 4096],
  ["gemma-2-2b-it", "nvidia-a100-80gb", 1, 4096],
  ["gemma-2-9b-it", "nvidia-l4", 2, 2048],
  ["gemma-2-9b-it", "nvidia-tesla-a100", 1, 2048],
  ["gemma-2-9b-it", "nvidia-a100-80gb", 1, 4096],
  ["gemma-2-27b-it", "nvidia-l4", 4, 2048],
  ["gemma-2-27b-it", "nvidia-tesla-a100", 2, 2048],
  ["gemma-2-27b-it", "nvidia-a100-80gb", 1, 2048],
];

describe("A model on an accelerator gets the fewest GPUs and the longest prompts with a comfortable KV cache", () => {
  for (const [id, accelerator, gpus, input] of DERIVED) {
    it(`${id} on ${gpus} × ${accelerator}, ${input} tokens in`, () => {
      const model = modelOf(id);
      assert.equal(deriveGpusPerReplica(model, accelerator), gpus);
      assert.deepEqual(deriveTokenLimits({ model, accelerator, gpus }), limits(input));
    });
  }

  it("the shortest prompts where none is comfortable", () => {
    const replica = { model: modelOf("gemma-2-27b-it"), accelerator: "nvidia-l4", gpus: 1 } as const;
    assert.deepEqual(deriveTokenLimits(replica), limits(1024));
  });

  it("one GPU and the shortest prompts outside the catalogue", () => {
    assert.equal(deriveGpusPerReplica(undefined, "nvidia-a100-80gb"), 1);
    assert.deepEqual(deriveTokenLimits(undefined), limits(1024));
  });

  it("the most GPUs that its heads divide by where no number is enough", () => {
    // 1,000 GB of weights; 8 attention heads but 4 key/value heads: 4 of 1, 2, 4, 8.
    const model = { ...modelOf("gemma-2-2b-it"), weightsGb: 1000 };
    assert.equal(deriveGpusPerReplica(model, "nvidia-l4"), 4);
    assert.equal(deriveGpusPerReplica({ ...model, attentionHeads: 0.5, keyValueHeads: 0.5 }, "nvidia-l4"), 1);
  });

  it("comfortable means 8 requests of full length, the eighth included", () => {
    // 0.9 × (22.168 - 5.2 - 7.243) GB = 8.753e9 bytes: 65,536 = 8 × 8,192 tokens of 133,560 bytes, 65,535 of 133,561.
    assert.equal(Math.floor((0.9 * (L4 - 5.2 - reserve(4096)) * 1e9) / 133_560), 65_536);
    const replica = (kvBytesPerToken: number) =>
      ({ model: { ...modelOf("gemma-2-2b-it"), kvBytesPerToken }, accelerator: "nvidia-l4", gpus: 1 }) as const;
    assert.deepEqual(deriveTokenLimits(replica(133_560)), limits(4096));
    assert.deepEqual(deriveTokenLimits(replica(133_561)), limits(2048));
  });
});

describe("A model can be split over GPUs", () => {
  const model = modelOf("gemma-2-2b-it");
  const rows: readonly (readonly [attention: number, keyValue: number, gpus: number, possible: boolean])[] = [
    [8, 4, 4, true],
    [8, 4, 8, false],
    [8, 1, 1, true],
    [8, 1, 2, false],
    [6, 8, 4, false],
    [16, 16, 16, true],
  ];
  for (const [attentionHeads, keyValueHeads, gpus, possible] of rows) {
    it(`${possible ? "where" : "not where"} ${attentionHeads} and ${keyValueHeads} heads divide by ${gpus}`, () => {
      assert.equal(canShard({ ...model, attentionHeads, keyValueHeads }, gpus), possible);
    });
  }
});

describe("The requests of a replica", () => {
  const twoB = { model: modelOf("gemma-2-2b-it"), accelerator: "nvidia-l4", gpus: 1 } as const;
  const kvTokens = Math.floor((0.9 * (L4 - 5.2 - reserve(4096)) * 1e9) / 106_496);

  it("decode together as far as the KV cache holds typical chats of 1,155 + 211 tokens", () => {
    assert.equal(Math.floor(kvTokens / 1366), 60);
    assert.equal(deriveBatchCapacity(twoB, limits(4096)), 60);
  });

  it("are fewer where a larger prefill takes memory", () => {
    // 0.9 × (22.168 - 5.2 - 12.486) GB ÷ 106,496 = 37,882 tokens.
    const tokens = Math.floor((0.9 * (L4 - 5.2 - reserve(8192)) * 1e9) / 106_496);
    assert.equal(
      deriveBatchCapacity(twoB, { ...limits(4096), maxBatchPrefillTokens: 8192 }),
      Math.floor(tokens / 1366),
    );
  });

  it("are one where the model does not fit, and unknown outside the catalogue", () => {
    const tooLarge = { model: modelOf("gemma-2-27b-it"), accelerator: "nvidia-l4", gpus: 1 } as const;
    assert.equal(deriveBatchCapacity(tooLarge, limits(1024)), 1);
    assert.equal(deriveBatchCapacity(undefined, limits(1024)), undefined);
  });

  it("that it accepts are a batch and what a full one works off in the 90 s of draining", () => {
    // Prefill of one chat: 2 FLOPs × 2.614e9 parameters × 1,155 tokens at 40 % of 121 TFLOPS.
    const prefill = (2 * 2.614e9 * 1155) / (121e12 * 0.4);
    // A decode step of 60: weights and caches of 1,155 + 211 ÷ 2 tokens at 85 % of 300 GB/s, and 2.1 ms.
    const step = 0.0021 + (5.2e9 + 60 * 1260.5 * 106_496) / (300e9 * 0.85);
    const perSecond = 1 / (prefill + (211 * step) / 60);
    assert.equal(Math.floor(perSecond * 90), 285);
    assert.equal(deriveMaxConcurrentRequests(twoB, limits(4096)), 60 + 285);
  });

  it("that it accepts are TGI's own 128 outside the catalogue", () => {
    assert.equal(deriveMaxConcurrentRequests(undefined, limits(1024)), 128);
  });
});
