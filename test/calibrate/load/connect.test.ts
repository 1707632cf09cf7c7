import assert from "node:assert/strict";
import { chat, fault, json, tgi, to } from "./connecting";
import { type Handler, Loopback, TGI_INFO } from "./support";

describe("connecting to a server", () => {
  const loopback = new Loopback();
  afterEach(() => loopback.end());

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
});
