import assert from "node:assert/strict";
import { hasTgiMetrics, parseSample } from "../../../tools/calibrate/load/metricsText";

/** As TGI 2.4.0 writes it, most buckets left out. */
const TEXT = `# HELP tgi_request_success Number of successful requests
# TYPE tgi_request_success counter
tgi_request_success 41

# TYPE tgi_request_failure counter
tgi_request_failure{err="overloaded"} 7
tgi_request_failure{err="validation"} 2

# TYPE tgi_batch_inference_success counter
tgi_batch_inference_success{method="decode"} 900

# HELP tgi_queue_size Current queue size
# TYPE tgi_queue_size gauge
tgi_queue_size 3

# TYPE tgi_batch_current_max_tokens gauge
tgi_batch_current_max_tokens 21504

# TYPE tgi_batch_current_size gauge
tgi_batch_current_size 12

# TYPE tgi_batch_inference_duration histogram
tgi_batch_inference_duration_bucket{method="prefill",le="0.0001"} 0
tgi_batch_inference_duration_bucket{method="prefill",le="+Inf"} 50
tgi_batch_inference_duration_sum{method="prefill"} 2.125
tgi_batch_inference_duration_count{method="prefill"} 50
tgi_batch_inference_duration_bucket{method="decode",le="+Inf"} 900
tgi_batch_inference_duration_sum{method="decode"} 2.7e1
tgi_batch_inference_duration_count{method="decode"} 900

tgi_request_queue_duration_bucket{le="+Inf"} 41
tgi_request_queue_duration_sum 0.5
tgi_request_queue_duration_count 41
tgi_request_inference_duration_sum 120.75
tgi_request_inference_duration_count 41
tgi_request_generated_tokens_sum 8200
tgi_request_generated_tokens_count 41
`;

describe("a server's metrics", () => {
  it("are read from its text", () => {
    assert.deepEqual(parseSample(TEXT, 5.5), {
      at: 5.5,
      queue: 3,
      batch: 12,
      reservedTokens: 21504,
      succeeded: 41,
      overloaded: 7,
      prefill: { sum: 2.125, count: 50 },
      decode: { sum: 27, count: 900 },
      queueDuration: { sum: 0.5, count: 41 },
      inferenceDuration: { sum: 120.75, count: 41 },
      generatedTokens: { sum: 8200, count: 41 },
    });
  });

  it("are undefined where the server does not say them", () => {
    assert.deepEqual(parseSample('tgi_queue_size 0\ntgi_request_failure{err="dropped"} 4\n', 1), { at: 1, queue: 0 });
    assert.deepEqual(parseSample("", 1), { at: 1 });
  });

  it("are no sample when a wanted line is not understood", () => {
    for (const line of ["tgi_queue_size", "tgi_queue_size x", "tgi_queue_size NaN", "tgi_batch_current_size  "]) {
      assert.equal(parseSample(`tgi_request_success 41\n${line}\n`, 1), undefined, line);
    }
  });

  it("leave half a histogram out", () => {
    assert.deepEqual(parseSample("tgi_request_queue_duration_sum 0.5", 1), { at: 1 });
  });

  it("may have time stamps and the line ends of another system", () => {
    assert.deepEqual(parseSample("tgi_queue_size 2 1700000000000\r\ntgi_batch_current_size 4\r\n", 1), {
      at: 1,
      queue: 2,
      batch: 4,
    });
  });

  it("are TGI's, or another server's", () => {
    assert.equal(hasTgiMetrics(TEXT), true);
    assert.equal(hasTgiMetrics("# HELP tgi_queue_size\nvllm:num_requests_waiting 0\n"), false);
  });
});
