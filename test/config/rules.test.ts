import assert from "node:assert/strict";
import { accepted, itHolds, parse, warningsWith } from "../support/config";

const unknown = { gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };
const extra = (strategy: string, target: number) => JSON.stringify([{ strategy, target }]);
const tolerance = (share: number) => JSON.stringify({ scaleUp: { tolerance: share } });

describe("Token limits go together", () => {
  itHolds({
    "a prompt that leaves no token for the answer": {
      refused: { maxInputTokens: "8000", maxTotalTokens: "8000" },
      key: "maxInputTokens",
      value: "8000",
      rule: "must be below maxTotalTokens (8000), which includes the answer",
      fix: "a smaller maxInputTokens or a larger maxTotalTokens",
      concerns: ["maxTotalTokens"],
      accepted: { maxInputTokens: "7999", maxTotalTokens: "8000" },
    },
    "a prefill that does not hold a prompt": {
      refused: { maxInputTokens: "2000", maxBatchPrefillTokens: "1999" },
      key: "maxBatchPrefillTokens",
      value: "1999",
      rule: "must hold one prompt of maxInputTokens (2000), or the server does not start",
      fix: "pulumi config set maxBatchPrefillTokens 2000",
      concerns: ["maxInputTokens"],
      accepted: { maxInputTokens: "2000", maxBatchPrefillTokens: "2000" },
    },
    "more than the model's context": {
      refused: { maxTotalTokens: "8193" },
      key: "maxTotalTokens",
      value: "8193",
      rule: "must not exceed the context of google/gemma-2-2b-it (8192 tokens)",
      fix: "pulumi config set maxTotalTokens 8192",
      concerns: ["modelId"],
      accepted: { maxTotalTokens: "8192" },
    },
  });

  it("and the plan says them", () => {
    assert.equal(
      accepted().verdict.checks.find(({ name }) => name === "Limits")?.figures,
      "4,096 tokens in, 8,192 in all, prefill 4,096; 345 requests a replica, of which about 60 typical chats decode together [estimate]",
    );
  });
});

describe("The bounds of the HPA", () => {
  itHolds({
    "more replicas at least than at most": {
      refused: { minReplicas: "6" },
      key: "minReplicas",
      value: "6",
      rule: "must not exceed maxReplicas (5)",
      fix: "fewer minReplicas or more maxReplicas",
      concerns: ["maxReplicas"],
      accepted: { minReplicas: "5" },
    },
    "no replica at all": {
      refused: { minReplicas: "0" },
      key: "minReplicas",
      value: '"0"',
      rule: "must be a whole number from 1 to 1000",
      fix: "pulumi config set minReplicas 1",
      accepted: { minReplicas: "1" },
    },
  });
});

describe("The metrics of the HPA", () => {
  itHolds({
    "the first strategy once more": {
      refused: { extraMetrics: extra("queue-size", 5) },
      key: "extraMetrics",
      value: "queue-size",
      rule: "each strategy may be used once, metricStrategy included",
      fix: "remove the repetition from extraMetrics",
      concerns: ["metricStrategy"],
      accepted: { extraMetrics: extra("batch-size", 40) },
    },
    "an extra strategy twice": {
      refused: { extraMetrics: '[{"strategy":"batch-size","target":40},{"strategy":"batch-size","target":41}]' },
      key: "extraMetrics",
      value: "batch-size",
      rule: "each strategy may be used once",
      fix: "remove the repetition",
      accepted: { extraMetrics: '[{"strategy":"batch-size","target":40},{"strategy":"dcgm-gpu-util","target":41}]' },
    },
    "two strategies twice": {
      refused: {
        extraMetrics:
          '[{"strategy":"queue-size","target":9},{"strategy":"batch-size","target":40},{"strategy":"batch-size","target":41}]',
      },
      key: "extraMetrics",
      value: "queue-size, batch-size",
      rule: "each strategy may be used once",
      fix: "remove the repetition",
      accepted: { extraMetrics: extra("batch-size", 41) },
    },
    "more than 100 % of a GPU": {
      refused: { metricStrategy: "gke-duty-cycle", metricTarget: "100.001" },
      key: "metricTarget",
      value: "100.001",
      rule: "gke-duty-cycle is a percentage of one GPU, above 0 and at most 100",
      fix: "a target such as 70",
      concerns: ["metricStrategy"],
      accepted: { metricStrategy: "gke-duty-cycle", metricTarget: "100" },
    },
    "more than 100 % of a GPU in an extra metric": {
      refused: { extraMetrics: extra("dcgm-gpu-util", 101) },
      key: "extraMetrics",
      value: "101",
      rule: "dcgm-gpu-util is a percentage of one GPU",
      fix: "a target such as 70",
      accepted: { extraMetrics: extra("dcgm-gpu-util", 0.001) },
    },
    // 345 requests a replica, of which 60 run: 285 in the queue. 259.1 × 1.1 = 285.01, 259 × 1.1 = 284.9; 285 ÷ 1.1 = 259.09.
    "a queue that is never long enough": {
      refused: { metricTarget: "259.1" },
      key: "metricTarget",
      value: "259.1",
      rule: "queue-size must be able to pass its target by the HPA's tolerance (10 %): 285 must be below 285, maxConcurrentRequests (345) less the about 60 that run",
      fix: "a target below 259, or more maxConcurrentRequests",
      concerns: ["metricStrategy", "maxConcurrentRequests", "modelId", "accelerator", "gpusPerReplica"],
      accepted: { metricTarget: "259" },
    },
    "a queue that reaches the limit and cannot pass it": {
      refused: { metricTarget: "285", scaleBehavior: tolerance(0) },
      key: "metricTarget",
      value: "285",
      rule: "by the HPA's tolerance (0 %): 285 must be below 285",
      fix: "a target below 285",
      accepted: { metricTarget: "284.999", scaleBehavior: tolerance(0) },
    },
    // 91 × 1.1 = 100.1, 90 × 1.1 = 99; 100 ÷ 1.1 = 90.9.
    "a batch that is never large enough": {
      refused: { metricStrategy: "batch-size", metricTarget: "91", maxConcurrentRequests: "100" },
      key: "metricTarget",
      value: "91",
      rule: "batch-size must be able to pass its target by the HPA's tolerance (10 %): 100.1 must be below 100, maxConcurrentRequests (100)",
      fix: "a target below 90, or more maxConcurrentRequests",
      accepted: { metricStrategy: "batch-size", metricTarget: "90", maxConcurrentRequests: "100" },
    },
    // 95.3 × 1.05 = 100.07, 95.2 × 1.05 = 99.96.
    "a batch that is never large enough for a tolerance of its own": {
      refused: {
        metricStrategy: "batch-size",
        metricTarget: "95.3",
        maxConcurrentRequests: "100",
        scaleBehavior: tolerance(0.05),
      },
      key: "metricTarget",
      value: "95.3",
      rule: "by the HPA's tolerance (5 %): 100.1 must be below 100",
      fix: "a target below 95",
      accepted: {
        metricStrategy: "batch-size",
        metricTarget: "95.2",
        maxConcurrentRequests: "100",
        scaleBehavior: tolerance(0.05),
      },
    },
    // Twice 50 is the limit.
    "a batch that never doubles where the HPA tolerates that": {
      refused: {
        metricStrategy: "batch-size",
        metricTarget: "50",
        maxConcurrentRequests: "100",
        scaleBehavior: tolerance(1),
      },
      key: "metricTarget",
      value: "50",
      rule: "by the HPA's tolerance (100 %): 100 must be below 100",
      fix: "a target below 50",
      accepted: {
        metricStrategy: "batch-size",
        metricTarget: "49.9",
        maxConcurrentRequests: "100",
        scaleBehavior: tolerance(1),
      },
    },
    "a target of one that one request cannot pass": {
      refused: { metricStrategy: "batch-size", metricTarget: "1", maxConcurrentRequests: "1" },
      key: "metricTarget",
      value: "1",
      rule: "1.1 must be below 1",
      fix: "a target below 1, or more maxConcurrentRequests",
      accepted: { metricStrategy: "batch-size", metricTarget: "0.9", maxConcurrentRequests: "1" },
    },
    "a batch in an extra metric that is never large enough": {
      refused: { extraMetrics: extra("batch-size", 314) },
      key: "extraMetrics",
      value: "314",
      // 314 × 1.1 = 345.4, 313 × 1.1 = 344.3.
      rule: "345.4 must be below 345, maxConcurrentRequests (345)",
      fix: "a target below 313",
      accepted: { extraMetrics: extra("batch-size", 313) },
    },
  });

  const duty = (metricTarget: string) => ({ metricStrategy: "gke-duty-cycle", metricTarget });

  it("warn where a busy GPU cannot pass the target: above 100 ÷ 1.1 = 90.9 %", () => {
    assert.deepEqual(warningsWith("gke-duty-cycle", duty("91")), [
      "gke-duty-cycle 91 never adds a replica: the HPA tolerates 10 % above it, and a GPU is never more than 100 % busy.",
    ]);
    assert.deepEqual(warningsWith("gke-duty-cycle", duty("90")), []);
    assert.equal(warningsWith("gke-duty-cycle", duty("100")).length, 1);
    assert.deepEqual(warningsWith("gke-duty-cycle", { ...duty("100"), scaleBehavior: tolerance(0) }), []);
    assert.doesNotMatch(parse(duty("101")).verdict.warnings.join("\n"), /gke-duty-cycle/);
  });

  const batch = (metricTarget: string) => ({ metricStrategy: "batch-size", metricTarget });

  it("warn where typical chats fill the KV cache before the batch passes its target: above 60 ÷ 1.1 = 54.5", () => {
    assert.deepEqual(warningsWith("batch-size", batch("54.6")), [
      "batch-size 54.6 is more than about 54.5 typical chats, which is where the KV cache is full: only shorter requests reach it.",
    ]);
    assert.deepEqual(warningsWith("batch-size", batch("54.5")), []);
    assert.deepEqual(warningsWith("batch-size", { ...batch("60"), scaleBehavior: tolerance(0) }), []);
    assert.equal(warningsWith("batch-size", { ...batch("60.001"), scaleBehavior: tolerance(0) }).length, 1);
  });

  it("do not warn of it where it is refused, of the queue, and outside the catalogue", () => {
    for (const refused of [batch("345"), { ...batch("345"), scaleBehavior: tolerance(0) }]) {
      assert.doesNotMatch(parse(refused).verdict.warnings.join("\n"), /typical chats/);
    }
    assert.deepEqual(warningsWith("typical chats", { metricTarget: "100" }), []);
    assert.deepEqual(warningsWith("typical chats", { ...unknown, modelId: "a/b", ...batch("100") }), []);
  });
});
