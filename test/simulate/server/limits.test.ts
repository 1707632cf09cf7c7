import assert from "node:assert/strict";
import { kvCacheTokens } from "../../../autoscaling/capacity";
import { MODELS } from "../../../catalog/models";
import { parseConfig } from "../../../config/parse";
import type { StackConfig } from "../../../config/stackConfig";
import { serverLimits, startable, validate } from "../../../tools/simulate/server/limits";
import { limits } from "./support";

function stack(settings: Record<string, string> = {}): StackConfig {
  const raw = { "gcp:project": "a-project", "gcp:region": "us-central1", "gke-llm-autoscaling:huggingFaceToken": "x" };
  const ours = Object.entries(settings).map(([key, value]) => [`gke-llm-autoscaling:${key}`, value]);
  const { config, verdict } = parseConfig({ ...raw, ...Object.fromEntries(ours) }, "dev");
  return config ?? assert.fail(JSON.stringify(verdict.problems));
}

const UNKNOWN = {
  ...{ modelId: "someone/model", gpusPerReplica: "1", serverCpu: "2", serverMemory: "10Gi", serverDisk: "10Gi" },
};

describe("the limits of a stack's server", () => {
  it("are those of its configuration, the KV cache's estimate and TGI's defaults", () => {
    const model = MODELS.get("google/gemma-2-2b-it") ?? assert.fail();
    const config = stack({ maxInputTokens: "1500", maxTotalTokens: "2000", maxBatchPrefillTokens: "3000" });
    assert.deepEqual(serverLimits(config), {
      maxInputTokens: 1500,
      maxTotalTokens: 2000,
      maxBatchPrefillTokens: 3000,
      maxConcurrentRequests: config.server.maxConcurrentRequests,
      maxBatchTotalTokens: kvCacheTokens({ model, accelerator: "nvidia-l4", gpus: 1 }, 3000),
      waitingServedRatio: 0.3,
      maxWaitingTokens: 20,
      drainSeconds: 90,
    });
  });

  it("are those that a server has measured, where there are", () => {
    assert.equal(serverLimits(stack(), 77_777).maxBatchTotalTokens, 77_777);
    assert.equal(serverLimits(stack(UNKNOWN), 77_777).maxBatchTotalTokens, 77_777);
  });

  it("are unknown for a model outside the catalogue that nobody has measured", () => {
    assert.throws(() => serverLimits(stack(UNKNOWN)), /someone\/model is not in the catalogue: only a calibration/);
  });

  it("must let the server start", () => {
    const message =
      "the server would not start: maxInputTokens (1000) must be below maxTotalTokens; maxBatchPrefillTokens (999) is too small; the KV cache (999 tokens) holds no full request";
    const wrong = { maxTotalTokens: 1000, maxBatchPrefillTokens: 999, maxBatchTotalTokens: 999 };
    assert.throws(() => startable(limits(wrong)), { message });
    assert.throws(() => serverLimits(stack(), 100), /the KV cache \(100 tokens\) holds no full request/);
  });

  it("may just let it start", () => {
    const just = limits({ maxTotalTokens: 1001, maxBatchPrefillTokens: 1000, maxBatchTotalTokens: 1001 });
    assert.equal(startable(just), just);
  });
});

describe("the router", () => {
  const rows = [
    [1000, 1000, undefined],
    [1000, 1001, "total-too-long"],
    [1001, 1, "input-too-long"],
    [1001, 1000, "input-too-long"],
    [1, 1999, undefined],
    [1, 2000, "total-too-long"],
  ] as const;
  for (const [input, output, problem] of rows) {
    it(`answers ${input} tokens in and ${output} out of 1,000 and 2,000 with ${problem ?? "the model"}`, () => {
      assert.equal(validate(limits(), input, output), problem);
    });
  }
});
