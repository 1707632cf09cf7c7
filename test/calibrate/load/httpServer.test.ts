import assert from "node:assert/strict";
import type { LoadObserver, ServerSample } from "../../../tools/calibrate/contract";
import { ServerLost } from "../../../tools/calibrate/contract";
import { ServerFault } from "../../../tools/calibrate/load/faults";
import { type HttpServer, type HttpServerOptions, httpServer } from "../../../tools/calibrate/load/httpServer";
import {
  always,
  closed,
  Enough,
  type Handler,
  Loopback,
  NEVER,
  stream,
  tgiEvent,
  tgiEvents,
  UNKNOWN,
  VirtualClock,
  wordsIn,
} from "./support";

const LENGTHS = { inputTokens: 500, outputTokens: 4 };

describe("a server over HTTP", () => {
  const loopback = new Loopback();
  const servers: HttpServer[] = [];

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    await loopback.end();
  });

  async function serve(handler: Handler, options: Partial<HttpServerOptions> = {}) {
    const url = await loopback.serve(handler);
    const server = httpServer({ url, api: "tgi", info: UNKNOWN, promptSeed: 1, ...options });
    servers.push(server);
    return server;
  }

  /** The first outcomes of a closed loop. */
  async function first(requests: number, server: HttpServer, concurrency = 1, lengths = always(LENGTHS)) {
    const enough = new Enough(requests);
    return enough.of(server.run(closed(concurrency), lengths, enough, enough.signal));
  }

  it("is measured by what it streams", async () => {
    let asked: unknown;
    const server = await serve(({ request, response, body }) => {
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
    const server = await serve(({ response }) => {
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
    const server = await serve(
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
      const server = await serve(({ response, body }) => {
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
    const server = await serve(
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

  for (const { name, handler, api, result, error } of [
    {
      name: "is full, as TGI says it",
      handler: ({ response }) =>
        stream(response, 'data:{"error":"Model is overloaded – später","error_type":"overloaded"}\n\n'),
      ...{ result: "overloaded", error: /Model is overloaded – später/ },
    },
    {
      name: "is full, as others say it",
      handler: ({ response }) => response.writeHead(429).end("try later"),
      ...{ result: "overloaded", error: /HTTP 429: try later/ },
    },
    {
      name: "rejects a request",
      handler: ({ response }) => stream(response, 'data:{"error":"too long","error_type":"validation"}\n\n'),
      ...{ result: "rejected", error: /too long/ },
    },
    {
      name: "rejects a request before it looks at it",
      handler: ({ response }) => response.writeHead(422).end("{}"),
      ...{ result: "rejected", error: /HTTP 422/ },
    },
    {
      name: "fails in the middle of an answer",
      handler: ({ response }) =>
        stream(response, `${tgiEvent(1, 4, 9)}data:{"error":"CUDA out of memory","error_type":"generation"}\n\n`),
      ...{ result: "failed", error: /CUDA out of memory/ },
    },
    {
      name: "ends a stream too early",
      handler: ({ response }) => stream(response, tgiEvent(1, 4, 9)),
      ...{ result: "failed", error: /after 1 tokens, before it was whole/ },
    },
    {
      name: "ends a stream without a token",
      handler: ({ response }) => stream(response, "data: [DONE]\n\n"),
      api: "openai",
      ...{ result: "failed", error: /without a token; TGI 2\.4\.0/ },
    },
    {
      name: "breaks off",
      handler: ({ response }) => {
        stream(response);
        response.write(tgiEvent(1, 4, 9), () => response.destroy());
      },
      ...{ result: "failed", error: /after 1 tokens/ },
    },
    {
      name: "streams something else",
      handler: ({ response }) => stream(response, "data: <p>hello</p>\n\n"),
      ...{ result: "failed", error: /not JSON/ },
    },
    {
      name: "does not stream",
      handler: ({ response }) => response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
      ...{ result: "failed", error: /not a stream of events: <h1>Welcome/ },
    },
    {
      name: "redirects",
      handler: ({ response }) => response.writeHead(302, { location: "/login" }).end(),
      ...{ result: "failed", error: /HTTP 302/ },
    },
  ] satisfies Misbehaviour[] as Misbehaviour[]) {
    it(`${name}: ${result}`, async () => {
      const [outcome] = await first(1, await serve(handler, api === undefined ? {} : { api }));
      assert.equal(outcome?.result, result);
      assert.match(outcome.error ?? "", error);
    });
  }

  it("ends the load when it wants a login", async () => {
    const server = await serve(({ response }) => response.writeHead(401).end());
    await assert.rejects(
      server.run(closed(3), always(LENGTHS), {}, NEVER),
      (error) => error instanceof ServerFault && error.code === "unauthorized" && /port-forward/.test(error.message),
    );
  });

  it("ends the load when its streams are held back on their way", async () => {
    const server = await serve(({ response }) => stream(response, tgiEvents(64, 500)));
    await assert.rejects(
      server.run(closed(1), always(LENGTHS), {}, NEVER),
      (error) => error instanceof ServerFault && error.code === "buffered-stream",
    );
  });

  it("is lost when nothing listens any more", async () => {
    const clock = new VirtualClock();
    const server = await serve(({ response }) => stream(response, tgiEvents(4, 500)), { clock });
    const outcomes: string[] = [];
    const observer: LoadObserver = {
      ended: ({ result }) => {
        outcomes.push(result);
        if (outcomes.length === 3) void loopback.end();
      },
    };
    const load = server.run(closed(2, { seconds: 600 }), always(LENGTHS), observer, NEVER);
    await assert.rejects(
      clock.until(load, 5),
      (error) => error instanceof ServerLost && /ECONNREFUSED/.test(error.message),
    );
    assert.equal(outcomes[0], "served");
  });

  it("has all its streams cut when the load is aborted", async () => {
    const controller = new AbortController();
    let open = 0;
    let closedStreams: () => void = () => {};
    const allClosed = new Promise<void>((resolve) => {
      closedStreams = resolve;
    });
    const server = await serve(({ response }) => {
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
    const server = await serve(({ response }) => {
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
    const server = await serve(
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

interface Misbehaviour {
  readonly name: string;
  readonly handler: Handler;
  readonly api?: "openai";
  readonly result: string;
  readonly error: RegExp;
}
