import assert from "node:assert/strict";
import { type LoadObserver, ServerLost } from "../../../tools/calibrate/contract";
import { ServerFault } from "../../../tools/calibrate/load/faults";
import { first, HttpServers, LENGTHS } from "./httpServers";
import { always, closed, type Handler, NEVER, stream, tgiEvent, tgiEvents, VirtualClock } from "./support";

describe("a server over HTTP that", () => {
  const servers = new HttpServers();
  afterEach(() => servers.end());

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
      const [outcome] = await first(1, await servers.serve(handler, api === undefined ? {} : { api }));
      assert.equal(outcome?.result, result);
      assert.match(outcome.error ?? "", error);
    });
  }

  it("ends the load when it wants a login", async () => {
    const server = await servers.serve(({ response }) => response.writeHead(401).end());
    await assert.rejects(
      server.run(closed(3), always(LENGTHS), {}, NEVER),
      (error) => error instanceof ServerFault && error.code === "unauthorized" && /port-forward/.test(error.message),
    );
  });

  it("ends the load when its streams are held back on their way", async () => {
    const server = await servers.serve(({ response }) => stream(response, tgiEvents(64, 500)));
    await assert.rejects(
      server.run(closed(1), always(LENGTHS), {}, NEVER),
      (error) => error instanceof ServerFault && error.code === "buffered-stream",
    );
  });

  it("is lost when nothing listens any more", async () => {
    const clock = new VirtualClock();
    const server = await servers.serve(({ response }) => stream(response, tgiEvents(4, 500)), { clock });
    const outcomes: string[] = [];
    const observer: LoadObserver = {
      ended: ({ result }) => {
        outcomes.push(result);
        if (outcomes.length === 3) void servers.loopback.end();
      },
    };
    const load = server.run(closed(2, { seconds: 600 }), always(LENGTHS), observer, NEVER);
    await assert.rejects(
      clock.until(load, 5),
      (error) => error instanceof ServerLost && /ECONNREFUSED/.test(error.message),
    );
    assert.equal(outcomes[0], "served");
  });
});

interface Misbehaviour {
  readonly name: string;
  readonly handler: Handler;
  readonly api?: "openai";
  readonly result: string;
  readonly error: RegExp;
}
