import assert from "node:assert/strict";
import { limits } from "../../simulate/server/support";
import { events, firstEvent, post, STUCK, samples, withStandIn } from "./support";

async function failures(url: string) {
  const all = samples(await (await fetch(`${url}/metrics`)).text());
  return Object.fromEntries([...all].filter(([name]) => name.startsWith("tgi_request_failure")));
}

/** What a request for tokens is refused with. */
async function refusal(url: string, path: string, body: unknown) {
  const response = await post(url, path, body);
  return { status: response.status, body: await response.text() };
}

const invalid = (rule: string) => ({
  status: 422,
  body: JSON.stringify({ error: `Input validation error: ${rule}`, error_type: "validation" }),
});

describe("what the TGI stand-in refuses", () => {
  it("answers 429 when all places are taken, and a stream of the error's event", async () => {
    await withStandIn({ times: STUCK, limits: limits({ maxConcurrentRequests: 1 }) }, async (url) => {
      await firstEvent(await post(url, "/generate_stream", { inputs: "a" }));
      const overloaded = '{"error":"Model is overloaded","error_type":"overloaded"}';
      const chat = { messages: [{ role: "user", content: "a" }] };
      assert.deepEqual(await refusal(url, "/generate", { inputs: "a" }), { status: 429, body: overloaded });
      assert.deepEqual(await refusal(url, "/v1/chat/completions", chat), { status: 429, body: overloaded });
      const stream = await post(url, "/generate_stream", { inputs: "a" });
      assert.deepEqual([stream.status, await events(stream)], [200, [overloaded]]);
      // TGI 2.4.0 swallows errors in a stream of chat.
      const silent = await post(url, "/v1/chat/completions", { ...chat, stream: true });
      assert.deepEqual([silent.status, await events(silent)], [200, ["[DONE]"]]);
      assert.deepEqual(await failures(url), { 'tgi_request_failure{err="overloaded"}': 4 });
    });
  });

  it("answers 422 in TGI's words", async () => {
    await withStandIn({ limits: limits({ maxInputTokens: 50, maxTotalTokens: 100 }) }, async (url) => {
      const rules: [object, string][] = [
        [
          { max_new_tokens: 98 },
          "`inputs` tokens + `max_new_tokens` must be <= 100. Given: 3 `inputs` tokens and 98 `max_new_tokens`",
        ],
        [{ max_new_tokens: 0 }, "`max_new_tokens` must be strictly positive"],
        [{ temperature: 0 }, "`temperature` must be strictly positive"],
        [{ repetition_penalty: -1 }, "`repetition_penalty` must be strictly positive"],
        [{ frequency_penalty: 2.5 }, "`frequency_penalty` must be >= -2.0 and <= 2.0"],
        [{ top_p: 1 }, "`top_p` must be > 0.0 and < 1.0"],
        [{ typical_p: 0 }, "`typical_p` must be > 0.0 and < 1.0"],
        [{ top_k: 0 }, "`top_k` must be strictly positive"],
        [{ stop: ["1", "2", "3", "4", "5"] }, "`stop` supports up to 4 stop sequences. Given: 5"],
        [{ top_n_tokens: 6 }, "`top_n_tokens` must be >= 0 and <= 5. Given: 6"],
        [{ truncate: 51 }, "`truncate` must be strictly positive and less than 50. Given: 51"],
        [{ best_of: 2 }, "you must use sampling when `best_of` is > 1"],
        [{ best_of: 2, do_sample: true, seed: 1 }, "`seed` must not be set when `best_of` > 1"],
        [{ best_of: 3, do_sample: true }, "`best_of` must be > 0 and <= 2. Given: 3"],
        [{ grammar: { type: "regex", value: "a" } }, "grammar is not supported"],
      ];
      for (const [parameters, rule] of rules) {
        const body = { inputs: "12345678", parameters: { max_new_tokens: 10, ...parameters } };
        assert.deepEqual(await refusal(url, "/generate", body), invalid(rule), rule);
      }
      assert.deepEqual(await refusal(url, "/generate", { inputs: "" }), invalid("`inputs` cannot be empty"));
      // 1 + ceil(197 / 4) tokens are one too many, and 1 + 196 / 4 are not.
      const input = (bytes: number) => ({ inputs: "x".repeat(bytes), parameters: { max_new_tokens: null } });
      assert.deepEqual(
        await refusal(url, "/generate", input(197)),
        invalid("`inputs` must have less than 50 tokens. Given: 51"),
      );
      const longest = await post(url, "/generate", input(196));
      // All that is left of 100.
      assert.equal(longest.headers.get("x-generated-tokens"), "50");
      const cut = await post(url, "/generate", { inputs: "x".repeat(900), parameters: { truncate: 20 } });
      assert.deepEqual(cut.status, 422);
      const short = await post(url, "/generate", {
        inputs: "x".repeat(900),
        parameters: { truncate: 20, max_new_tokens: 5 },
      });
      assert.equal(short.headers.get("x-prompt-tokens"), "20");
    });
  });

  it("refuses in a stream by an event", async () => {
    await withStandIn({}, async (url) => {
      const event = async (parameters: object) =>
        events(await post(url, "/generate_stream", { inputs: "a", parameters }));
      const error = (rule: string) => [JSON.parse(invalid(rule).body)];
      const parsed = async (parameters: object) => (await event(parameters)).map((it) => JSON.parse(it));
      assert.deepEqual(await parsed({ best_of: 2 }), error("`best_of` != 1 is not supported when streaming tokens"));
      const details = "`decoder_input_details` == true is not supported when streaming tokens";
      assert.deepEqual(await parsed({ decoder_input_details: true }), error(details));
      assert.deepEqual(await parsed({ max_new_tokens: 0 }), error("`max_new_tokens` must be strictly positive"));
      assert.deepEqual(await failures(url), { 'tgi_request_failure{err="validation"}': 3 });
    });
  });

  it("refuses conversations that Gemma's template does not know", async () => {
    await withStandIn({}, async (url) => {
      const chat = (...roles: string[]) => ({ messages: roles.map((role) => ({ role, content: "a" })) });
      const template = (rule: string) => ({
        status: 422,
        body: `{"error":"Template error: syntax error: ${rule} (in <string>:1)","error_type":"template_error"}`,
      });
      const path = "/v1/chat/completions";
      assert.deepEqual(await refusal(url, path, chat("system", "user")), template("System role not supported"));
      const alternate = template("Conversation roles must alternate user/assistant/user/assistant/...");
      assert.deepEqual(await refusal(url, path, chat("user", "user")), alternate);
      assert.deepEqual(await refusal(url, path, chat("assistant")), alternate);
      assert.equal((await refusal(url, path, chat("user", "assistant", "user"))).status, 200);
      assert.equal((await refusal(url, path, { ...chat("user"), tools: [] })).status, 422);
      assert.deepEqual(await failures(url), { 'tgi_request_failure{err="template"}': 3 });
    });
  });

  it("refuses bodies as axum does", async () => {
    await withStandIn({}, async (url) => {
      const bad = await refusal(url, "/generate", '{"inputs":');
      assert.equal(bad.status, 400);
      assert.match(bad.body, /^Failed to parse the request body as JSON: /);
      for (const body of [
        {},
        { inputs: 1 },
        { inputs: "a", parameters: null },
        { inputs: "a", parameters: { seed: "x" } },
        [],
      ]) {
        const { status, body: text } = await refusal(url, "/generate", body);
        assert.equal(status, 422);
        assert.match(text, /^Failed to deserialize the JSON body into the target type: /);
      }
      const untyped = await fetch(`${url}/generate`, { method: "POST", body: '{"inputs":"a"}' });
      assert.equal(untyped.status, 415);
      assert.equal(await untyped.text(), "Expected request with `Content-Type: application/json`");
      const huge = await refusal(url, "/generate", { inputs: "x".repeat(16 * 1024 * 1024) });
      assert.deepEqual(huge, { status: 413, body: "Failed to buffer the request body: length limit exceeded" });
      // And nothing of it was a request.
      assert.deepEqual(await failures(url), {});
    });
  });

  it("knows no other path, and no other method", async () => {
    await withStandIn({}, async (url) => {
      assert.equal((await fetch(`${url}/nowhere`)).status, 404);
      assert.equal((await fetch(`${url}/constructor`)).status, 404);
      const get = await fetch(`${url}/generate`);
      assert.deepEqual([get.status, get.headers.get("allow")], [405, "POST"]);
      const put = await fetch(`${url}/info`, { method: "PUT" });
      assert.deepEqual([put.status, put.headers.get("allow")], [405, "GET,HEAD"]);
    });
  });
});
