import assert from "node:assert/strict";
import { openaiProtocol } from "../../../tools/calibrate/load/openaiProtocol";
import { emptyAnswer, type Protocol, refusalOf } from "../../../tools/calibrate/load/protocol";
import { TGI_PROTOCOL } from "../../../tools/calibrate/load/tgiProtocol";

function read(protocol: Protocol, events: readonly (object | string)[]) {
  const answer = emptyAnswer();
  const counts = events.map((event) =>
    protocol.read(typeof event === "string" ? event : JSON.stringify(event), answer),
  );
  return { answer, counts };
}

const token = { id: 5, text: 'a "details":null} b', logprob: 0, special: false };

describe("TGI's own API", () => {
  it("asks for the counts and for no sampling", () => {
    assert.deepEqual(JSON.parse(TGI_PROTOCOL.body("text", 30)), {
      inputs: "text",
      parameters: { max_new_tokens: 30, details: true },
    });
  });

  it("brings a token an event, and the counts with the last", () => {
    const details = { finish_reason: "length", generated_tokens: 3, seed: null, input_length: 12 };
    const { answer, counts } = read(TGI_PROTOCOL, [
      { index: 1, token, generated_text: null, details: null },
      { index: 2, token, generated_text: null },
      { index: 3, token, generated_text: token.text, details },
    ]);
    assert.deepEqual(counts, [1, 1, 1]);
    assert.deepEqual(answer, { inputTokens: 12, outputTokens: 3, isWhole: true, refusal: undefined });
  });

  it("is not whole without the counts", () => {
    assert.equal(read(TGI_PROTOCOL, [{ index: 1, token, generated_text: null, details: null }]).answer.isWhole, false);
  });

  for (const [type, result] of [
    ["overloaded", "overloaded"],
    ["validation", "rejected"],
    ["generation", "failed"],
    ["incomplete_generation_stream", "failed"],
  ] as const) {
    it(`tells by an event that a request is ${type}: ${result}`, () => {
      const { answer, counts } = read(TGI_PROTOCOL, [{ error: "so it is", error_type: type }]);
      assert.deepEqual(counts, [0]);
      assert.equal(answer.refusal?.result, result);
      assert.match(answer.refusal?.error ?? "", /so it is/);
    });
  }
});

describe("OpenAI's API", () => {
  const protocol = openaiProtocol("a-model");
  const chunk = (delta: object, finish_reason: string | null = null, usage: object | null = null) => ({
    object: "chat.completion.chunk",
    choices: [{ index: 0, delta, finish_reason }],
    usage,
  });
  const usage = { prompt_tokens: 21, completion_tokens: 5, total_tokens: 26 };

  it("asks for a stream with usage, and for the whole length", () => {
    const body = JSON.parse(protocol.body("text", 30));
    assert.deepEqual(body.stream_options, { include_usage: true });
    assert.deepEqual([body.model, body.max_tokens, body.stream, body.ignore_eos], ["a-model", 30, true, true]);
    assert.deepEqual(body.messages, [{ role: "user", content: "text" }]);
  });

  it("is read as vLLM writes it: a role, several tokens an event, usage in an event of its own", () => {
    const { answer, counts } = read(protocol, [
      chunk({ role: "assistant", content: "" }),
      chunk({ content: "two tokens" }),
      chunk({ content: " more" }, "length"),
      { object: "chat.completion.chunk", choices: [], usage },
      "[DONE]",
    ]);
    assert.deepEqual(counts, [0, 1, 1, 0, 0]);
    assert.deepEqual(answer, { inputTokens: 21, outputTokens: 5, isWhole: true, refusal: undefined });
  });

  it("is read as TGI writes it: usage with the last token", () => {
    const { answer, counts } = read(protocol, [
      chunk({ role: "assistant", content: "one" }),
      chunk({ role: "assistant", content: " two" }, "length", usage),
      "[DONE]",
    ]);
    assert.deepEqual(counts, [1, 1].concat([0]));
    assert.deepEqual([answer.isWhole, answer.outputTokens], [true, 5]);
  });

  it("counts what a model thinks", () => {
    assert.deepEqual(read(protocol, [chunk({ reasoning_content: "hm" })]).counts, [1]);
  });

  for (const [error, result] of [
    [{ message: "engine died", code: 500 }, "failed"],
    [{ message: "maximum context length is 4096 tokens", code: 400 }, "rejected"],
    [{ message: "busy", code: "429" }, "overloaded"],
    ["plain words", "failed"],
  ] as const) {
    it(`tells errors by events: ${JSON.stringify(error)}`, () => {
      const { refusal } = read(protocol, [{ error }]).answer;
      assert.equal(refusal?.result, result);
      assert.match(refusal?.error ?? "", typeof error === "string" ? /plain words/ : new RegExp(error.message));
    });
  }
});

describe("an answer that is no stream", () => {
  for (const [status, body, result] of [
    [429, "", "overloaded"],
    [422, "{}", "rejected"],
    [413, "", "rejected"],
    [400, "This model's maximum context length is 10 tokens", "rejected"],
    [400, "no such field", "failed"],
    [424, "", "failed"],
    [500, "", "failed"],
  ] as const) {
    it(`is ${result}: HTTP ${status} ${body}`, () => {
      const refusal = refusalOf(status, body);
      assert.equal(refusal.result, result);
      assert.match(refusal.error, new RegExp(`HTTP ${status}`));
    });
  }

  it("is named in few words", () => {
    assert.ok(refusalOf(500, "x".repeat(5000)).error.length < 300);
    assert.match(refusalOf(500, " ").error, /\(nothing\)/);
  });
});
