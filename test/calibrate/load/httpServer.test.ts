import assert from "node:assert/strict";
import type { LoadObserver, ServerSample } from "../../../tools/calibrate/contract";
import { first, HttpServers, LENGTHS } from "./httpServers";
import { always, closed, Enough, stream, tgiEvent, tgiEvents, UNKNOWN, wordsIn } from "./support";

describe("a server over HTTP", () => {
  const servers = new HttpServers();
  afterEach(() => servers.end());

  it("is measured by what it streams", async () => {
    let asked: unknown;
    const server = await servers.serve(({ request, response, body }) => {
      asked = [request.method, request.url, request.headers.authorization, body.parameters];
      stream(response, tgiEvents(4, 498));
    });
    const [outcome] = await first(1, server);
    const { firstTokenAt = Number.NaN, lastTokenAt = Number.NaN, sentAt = Number.NaN, endedAt = 0 } = outcome ?? {};
    assert.deepEqual(asked, ["POST", "/generate_stream", undefined, { max_new_tokens: 4, details: true }]);
    assert.equal(outcome?.result, "served");
    assert.deepEqual([outcome.inputTokens, outcome.outputTokens, outcome.error], [498, 4, undefined]);
    assert.ok(sentAt < firstTokenAt && firstTokenAt <= lastTokenAt && lastTokenAt <= endedAt);
  });

  it("says of every token when it came, however the network cuts the stream up", async () => {
    // Byte after byte, through an é of two bytes and an event's end of two line feeds.
    const text = Buffer.from(`:\n\n${tgiEvents(4, 498)}`);
    const server = await servers.serve(({ response }) => {
      stream(response);
      let sent = 0;
      const next = () => {
        response.write(text.subarray(sent, sent + 1));
        sent += 1;
        if (sent < text.length) setImmediate(next);
        else response.end();
      };
      next();
    });
    let tokens = 0;
    const enough = new Enough(1);
    const observer: LoadObserver = {
      tokens: (_id, count) => {
        tokens += count;
      },
      ended: (outcome) => enough.ended(outcome),
    };
    const [outcome] = await enough.of(server.run(closed(1), always(LENGTHS), observer, enough.signal));
    assert.deepEqual([outcome?.result, outcome?.outputTokens, tokens], ["served", 4, 4]);
  });

  it("hears of tokens that a server has counted and put into fewer events", async () => {
    const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
    let asked: unknown;
    const server = await servers.serve(
      ({ request, response, body }) => {
        asked = [request.url, request.headers.authorization, body.model];
        stream(
          response,
          [
            event({ choices: [{ delta: { role: "assistant", content: "" }, finish_reason: null }] }),
            event({ choices: [{ delta: { content: "several tokens" }, finish_reason: "length" }] }),
            event({ choices: [], usage: { prompt_tokens: 490, completion_tokens: 9 } }),
            "data: [DONE]\n\n",
          ].join(""),
        );
      },
      { api: "openai", modelId: "a-model", bearer: "secret" },
    );
    let tokens = 0;
    const enough = new Enough(1);
    const observer: LoadObserver = {
      tokens: (_id, count) => {
        tokens += count;
      },
      ended: (outcome) => enough.ended(outcome),
    };
    const [outcome] = await enough.of(server.run(closed(1), always(LENGTHS), observer, enough.signal));
    assert.deepEqual(asked, ["/v1/chat/completions", "Bearer secret", "a-model"]);
    assert.deepEqual([outcome?.result, outcome?.inputTokens, outcome?.outputTokens, tokens], ["served", 490, 9, 9]);
  });

  for (const [perWord, constant] of [
    [1, 20],
    [6, 250],
  ] as const) {
    it(`gets prompts of the planned length: ${perWord} tokens a word, and ${constant}`, async () => {
      const prompts = new Set<string>();
      const server = await servers.serve(({ response, body }) => {
        const prompt = String(body.inputs);
        prompts.add(prompt.slice(0, 20));
        stream(response, tgiEvents(2, constant + perWord * wordsIn(prompt)));
      });
      const lengths = (function* () {
        for (let turn = 0; ; turn += 1) yield { inputTokens: 700 + 450 * (turn % 5), outputTokens: 2 };
      })();
      const outcomes = await first(30, server, 1, lengths);
      for (const { inputTokens = Number.NaN, planned } of outcomes.slice(5)) {
        const error = Math.abs(inputTokens / planned.inputTokens - 1);
        assert.ok(error < 0.02, `${planned.inputTokens} planned, ${inputTokens} achieved`);
      }
      assert.ok(prompts.size >= 30, "each another one");
    });
  }

  it("is not asked for more than its limits admit, though the tokens of a text are never known exactly", async () => {
    const seen: number[] = [];
    const info = { ...UNKNOWN, maxInputTokens: 1000, maxTotalTokens: 1200 };
    const server = await servers.serve(
      ({ response, body }) => {
        const tokens = Math.round((30 + 2 * wordsIn(String(body.inputs))) * (seen.length % 2 === 0 ? 0.99 : 1.01));
        seen.push(tokens);
        stream(response, tgiEvents(4, tokens));
      },
      { info },
    );
    await first(20, server, 1, always({ inputTokens: 1000, outputTokens: 4 }));
    assert.ok(
      seen.slice(5).every((tokens) => tokens <= 1000 && tokens >= 950),
      seen.join(" "),
    );
  });

  it("has all its streams cut when the load is aborted", async () => {
    const controller = new AbortController();
    let open = 0;
    let closedStreams: () => void = () => {};
    const allClosed = new Promise<void>((resolve) => {
      closedStreams = resolve;
    });
    const server = await servers.serve(({ response }) => {
      open += 1;
      stream(response);
      response.write(tgiEvent(1, 4, 9));
      response.on("close", () => {
        open -= 1;
        if (open === 0) closedStreams();
      });
      if (open === 20) controller.abort(new Error("Ctrl-C"));
    });
    const results: string[] = [];
    const observer: LoadObserver = { ended: ({ result }) => results.push(result) };
    await assert.rejects(server.run(closed(20), always(LENGTHS), observer, controller.signal), /Ctrl-C/);
    assert.deepEqual(results, Array(20).fill("unfinished"));
    await allClosed;
  });

  it("is sent every request at once: none waits in the client for another's answer", async () => {
    const STREAMS = 150;
    const held: (() => void)[] = [];
    const server = await servers.serve(({ response }) => {
      held.push(() => stream(response, tgiEvents(4, 500)));
      // Nobody is answered before all are there.
      if (held.length === STREAMS) for (const answer of held) answer();
    });
    const outcomes = await first(STREAMS, server, STREAMS);
    assert.ok(outcomes.every(({ result }) => result === "served"));
  });

  it("is scraped beside the load, where it has metrics", async () => {
    const info = { ...UNKNOWN, hasMetrics: true };
    const controller = new AbortController();
    const server = await servers.serve(
      ({ request, response }) => {
        if (request.url === "/metrics") response.end("tgi_queue_size 5\n");
        else stream(response);
      },
      { info },
    );
    const samples: ServerSample[] = [];
    const observer: LoadObserver = {
      scraped: (sample) => {
        samples.push(sample);
        controller.abort();
      },
    };
    await server.run(closed(1), always(LENGTHS), observer, controller.signal).catch(() => {});
    assert.equal(samples[0]?.queue, 5);
  });
});
