import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp, createServer as createTcpServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { close, listen } from "../../../standins/loopback";
import { type ConnectOptions, connect } from "../../../tools/calibrate/load/connect";
import type { ServerFaultCode } from "../../../tools/calibrate/load/faults";
import { fault, json, tgi } from "./connecting";
import { type Handler, Loopback, stream, tgiEvents, VirtualClock } from "./support";

describe("a server that cannot be connected to", () => {
  const loopback = new Loopback();
  afterEach(() => loopback.end());

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
