import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Lengths } from "../../../tools/calibrate/contract";
import { type InferencePerfInput, inferencePerfConfigs } from "../../../tools/calibrate/export/inferencePerf";

const lengths: readonly Lengths[] = [
  { inputTokens: 100, outputTokens: 50 },
  { inputTokens: 200, outputTokens: 50 },
  { inputTokens: 600, outputTokens: 50 },
];
const input: InferencePerfInput = {
  url: "http://localhost:8000",
  api: "tgi",
  model: "google/gemma-2-2b-it",
  lengths,
  stages: [
    { load: { kind: "closed", concurrency: 4 }, seconds: 60, requests: 80 },
    { load: { kind: "open", requestsPerSecond: 2.5 }, seconds: 59.6, requests: 151 },
    { load: { kind: "closed", concurrency: 16 }, seconds: 60, requests: 0 },
  ],
  slo: { ttftSeconds: 2, tpotSeconds: 0.1 },
  seed: 7,
};
const configsOf = (changes: Partial<InferencePerfInput> = {}) =>
  inferencePerfConfigs({ ...input, ...changes }).map(({ kind, text }) => ({ kind, text, config: parse(text) }));

describe("the same load for inference-perf", () => {
  it("is one file for closed loads and one for open ones, with all of each", () => {
    const [closed, open, ...others] = configsOf();
    assert.equal(others.length, 0);
    assert.equal(closed?.kind, "closed");
    assert.deepEqual(closed.config.load, {
      type: "concurrent",
      stages: [
        { num_requests: 80, concurrency_level: 4 },
        { num_requests: 1, concurrency_level: 16 },
      ],
      ...{ worker_max_concurrency: 1000, base_seed: 7 },
    });
    assert.equal(open?.kind, "open");
    assert.equal(open.config.load.type, "poisson");
    assert.deepEqual(open.config.load.stages, [{ rate: 2.5, duration: 60 }]);
    assert.deepEqual(
      configsOf({ stages: input.stages.slice(0, 1) }).map(({ kind }) => kind),
      ["closed"],
    );
  });

  it("has lengths with the traffic's mean and deviation, and enough of them", () => {
    const [closed] = configsOf();
    // Mean 300, deviations -200, -100 and 300: the sample's variance is (40,000 + 10,000 + 90,000) / 2.
    assert.deepEqual(closed?.config.data, {
      type: "random",
      input_distribution: { type: "lognormal", min: 100, max: 600, mean: 300, std_dev: 264.58, total_count: 190 },
      output_distribution: { type: "fixed", min: 50, max: 50, mean: 50, std_dev: 0, total_count: 190 },
    });
  });

  it("names the server, streams, and is held by the same SLO", () => {
    const [{ config } = assert.fail()] = configsOf();
    assert.deepEqual(config.api, { type: "completion", streaming: true });
    assert.deepEqual(config.server, {
      ...{ type: "tgi", model_name: "google/gemma-2-2b-it", base_url: "http://localhost:8000", ignore_eos: true },
    });
    assert.equal(config.tokenizer.pretrained_model_name_or_path, "google/gemma-2-2b-it");
    assert.deepEqual(config.report.goodput, { constraints: { ttft: 2, tpot: 0.1 } });
    assert.equal(configsOf({ api: "openai" })[0]?.config.server.type, "vllm");
  });

  it("asks for the server's metrics only where they are known to be scraped", () => {
    assert.equal(configsOf()[0]?.config.metrics, undefined);
    assert.deepEqual(configsOf({ managedPrometheus: { namespace: "llm" } })[0]?.config.metrics, {
      type: "prometheus",
      prometheus: {
        google_managed: true,
        scrape_interval: 15,
        filters: ['namespace="llm"', 'container="inference-server"'],
      },
    });
  });

  it("says which release it is for, and what is not the same", () => {
    for (const { text } of configsOf()) {
      assert.match(text, /^# The (closed|open) loads for kubernetes-sigs\/inference-perf v\d/);
      assert.match(text, /# - TGI does not know ignore_eos/);
    }
  });

  it("is refused without lengths that it could have", () => {
    assert.throws(() => configsOf({ lengths: [] }), /sample/);
    assert.throws(() => configsOf({ lengths: [{ inputTokens: 5, outputTokens: 0 }] }), /without tokens/);
  });
});
