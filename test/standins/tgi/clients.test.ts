import assert from "node:assert/strict";
import { InferenceClient } from "@huggingface/inference";
import OpenAI from "openai";
import { limits } from "../../simulate/server/support";
import { firstEvent, post, STUCK, withStandIn } from "./support";

const MESSAGES: { role: "user"; content: string }[] = [{ role: "user", content: "hi" }];
const CHAT = { model: "tgi", messages: MESSAGES, max_tokens: 5 };
/** By the rule of the stand-in: see doors.test.ts. */
const PROMPT_TOKENS = 16;

function openai(url: string): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
}

function huggingFace(url: string) {
  return new InferenceClient("", { endpointUrl: url });
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

/** A stand-in all of whose places are taken. */
async function overloaded(use: (url: string) => Promise<void>): Promise<void> {
  await withStandIn({ times: STUCK, limits: limits({ maxConcurrentRequests: 1 }) }, async (url) => {
    await firstEvent(await post(url, "/generate_stream", { inputs: "a" }));
    await use(url);
  });
}

describe("clients of others at the TGI stand-in", () => {
  describe("openai", () => {
    it("chats", async () => {
      await withStandIn({}, async (url) => {
        const { choices, usage } = await openai(url).chat.completions.create(CHAT);
        assert.equal(choices[0]?.message.content?.split(" ").length, 5);
        assert.equal(choices[0]?.finish_reason, "length");
        assert.deepEqual(usage, {
          prompt_tokens: PROMPT_TOKENS,
          completion_tokens: 5,
          total_tokens: PROMPT_TOKENS + 5,
        });
      });
    });

    it("streams", async () => {
      await withStandIn({}, async (url) => {
        const streaming = { ...CHAT, stream: true, stream_options: { include_usage: true } } as const;
        const chunks = await all(await openai(url).chat.completions.create(streaming));
        assert.equal(chunks.length, 5);
        const text = chunks.map((it) => it.choices[0]?.delta.content ?? "").join("");
        assert.equal(text.split(" ").length, 5);
        assert.equal(chunks[4]?.usage?.completion_tokens, 5);
        assert.equal(chunks[4]?.choices[0]?.finish_reason, "length");
      });
    });

    it("leaves a stream in the middle", async () => {
      await withStandIn({ times: STUCK }, async (url, standIn) => {
        const stream = await openai(url).chat.completions.create({ ...CHAT, max_tokens: 1500, stream: true });
        for await (const chunk of stream) {
          assert.equal(chunk.choices.length, 1);
          break;
        }
        while (standIn.openRequests() > 0) await new Promise((resolve) => setImmediate(resolve));
      });
    });

    it("lists the model", async () => {
      await withStandIn({}, async (url) => {
        const { data } = await openai(url).models.list();
        assert.deepEqual(
          data.map((it) => it.id),
          ["google/gemma-2-2b-it"],
        );
      });
    });

    it("meets 429 and 422", async () => {
      await overloaded(async (url) => {
        await assert.rejects(openai(url).chat.completions.create(CHAT), OpenAI.RateLimitError);
        // What TGI 2.4.0 does to a stream: nothing is said at all.
        const chunks = await all(await openai(url).chat.completions.create({ ...CHAT, stream: true }));
        assert.deepEqual(chunks, []);
      });
      await withStandIn({}, async (url) => {
        const tooMany = openai(url).chat.completions.create({ ...CHAT, max_tokens: 5000 });
        await assert.rejects(tooMany, (error) => {
          assert.ok(error instanceof OpenAI.UnprocessableEntityError);
          assert.equal(error.status, 422);
          return true;
        });
      });
    });
  });

  // 4.0.0, as it speaks TGI's own tongue: later ones ask for completions.
  describe("@huggingface/inference", () => {
    it("generates", async () => {
      await withStandIn({}, async (url) => {
        const { generated_text } = await huggingFace(url).textGeneration({
          inputs: "hello",
          parameters: { max_new_tokens: 6 },
        });
        assert.equal(generated_text.split(" ").length, 6);
      });
    });

    it("streams tokens", async () => {
      await withStandIn({}, async (url) => {
        const stream = huggingFace(url).textGenerationStream({
          inputs: "hello",
          parameters: { max_new_tokens: 6, details: true },
        });
        const tokens = await all(stream);
        assert.equal(tokens.length, 6);
        assert.equal(tokens[5]?.generated_text, tokens.map((it) => it.token.text).join(""));
        assert.deepEqual(tokens[5]?.details?.generated_tokens, 6);
      });
    });

    it("chats, at once and in a stream", async () => {
      await withStandIn({}, async (url) => {
        const { choices, usage } = await huggingFace(url).chatCompletion(CHAT);
        assert.equal(choices[0]?.message.content?.split(" ").length, 5);
        assert.equal(usage.prompt_tokens, PROMPT_TOKENS);
        const chunks = await all(huggingFace(url).chatCompletionStream(CHAT));
        assert.equal(chunks.length, 5);
        assert.equal(chunks[4]?.choices[0]?.finish_reason, "length");
      });
    });

    it("meets 429 and 422", async () => {
      const status = (expected: number, message: RegExp) => (error: unknown) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        assert.equal((error as { httpResponse?: { status: number } }).httpResponse?.status, expected);
        return true;
      };
      await overloaded(async (url) => {
        const busy = /overloaded/i;
        await assert.rejects(huggingFace(url).textGeneration({ inputs: "a" }), status(429, busy));
        await assert.rejects(huggingFace(url).chatCompletion(CHAT), status(429, busy));
        await assert.rejects(all(huggingFace(url).textGenerationStream({ inputs: "a" })), busy);
      });
      await withStandIn({}, async (url) => {
        const parameters = { max_new_tokens: 5000 };
        const long = /max_new_tokens/;
        await assert.rejects(huggingFace(url).textGeneration({ inputs: "a", parameters }), status(422, long));
        await assert.rejects(all(huggingFace(url).textGenerationStream({ inputs: "a", parameters })), long);
      });
    });
  });
});
