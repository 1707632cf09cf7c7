import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { close, listen } from "../../../standins/loopback";
import { type ConnectOptions, connect } from "../../../tools/calibrate/load/connect";
import { ServerFault, type ServerFaultCode } from "../../../tools/calibrate/load/faults";
import { type Handler, Loopback, stream, TGI_INFO, tgiEvents, VirtualClock, wordsIn } from "./support";

/** A sound TGI 2.4.0, but for what a test replaces. */
function tgi(replaced: Readonly<Record<string, Handler>> = {}): Handler {
  const paths: Readonly<Record<string, Handler>> = {
    "/info": ({ response }) => json(response, TGI_INFO),
    "/health": ({ response }) => response.end(),
    "/metrics": ({ response }) => response.end("tgi_queue_size 0\n"),
    "/v1/models": ({ response }) => json(response, { object: "list", data: [{ id: TGI_INFO.model_id }] }),
    // Shorter than what it is asked for: such answers say nothing of the way they came.
    "/generate_stream": ({ response, body }) => stream(response, tgiEvents(8, 20 + wordsIn(String(body.inputs)))),
    "/v1/chat/completions": ({ response, body }) => chat(response, body.model),
    ...replaced,
  };
  return (asked) => {
    const handler = paths[asked.request.url ?? ""];
    if (handler === undefined) asked.response.writeHead(404).end("not found");
    else handler(asked);
  };
}

function json(response: Parameters<Handler>[0]["response"], value: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function chat(response: Parameters<Handler>[0]["response"], model: unknown): void {
  const usage = { prompt_tokens: 50, completion_tokens: 1 };
  stream(
    response,
    `data: ${JSON.stringify({ model, choices: [{ delta: { content: "x" }, finish_reason: "length" }], usage })}\n\n`,
  );
}

describe("connecting to a server", () => {
  const loopback = new Loopback();
  afterEach(() => loopback.end());

  async function to(url: string, options: Partial<ConnectOptions> = {}, longestWait = 5) {
    const clock = new VirtualClock();
    const server = await clock.until(connect({ url, api: "tgi", promptSeed: 1, clock, ...options }), longestWait);
    await server.close();
    return { info: server.info, waited: clock.now() };
  }

  async function fault(url: string, options: Partial<ConnectOptions> = {}, longestWait = 5): Promise<ServerFault> {
    let found: unknown;
    await to(url, options, longestWait).catch((error) => {
      found = error;
    });
    assert.ok(found instanceof ServerFault, String(found));
    return found;
  }

  it("finds out what TGI says of itself", async () => {
    const { info, waited } = await to(await loopback.serve(tgi()));
    assert.deepEqual(info, {
      ...{ api: "tgi", modelId: "google/gemma-2-2b-it", version: "2.4.0", isStandIn: false, hasMetrics: true },
      ...{ maxConcurrentRequests: 128, maxInputTokens: 4096, maxTotalTokens: 8192 },
    });
    assert.equal(waited, 0);
  });

  it("knows the limit of the input by its earlier name", async () => {
    const { max_input_tokens, ...rest } = TGI_INFO;
    const info: Handler = ({ response }) => json(response, { ...rest, max_input_length: max_input_tokens });
    assert.equal((await to(await loopback.serve(tgi({ "/info": info })))).info.maxInputTokens, 4096);
  });

  it("finds the model of an OpenAI API, and its limits where it says them", async () => {
    const models: unknown[] = [];
    const vllm = tgi({
      "/info": ({ response }) => response.writeHead(404).end(),
      "/metrics": ({ response }) => response.end("vllm:num_requests_running 0\n"),
      "/v1/models": ({ response }) => json(response, { data: [{ id: "gemma", max_model_len: 2048 }] }),
      "/v1/chat/completions": ({ response, body }) => {
        models.push(body.model);
        chat(response, body.model);
      },
    });
    const { info } = await to(await loopback.serve(vllm), { api: "openai" });
    assert.deepEqual(info, {
      ...{ api: "openai", modelId: "gemma", version: undefined, isStandIn: false, hasMetrics: false },
      ...{ maxConcurrentRequests: undefined, maxInputTokens: undefined, maxTotalTokens: 2048 },
    });
    assert.deepEqual(new Set(models), new Set(["gemma"]));
  });

  it("calls the model of TGI's OpenAI API by the only name that is not an adapter's", async () => {
    const models: unknown[] = [];
    const handler = tgi({
      "/v1/chat/completions": ({ response, body }) => {
        models.push(body.model);
        chat(response, body.model);
      },
    });
    const { info } = await to(await loopback.serve(handler), { api: "openai" });
    assert.deepEqual([info.modelId, info.maxInputTokens, info.hasMetrics], ["google/gemma-2-2b-it", 4096, true]);
    assert.deepEqual(new Set(models), new Set(["tgi"]));
  });

  it("passes a bearer token on, wherever it asks", async () => {
    const without: string[] = [];
    const sound = tgi();
    const url = await loopback.serve((asked) => {
      if (asked.request.headers.authorization !== "Bearer secret") without.push(String(asked.request.url));
      sound(asked);
    });
    await to(url, { bearer: "secret" });
    assert.deepEqual(without, []);
  });

  it("does without metrics", async () => {
    for (const handler of [
      ({ response }) => response.writeHead(404).end(),
      ({ response }) => response.destroy(),
      ({ response }) => response.writeHead(403).end(),
      ({ response }) => response.end("<html>"),
    ] satisfies Handler[]) {
      const { info } = await to(await loopback.serve(tgi({ "/metrics": handler })));
      assert.equal(info.hasMetrics, false);
    }
  });

  it("takes a server below a path", async () => {
    const sound = tgi();
    const url = await loopback.serve((asked) => {
      asked.request.url = asked.request.url?.replace("/gemma", "");
      sound(asked);
    });
    assert.equal((await to(`${url}/gemma/`)).info.modelId, "google/gemma-2-2b-it");
  });

  describe("waits for a server that is not ready, and says so", () => {
    for (const { name, path, notYet, seen } of [
      {
        name: "its health fails",
        path: "/health",
        notYet: ({ response }) => response.writeHead(503).end('{"error":"unhealthy"}'),
        seen: /HTTP 503: \{"error":"unhealthy"\}/,
      },
      {
        name: "a gateway has none",
        path: "/info",
        notYet: ({ response }) => response.writeHead(502).end(),
        seen: /HTTP 502/,
      },
      {
        name: "the connection is made and closed at once, as kubectl port-forward does",
        path: "/info",
        notYet: ({ request }) => request.socket.destroy(),
        seen: /other side closed|ECONNRESET/,
      },
    ] satisfies { name: string; path: string; notYet: Handler; seen: RegExp }[]) {
      it(name, async () => {
        const said: string[] = [];
        let asked = 0;
        const sound = tgi();
        const url = await loopback.serve((request) => {
          if (request.request.url === path) asked += 1;
          if (request.request.url === path && asked <= 5) notYet(request);
          else sound(request);
        });
        const { waited } = await to(url, { waitSeconds: 30, waiting: (message) => said.push(message) });
        assert.ok(waited >= 4 && waited <= 6, String(waited));
        assert.equal(said.length, 1, said.join("\n"));
        assert.match(said[0] ?? "", seen);
        assert.match(said[0] ?? "", /up to 30 s/);
      });
    }

    it("but not for ever", async () => {
      const url = await loopback.serve(tgi({ "/health": ({ response }) => response.writeHead(503).end() }));
      const { code, message } = await fault(url, { waitSeconds: 30 });
      assert.equal(code, "not-ready");
      assert.match(message, /HTTP 503.*still after 30 s.*kubectl get pods/s);
    });

    it("until it is aborted", async () => {
      const controller = new AbortController();
      const url = await loopback.serve(tgi({ "/info": ({ response }) => response.writeHead(503).end() }));
      const waiting = () => controller.abort(new Error("Ctrl-C"));
      await assert.rejects(to(url, { signal: controller.signal, waiting }), /Ctrl-C/);
    });
  });

  it("stops asking a server that does not answer when it is aborted", async () => {
    for (const path of ["/info", "/generate_stream", "/metrics"]) {
      const controller = new AbortController();
      const url = await loopback.serve(tgi({ [path]: () => controller.abort(new Error("Ctrl-C")) }));
      await assert.rejects(to(url, { signal: controller.signal }), /Ctrl-C/, path);
    }
  });

  it("says that nothing listens, and how to reach a server", async () => {
    const url = await loopback.serve(tgi());
    await loopback.end();
    const { code, message } = await fault(url, { waitSeconds: 2 });
    assert.equal(code, "unreachable");
    assert.match(message, /ECONNREFUSED.*still after 2 s.*kubectl port-forward deployment\/tgi-gemma-deployment/s);
  });

  it("says at once where nothing listens yet, and waits for that shorter than for a model", async () => {
    const url = await loopback.serve(tgi());
    await loopback.end();
    const said: string[] = [];
    const { code, message } = await fault(url, { waitSeconds: 600, waiting: (text) => said.push(text) });
    assert.equal(code, "unreachable");
    assert.match(message, /still after 30 s/);
    assert.equal(said.length, 1);
    assert.ok(said[0]?.startsWith(`${url}: nothing listens at ${new URL(url).host} yet (`), said[0]);
    assert.match(said[0] ?? "", /Waiting up to 30 s/);
  });

  it("gives a server that went away while it loaded as long to come back as one that never was there", async () => {
    let asked = 0;
    const url = await loopback.serve(({ response }) => {
      asked += 1;
      response.writeHead(503, { connection: "close" }).end();
      if (asked === 21) void loopback.end();
    });
    const clock = new VirtualClock();
    const connecting = connect({ url, api: "tgi", promptSeed: 1, clock, waitSeconds: 600 });
    await assert.rejects(clock.until(connecting, 5), /ECONNREFUSED.*still after (29|30) s/s);
    assert.ok(Math.abs(clock.now() - 50) <= 1, String(clock.now()));
  });

  for (const [scheme, port] of [
    ["http", 80],
    ["https", 443],
  ] as const) {
    it(`names the port of ${scheme} where the address has none`, async function () {
      if (await answers(port)) this.skip();
      const { message } = await fault(`${scheme}://127.0.0.1`, { waitSeconds: 2 });
      assert.ok(message.includes(`nothing listens at 127.0.0.1:${port} yet (`), message);
    });
  }

  it("says that HTTPS was asked for, and HTTP was answered, without what OpenSSL says of itself", async () => {
    const url = (await loopback.serve(tgi())).replace("http:", "https:");
    const { code, message } = await fault(url);
    assert.equal(code, "tls");
    assert.ok(message.startsWith(`${url}: what answers there speaks plain HTTP: write http:// in place of https://`));
    assert.doesNotMatch(message, /openssl\/|routines/);
  });

  it("says that HTTP was asked for, and something else was answered", async () => {
    const server = createTcpServer((socket) => socket.resume().end(Buffer.from([0x15, 0x03, 0x01, 0, 2, 2, 70])));
    const url = `http://127.0.0.1:${await listen(server)}`;
    const { code, message } = await fault(url);
    await close(server);
    assert.equal(code, "tls");
    assert.match(message, /does not speak plain HTTP: write https:\/\/.*HTTP\/1\.1 protocol/s);
  });

  it("names HTTPS when a TLS server closes the connection without a word", async () => {
    const server = createTlsServer({}, (socket) => socket.destroy());
    const url = `http://127.0.0.1:${await listen(server)}`;
    const said: string[] = [];
    const { code, message } = await fault(url, { waitSeconds: 600, waiting: (text) => said.push(text) });
    await close(server);
    assert.equal(code, "tls");
    assert.match(message, /speaks TLS: write https:\/\//);
    assert.deepEqual(said, []);
  });

  for (const { name, code, replaced, message, options } of [
    {
      name: "a port with TLS that says so in plain HTTP",
      code: "tls",
      replaced: {
        "/info": ({ response }) => response.writeHead(400).end("Client sent an HTTP request to an HTTPS server.\n"),
      },
      message: /speaks TLS: write https:\/\/ in place of http:\/\//,
    },
    {
      name: "another program's page",
      code: "not-the-api",
      replaced: {
        "/info": ({ response }) => response.writeHead(200, { "content-type": "text/html" }).end("<html>Grafana</html>"),
      },
      message: /text\/html.*Grafana.*TGI/s,
    },
    {
      name: "other JSON",
      code: "not-the-api",
      replaced: { "/info": ({ response }) => json(response, { app: "other" }) },
      message: /\{"app":"other"\}/,
    },
    {
      name: "nothing at /info",
      code: "not-the-api",
      replaced: { "/info": ({ response }) => response.writeHead(404).end() },
      message: /\/info: HTTP 404.*other API/s,
    },
    {
      name: "no list of models",
      code: "not-the-api",
      replaced: { "/v1/models": ({ response }) => response.writeHead(404).end() },
      message: /\/v1\/models: HTTP 404/,
      options: { api: "openai" },
    },
    {
      name: "another model",
      code: "model",
      replaced: {},
      message: /"google\/gemma-2-2b-it".*"gemma-3" was asked for/s,
      options: { api: "openai", modelId: "gemma-3" },
    },
    {
      name: "several models",
      code: "model",
      replaced: { "/v1/models": ({ response }) => json(response, { data: [{ id: "a" }, { id: "b" }] }) },
      message: /"a", "b".*No model was chosen/s,
      options: { api: "openai" },
    },
    {
      name: "a login before everything",
      code: "unauthorized",
      replaced: { "/info": ({ response }) => response.writeHead(403).end() },
      message: /HTTP 403.*port-forward.*environment variable/s,
    },
    {
      name: "a login before answers only, as TGI has it with an API key",
      code: "unauthorized",
      replaced: { "/generate_stream": ({ response }) => response.writeHead(401).end() },
      message: /HTTP 401/,
    },
    {
      name: "a redirect",
      code: "redirected",
      replaced: { "/info": ({ response }) => response.writeHead(301, { location: "https://elsewhere/info" }).end() },
      message: /HTTP 301.*https:\/\/elsewhere\/info/s,
    },
    {
      name: "a model that fails",
      code: "no-answer",
      replaced: {
        "/generate_stream": ({ response }) =>
          stream(response, 'data:{"error":"CUDA error","error_type":"generation"}\n\n'),
      },
      message: /CUDA error.*kubectl logs/s,
    },
    {
      name: "a server that others have filled",
      code: "no-answer",
      replaced: { "/generate_stream": ({ response }) => response.writeHead(429).end() },
      message: /HTTP 429.*nobody else/s,
    },
    {
      name: "a proxy that holds tokens back",
      code: "buffered-stream",
      replaced: { "/generate_stream": ({ response }) => stream(response, tgiEvents(48, 100)) },
      message: /bursts of 48 tokens.*proxy_buffering off/s,
    },
  ] satisfies Wrong[] as Wrong[]) {
    it(`refuses ${name}: ${code}`, async () => {
      const found = await fault(await loopback.serve(tgi(replaced)), options);
      assert.equal(found.code, code, found.message);
      assert.match(found.message, message);
    });
  }

  it("refuses a server that never answers", async () => {
    const url = await loopback.serve(tgi({ "/generate_stream": () => {} }));
    const { code, message } = await fault(url, {}, 120);
    assert.equal(code, "no-answer");
    assert.match(message, /no answer within 120 s/);
  });

  it("refuses an address that is none before it asks anybody", async () => {
    assert.equal((await fault("localhost:8000")).code, "address");
  });
});

/** Whether something on this machine listens at a port that is not the test's. */
async function answers(port: number): Promise<boolean> {
  const socket = connectTcp(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Wrong {
  readonly name: string;
  readonly code: ServerFaultCode;
  readonly replaced: Readonly<Record<string, Handler>>;
  readonly message: RegExp;
  readonly options?: Partial<ConnectOptions>;
}
