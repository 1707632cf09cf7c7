import assert from "node:assert/strict";
import { TgiMetrics } from "../../../standins/tgi/metrics";
import { samples } from "./support";

/** Everything that can be recorded, once. */
async function everything(): Promise<string> {
  const metrics = new TgiMetrics({ maxInputTokens: 1562, maxTotalTokens: 2048 });
  metrics.requestCame();
  for (const reason of ["overloaded", "validation", "template", "dropped"] as const) metrics.requestFailed(reason);
  metrics.requestIsValid(10, 20);
  metrics.requestSucceeded({ total: 4, validation: 0.5, queue: 1, inference: 2, generatedTokens: 8 });
  metrics.batchTaken(3);
  metrics.batchJoined("backpressure");
  metrics.batchJoined("wait_exceeded");
  metrics.stepBegins("prefill");
  metrics.stepEnded("decode", { inference: 0.5, decoding: 0.125 });
  metrics.queueIs(5);
  metrics.batchIs(6, 700);
  return metrics.text();
}

function bounds(text: string, name: string): number[] {
  const of = [...samples(text).keys()].filter((it) => it.startsWith(`${name}_bucket{`));
  return of.map((it) => Number(/le="([^"]+)"/.exec(it)?.[1]?.replace("+Inf", "Infinity")));
}

describe("the metrics of the TGI stand-in", () => {
  it("has none before anything has happened", async () => {
    const metrics = new TgiMetrics({ maxInputTokens: 1562, maxTotalTokens: 2048 });
    assert.equal((await metrics.text()).trim(), "");
  });

  it("has TGI's names, types and labels", async () => {
    // v2.4.0: router/src/server.rs, router/src/infer/mod.rs, router/src/validation.rs, backends/v3/src/{backend,queue}.rs.
    const types = {
      tgi_batch_concat: "counter",
      tgi_batch_current_max_tokens: "gauge",
      tgi_batch_current_size: "gauge",
      tgi_batch_decode_duration: "histogram",
      tgi_batch_forward_duration: "histogram",
      tgi_batch_inference_count: "counter",
      tgi_batch_inference_duration: "histogram",
      tgi_batch_inference_success: "counter",
      tgi_batch_next_size: "histogram",
      tgi_queue_size: "gauge",
      tgi_request_count: "counter",
      tgi_request_duration: "histogram",
      tgi_request_failure: "counter",
      tgi_request_generated_tokens: "histogram",
      tgi_request_inference_duration: "histogram",
      tgi_request_input_length: "histogram",
      tgi_request_max_new_tokens: "histogram",
      tgi_request_mean_time_per_token_duration: "histogram",
      tgi_request_queue_duration: "histogram",
      tgi_request_success: "counter",
      tgi_request_validation_duration: "histogram",
    };
    const text = await everything();
    const lines = text.split("\n").filter((line) => line.startsWith("# TYPE "));
    assert.deepEqual(Object.fromEntries(lines.map((line) => line.split(" ").slice(2))), types);
    const values = samples(text);
    const plain = [...values].filter(([name]) => !name.includes("_bucket"));
    assert.deepEqual(Object.fromEntries(plain), {
      'tgi_batch_concat{reason="backpressure"}': 1,
      'tgi_batch_concat{reason="wait_exceeded"}': 1,
      tgi_batch_current_max_tokens: 700,
      tgi_batch_current_size: 6,
      'tgi_batch_decode_duration_count{method="decode"}': 1,
      'tgi_batch_decode_duration_sum{method="decode"}': 0.125,
      'tgi_batch_forward_duration_count{method="decode"}': 1,
      'tgi_batch_forward_duration_sum{method="decode"}': 0.375,
      'tgi_batch_inference_count{method="prefill"}': 1,
      'tgi_batch_inference_duration_count{method="decode"}': 1,
      'tgi_batch_inference_duration_sum{method="decode"}': 0.5,
      'tgi_batch_inference_success{method="decode"}': 1,
      tgi_batch_next_size_count: 1,
      tgi_batch_next_size_sum: 3,
      tgi_queue_size: 5,
      tgi_request_count: 1,
      tgi_request_duration_count: 1,
      tgi_request_duration_sum: 4,
      'tgi_request_failure{err="overloaded"}': 1,
      'tgi_request_failure{err="validation"}': 1,
      'tgi_request_failure{err="template"}': 1,
      'tgi_request_failure{err="dropped"}': 1,
      tgi_request_generated_tokens_count: 1,
      tgi_request_generated_tokens_sum: 8,
      tgi_request_inference_duration_count: 1,
      tgi_request_inference_duration_sum: 2,
      tgi_request_input_length_count: 1,
      tgi_request_input_length_sum: 10,
      tgi_request_max_new_tokens_count: 1,
      tgi_request_max_new_tokens_sum: 20,
      tgi_request_mean_time_per_token_duration_count: 1,
      tgi_request_mean_time_per_token_duration_sum: 0.25,
      tgi_request_queue_duration_count: 1,
      tgi_request_queue_duration_sum: 1,
      tgi_request_success: 1,
      tgi_request_validation_duration_count: 1,
      tgi_request_validation_duration_sum: 0.5,
    });
  });

  it("has TGI's bounds", async () => {
    const text = await everything();
    // server.rs multiplies 0.0001 s by 1.5, 35 times, and takes every product.
    const durations = [
      "tgi_request_duration",
      "tgi_request_validation_duration",
      "tgi_request_queue_duration",
      "tgi_request_inference_duration",
      "tgi_request_mean_time_per_token_duration",
      "tgi_batch_inference_duration",
      "tgi_batch_forward_duration",
      "tgi_batch_decode_duration",
    ];
    for (const name of durations) {
      const all = bounds(text, name);
      assert.equal(all.length, 36, name);
      for (const [i, bound] of all.slice(0, -1).entries()) {
        assert.ok(Math.abs(bound / (0.0001 * 1.5 ** (i + 1)) - 1) < 1e-12, `${name}: ${bound}`);
      }
      assert.equal(all.at(-1), Number.POSITIVE_INFINITY);
    }
    // As Rust prints the first, which is not 0.00015.
    assert.match(text, /le="0\.00015000000000000001"/);
    // A hundredth of MAX_INPUT_TOKENS or MAX_TOTAL_TOKENS, and its multiples; every size of a batch to 1024.
    const input = bounds(text, "tgi_request_input_length");
    assert.deepEqual([input.length, input[0], input[99]], [101, 15.62, 1562]);
    for (const name of ["tgi_request_generated_tokens", "tgi_request_max_new_tokens"]) {
      const total = bounds(text, name);
      assert.deepEqual([total.length, total[0], total[99]], [101, 20.48, 2048]);
    }
    const sizes = bounds(text, "tgi_batch_next_size");
    assert.deepEqual([sizes.length, sizes[0], sizes[1], sizes[1023]], [1025, 1, 2, 1024]);
  });
});
