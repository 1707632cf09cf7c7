import assert from "node:assert/strict";
import { limits } from "../../simulate/server/support";
import { events, post, QUICK, STUCK, samples, ToldClock, until, withStandIn } from "./support";

/** 1 token that begins, and ceil(21 / 4) of these bytes. */
const HELLO = { text: "hello there my friend", tokens: 7 };

async function json(response: Response): Promise<unknown> {
  return JSON.parse(await response.text());
}

async function metrics(url: string) {
  return samples(await (await fetch(`${url}/metrics`)).text());
}

describe("the doors of the TGI stand-in", () => {
  it("/generate answers with as many tokens as it may, and says in headers how it went", async () => {
    await withStandIn({}, async (url) => {
      const response = await post(url, "/generate", { inputs: HELLO.text });
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
      const body = (await json(response)) as { generated_text: string };
      assert.deepEqual(Object.keys(body), ["generated_text"]);
      // TGI's default is 100 tokens; each is a word.
      assert.equal(body.generated_text.split(" ").length, 100);
      const header = (name: string) => response.headers.get(name);
      assert.equal(header("x-prompt-tokens"), String(HELLO.tokens));
      assert.equal(header("x-generated-tokens"), "100");
      assert.equal(header("x-compute-characters"), "21");
      assert.equal(header("x-compute-type"), "gpu+optimized");
      for (const name of ["total", "validation", "queue", "inference"])
        assert.match(header(`x-${name}-time`) ?? "", /^\d+$/);
      assert.match(header("x-time-per-token") ?? "", /^\d+$/);
      assert.match(header("x-compute-time") ?? "", /^0\.\d+$/);
    });
  });

  it("/generate gives details where they are asked for", async () => {
    await withStandIn({}, async (url) => {
      const parameters = { max_new_tokens: 2, details: true, decoder_input_details: true, seed: 5, do_sample: true };
      const { generated_text, details } = (await json(
        await post(url, "/generate", { inputs: "abcdef", parameters: { ...parameters, return_full_text: true } }),
      )) as { generated_text: string; details: Record<string, unknown> };
      const tokens = details.tokens as { id: number; text: string; logprob: number; special: boolean }[];
      assert.equal(generated_text, `abcdef${tokens.map((it) => it.text).join("")}`);
      assert.deepEqual(Object.keys(details), ["finish_reason", "generated_tokens", "seed", "prefill", "tokens"]);
      assert.deepEqual([details.finish_reason, details.generated_tokens, details.seed], ["length", 2, 5]);
      const prefill = details.prefill as { text: string; logprob: number | null }[];
      assert.deepEqual(
        prefill.map((it) => [it.text, it.logprob === null]),
        [
          ["<bos>", true],
          ["abcd", false],
          ["ef", false],
        ],
      );
      for (const token of tokens) assert.deepEqual(Object.keys(token), ["id", "text", "logprob", "special"]);
      // Without sampling there is no seed to tell of.
      const greedy = await json(await post(url, "/generate", { inputs: "a", parameters: { details: true } }));
      assert.equal((greedy as { details: { seed: unknown } }).details.seed, null);
    });
  });

  it("/generate makes the best of several", async () => {
    await withStandIn({}, async (url) => {
      const parameters = { best_of: 2, do_sample: true, max_new_tokens: 3, details: true };
      const body = (await json(await post(url, "/generate", { inputs: "a", parameters }))) as {
        details: { best_of_sequences: { generated_text: string; generated_tokens: number }[] };
      };
      assert.equal(body.details.best_of_sequences.length, 1);
      assert.equal(body.details.best_of_sequences[0]?.generated_tokens, 3);
      assert.equal((await metrics(url)).get("tgi_request_success"), 2);
    });
  });

  it("/generate_stream sends an event a token, and with the last the whole text", async () => {
    await withStandIn({}, async (url) => {
      const parameters = { max_new_tokens: 3, details: true };
      const response = await post(url, "/generate_stream", { inputs: HELLO.text, parameters });
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/event-stream");
      assert.equal(response.headers.get("x-accel-buffering"), "no");
      const sent = (await events(response)).map((it) => JSON.parse(it));
      assert.deepEqual(
        sent.map((it) => it.index),
        [1, 2, 3],
      );
      for (const it of sent) assert.deepEqual(Object.keys(it), ["index", "token", "generated_text", "details"]);
      const text = sent.map((it) => it.token.text).join("");
      assert.deepEqual(
        sent.map((it) => it.generated_text),
        [null, null, text],
      );
      assert.equal(sent[1].details, null);
      const details = { finish_reason: "length", generated_tokens: 3, seed: null, input_length: HELLO.tokens };
      assert.deepEqual(sent[2].details, details);
    });
  });

  it("/ answers in an array, streams where it is asked to, and is the health of the server, too", async () => {
    await withStandIn({}, async (url) => {
      const body = { inputs: "a", parameters: { max_new_tokens: 2 } };
      const [only] = (await json(await post(url, "/", body))) as { generated_text: string }[];
      assert.equal(only?.generated_text.split(" ").length, 2);
      assert.equal((await events(await post(url, "/", { ...body, stream: true }))).length, 2);
      const health = await fetch(`${url}/`);
      assert.deepEqual([health.status, await health.text()], [200, ""]);
    });
  });

  it("/v1/chat/completions answers at once", async () => {
    await withStandIn({}, async (url) => {
      const messages = [{ role: "user", content: [{ type: "text", text: "hi" }] }];
      const body = (await json(
        await post(url, "/v1/chat/completions", { messages, max_tokens: 4, logprobs: true }),
      )) as Record<string, unknown>;
      const { created, choices, ...rest } = body;
      assert.ok(typeof created === "number" && created > 1.7e9);
      // "<start_of_turn>user\nhi<end_of_turn>\n<start_of_turn>model\n" has 57 bytes, and a token begins it.
      assert.deepEqual(rest, {
        object: "chat.completion",
        id: "",
        model: "google/gemma-2-2b-it",
        system_fingerprint: "2.4.0-stand-in",
        usage: { prompt_tokens: 16, completion_tokens: 4, total_tokens: 20 },
      });
      const [choice] = choices as [Record<string, { content: string | unknown[] }>];
      assert.deepEqual(Object.keys(choice), ["index", "message", "logprobs", "finish_reason"]);
      assert.equal(choice.finish_reason, "length");
      assert.equal(choice.logprobs?.content.length, 4);
      assert.equal(String(choice.message?.content).split(" ").length, 4);
    });
  });

  it("/v1/chat/completions streams, with the usage in the last token's chunk, and says that it is done", async () => {
    await withStandIn({}, async (url) => {
      const chat = { messages: [{ role: "user", content: "hi" }], max_tokens: 3, stream: true };
      const sent = async (more: object) => events(await post(url, "/v1/chat/completions", { ...chat, ...more }));
      const asked = await sent({ stream_options: { include_usage: true } });
      assert.equal(asked.pop(), "[DONE]");
      const chunks = asked.map((it) => JSON.parse(it));
      assert.equal(chunks.length, 3);
      assert.deepEqual(
        chunks.map((it) => [it.object, it.choices[0].finish_reason, it.usage?.total_tokens ?? null]),
        [
          ["chat.completion.chunk", null, null],
          ["chat.completion.chunk", null, null],
          ["chat.completion.chunk", "length", 19],
        ],
      );
      assert.equal(chunks[0].choices[0].delta.role, "assistant");
      const unasked = await sent({});
      assert.equal(JSON.parse(unasked.at(-2) ?? "").usage, null);
      // TGI counts a request once at this door, and once more behind it.
      assert.equal((await metrics(url)).get("tgi_request_count"), 4);
    });
  });

  it("/info, /v1/models and /health say what TGI says", async () => {
    await withStandIn({ limits: limits({ maxConcurrentRequests: 77 }) }, async (url) => {
      assert.deepEqual(await json(await fetch(`${url}/info`)), {
        model_id: "google/gemma-2-2b-it",
        model_sha: null,
        model_pipeline_tag: "text-generation",
        max_concurrent_requests: 77,
        max_best_of: 2,
        max_stop_sequences: 4,
        max_input_tokens: 1000,
        max_total_tokens: 2000,
        validation_workers: 2,
        max_client_batch_size: 4,
        router: "text-generation-router",
        version: "2.4.0",
        sha: null,
        docker_label: "stand-in",
      });
      const id = "google/gemma-2-2b-it";
      const model = { id, object: "model", created: 0, owned_by: id };
      assert.deepEqual(await json(await fetch(`${url}/v1/models`)), { object: "list", data: [model] });
      for (const path of ["/health", "/ping"]) assert.equal((await fetch(url + path)).status, 200);
      const head = await fetch(`${url}/health`, { method: "HEAD" });
      assert.equal(head.status, 200);
      // None of these is a request for tokens.
      assert.equal((await metrics(url)).size, 0);
    });
  });

  it("drops a client that hangs up in the middle", async () => {
    await withStandIn({ times: STUCK }, async (url, standIn) => {
      for (const path of ["/generate", "/generate_stream", "/v1/chat/completions"]) {
        const going = new AbortController();
        const body = { inputs: "a", messages: [{ role: "user", content: "a" }], stream: true };
        const response = post(url, path, body, going.signal);
        if (path === "/generate") response.catch(() => {});
        else await response;
        await until(() => standIn.openRequests() === 1);
        going.abort();
        await until(() => standIn.openRequests() === 0);
      }
      // TGI sees it when their turn comes, which is never while the first one's step lasts.
      assert.equal((await metrics(url)).get("tgi_queue_size"), 2);
    });
  });

  it("counts whoever hung up when the next token would have been its", async () => {
    const clock = new ToldClock();
    await withStandIn({ clock, times: { ...QUICK, decodeBaseSeconds: 1 } }, async (url, standIn) => {
      const going = new AbortController();
      await post(url, "/generate_stream", { inputs: "a" }, going.signal);
      clock.pass(1.5);
      going.abort();
      await until(() => standIn.openRequests() === 0);
      const before = await metrics(url);
      assert.equal(before.get("tgi_batch_current_size"), 1);
      assert.equal(before.get('tgi_request_failure{err="dropped"}'), undefined);
      clock.pass(3);
      const after = await metrics(url);
      assert.equal(after.get('tgi_request_failure{err="dropped"}'), 1);
      assert.equal(after.get("tgi_batch_current_size"), 0);
      assert.equal(after.get("tgi_request_success"), undefined);
    });
  });
});
