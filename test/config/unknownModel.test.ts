import assert from "node:assert/strict";
import { accepted, lines } from "../support/config";

const SIZES = { gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };
const model = { modelId: "mistralai/Mistral-7B", ...SIZES };

describe("A model outside the catalogue", () => {
  for (const key of Object.keys(SIZES)) {
    it(`needs ${key}`, () => {
      const said = lines({ ...model, [key]: undefined });
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(
        said[0]?.startsWith(
          `${key} (not set): is required for a model outside the catalogue (mistralai/Mistral-7B). Fix: `,
        ),
        said[0],
      );
      assert.ok(said[0]?.includes(`pulumi config set ${key} `), said[0]);
    });
  }

  it("needs a batch target, which cannot be guessed", () => {
    const said = lines({ ...model, metricStrategy: "batch-size" });
    assert.equal(said.length, 1, said.join("\n"));
    assert.ok(said[0]?.startsWith("metricTarget (not set): is required for a model outside"), said[0]);
    assert.ok(said[0]?.endsWith("pulumi config set metricTarget 10"), said[0]);
    accepted({ ...model, metricStrategy: "batch-size", metricTarget: "10" });
  });

  it("needs nothing more under the other strategies", () => {
    for (const metricStrategy of ["queue-size", "gke-duty-cycle", "dcgm-gpu-util"]) {
      accepted({ ...model, metricStrategy });
    }
  });

  it("gets what is known without it", () => {
    const { config, verdict } = accepted(model);
    assert.equal(config.server.model, undefined);
    assert.equal(config.server.batchCapacity, undefined);
    assert.equal(config.server.cpu, 4);
    assert.equal(config.server.maxConcurrentRequests, 128);
    assert.deepEqual(config.server.limits, { maxInputTokens: 1024, maxTotalTokens: 2048, maxBatchPrefillTokens: 1024 });
    assert.deepEqual(config.autoscaler.metrics, [{ strategy: "queue-size", target: 0.5 }]);
    const figures = new Map(verdict.checks.map((check) => [check.name, check.figures]));
    assert.equal(figures.get("GPU memory"), "mistralai/Mistral-7B is not in the catalogue: not checked");
    assert.equal(figures.get("Limits"), "1,024 tokens in, 2,048 in all, prefill 1,024; 128 requests a replica");
  });

  it("has no context that its limits could exceed, and any number of heads", () => {
    accepted({ ...model, maxInputTokens: "100000", maxTotalTokens: "1000000" });
    accepted({ ...model, gpusPerReplica: "8" });
  });

  it("has no weights that its disk must hold", () => {
    accepted({ ...model, serverDisk: "1Gi" });
  });

  it("can fill all of its concurrency with the queue, as far as is known", () => {
    // 116.3 × 1.1 = 127.93 is below TGI's 128; 116.4 × 1.1 = 128.04 is not.
    accepted({ ...model, metricTarget: "116.3" });
    const said = lines({ ...model, metricTarget: "116.4" });
    assert.equal(said.length, 1, said.join("\n"));
    assert.ok(said[0]?.includes("must be below 128, maxConcurrentRequests (128). Fix"), said[0]);
  });
});

describe("A concurrency limit that leaves no room for a queue", () => {
  // 60 typical chats of gemma-2-2b-it run on one L4: with 61 requests in all, one can wait, and 1.1 are needed.
  it("is named itself, not the target that nobody set", () => {
    const said = lines({ maxConcurrentRequests: "61" });
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(
      said[0] ?? "",
      /^maxConcurrentRequests \(61\): must be more than the about 60 requests.*Fix: more than 62/,
    );
    accepted({ maxConcurrentRequests: "63", metricTarget: "1" });
  });
});

describe("A value that nobody wrote", () => {
  it("is said to be the default", () => {
    assert.match(lines({ gpusPerReplica: "2", gpuMaxNodes: "2" })[0] ?? "", /^gpuMaxNodes \(2\): /);
    assert.match(lines({ minReplicas: "9" })[0] ?? "", /^minReplicas \(9\): /);
    assert.match(lines({ serverDisk: "2Gi" })[0] ?? "", /^serverDisk \(2 GiB\): /);
    assert.match(lines({ maxInputTokens: "8192" })[0] ?? "", /^maxTotalTokens \(8193 by default\): /);
  });
});
