import assert from "node:assert/strict";
import { Agent, get, type IncomingMessage, request } from "node:http";
import { startStandIn } from "../../../standins/tgi/standIn";
import { limits } from "../../simulate/server/support";
import { events, post, QUICK, STUCK, ToldClock, until, withStandIn } from "./support";

const MANY = { inputs: "a", parameters: { max_new_tokens: 500 } };

describe("the TGI stand-in as a server", () => {
  it("answers what it has when it drains, and takes no connection more", async () => {
    const clock = new ToldClock();
    await withStandIn({ clock }, async (url, standIn) => {
      const [streaming, whole] = [await post(url, "/generate_stream", MANY), post(url, "/generate", MANY)];
      await until(() => standIn.openRequests() === 2);
      const drained = standIn.drain();
      await assert.rejects(fetch(`${url}/health`));
      clock.pass(1000);
      assert.equal((await events(streaming)).length, 500);
      const answer = await whole;
      assert.equal(answer.headers.get("x-generated-tokens"), "500");
      assert.equal(answer.headers.get("connection"), "close");
      await answer.text();
      await drained;
      assert.equal(standIn.openRequests(), 0);
    });
  });

  it("ends a connection with the answer that was on its way, though it had promised to keep it", async () => {
    const clock = new ToldClock();
    await withStandIn({ clock }, async (url, standIn) => {
      const agent = new Agent({ keepAlive: true });
      const headers = { "content-type": "application/json" };
      const answer = await new Promise<IncomingMessage>((resolve) => {
        request(`${url}/generate_stream`, { agent, method: "POST", headers }, resolve).end(JSON.stringify(MANY));
      });
      assert.equal(answer.headers.connection, "keep-alive");
      const drained = standIn.drain();
      clock.pass(1000);
      answer.resume();
      await drained;
      agent.destroy();
    });
  });

  it("ends a connection that waits for its next request when it drains", async () => {
    await withStandIn({}, async (url, standIn) => {
      const agent = new Agent({ keepAlive: true });
      await new Promise((resolve) => get(`${url}/health`, { agent }, (it) => it.resume().once("end", resolve)));
      await standIn.drain();
      agent.destroy();
    });
  });

  it("cuts what it could not answer in the time for it, which is scaled, too", async () => {
    const some = { times: STUCK, limits: limits({ drainSeconds: 90 }), timeScale: 10_000 };
    await withStandIn(some, async (url, standIn) => {
      const stream = await post(url, "/generate_stream", MANY);
      await standIn.drain();
      assert.equal(standIn.openRequests(), 0);
      await assert.rejects(stream.text());
    });
  });

  it("is down while it loads its model: 503 for probes, and no connection for others", async () => {
    await withStandIn({ loadSeconds: 3600 }, async (url) => {
      const health = await fetch(`${url}/health`);
      const body = '{"error":"unhealthy","error_type":"healthcheck"}';
      assert.deepEqual([health.status, await health.text()], [503, body]);
      for (const path of ["/generate", "/generate_stream"]) await assert.rejects(post(url, path, MANY));
      await assert.rejects(fetch(`${url}/metrics`));
    });
    await withStandIn({ loadSeconds: 100, timeScale: 10_000 }, async (url) => {
      await until(async () => (await fetch(`${url}/health`)).status === 200);
      assert.equal((await post(url, "/generate", MANY)).status, 200);
    });
  });

  it("cannot have a port that is taken", async () => {
    await withStandIn({}, async (url) => {
      const port = Number(new URL(url).port);
      const second = startStandIn({ modelId: "m", limits: limits(), times: QUICK, port });
      await assert.rejects(second, { code: "EADDRINUSE" });
    });
  });

  it("says the same with the same seed, and other things with another", async () => {
    const said = async (seed: number) => {
      let text = "";
      await withStandIn({ seed }, async (url) => {
        text = await (await post(url, "/generate", { inputs: "a", parameters: { max_new_tokens: 12 } })).text();
      });
      return text;
    };
    assert.equal(await said(5), await said(5));
    assert.notEqual(await said(5), await said(6));
  });
});
