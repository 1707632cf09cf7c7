import assert from "node:assert/strict";
import { finish, PLAIN, request, rig } from "./support";

// A prefill takes 2 s and 0.1 s a token, a step 1 s.
describe("the concurrency limit", () => {
  it("counts queue and batch, and a request that is prefilled", () => {
    const { replica } = rig({ maxConcurrentRequests: 2 });
    assert.equal(replica.offer(request("a", 10, 5), 0), "accepted");
    assert.equal(replica.offer(request("b", 10, 5), 1), "accepted");
    assert.equal(replica.offer(request("c", 10, 5), 1), "overloaded");
    assert.equal(replica.offer(request("c", 10, 5), 5), "overloaded");
    assert.equal(replica.openRequests, 2);
  });

  it("has a place again when a request is finished, the moment after", () => {
    const { replica } = rig({ maxConcurrentRequests: 1 });
    replica.offer(request("a", 10, 5), 0);
    assert.equal(replica.offer(request("b", 10, 5), 7), "overloaded");
    replica.advance(7);
    assert.equal(replica.openRequests, 0);
    assert.equal(replica.offer(request("b", 10, 5), 7), "accepted");
  });

  it("is not for requests that the router refuses", () => {
    const { replica } = rig();
    assert.throws(() => replica.offer(request("a", 1001, 1), 0), /the router refuses was offered: input-too-long/);
    assert.throws(() => replica.offer(request("a", 1000, 1, 1001), 0), /offered: total-too-long/);
    assert.equal(replica.openRequests, 0);
  });
});

describe("what a scrape sees", () => {
  it("is nothing before the first request", () => {
    const { replica } = rig();
    assert.equal(replica.hasServed, false);
    replica.advance(10);
    assert.equal(replica.hasServed, false);
    replica.offer(request("a", 10, 5), 10);
    assert.equal(replica.hasServed, true);
  });

  it("is a batch from the first step on, with newcomers after the step that follows their prefill", () => {
    const { replica } = rig();
    const seen: [number, number, number][] = [];
    const look = (at: number) => {
      replica.advance(at);
      seen.push([at, replica.queueSize, replica.batchSize]);
    };
    replica.offer(request("a", 10, 20), 0);
    assert.deepEqual([replica.queueSize, replica.batchSize], [1, 0]);
    look(0);
    look(2.9);
    look(3);
    replica.offer(request("b", 10, 4), 3.5);
    look(3.9);
    look(4);
    look(7);
    look(7.9);
    look(8);
    look(10);
    finish(replica);
    look(40);
    assert.deepEqual(seen, [
      [0, 0, 0],
      [2.9, 0, 0],
      [3, 0, 1],
      [3.9, 1, 1],
      [4, 0, 1],
      [7, 0, 1],
      [7.9, 0, 1],
      [8, 0, 2],
      [10, 0, 1],
      [40, 0, 0],
    ]);
  });

  it("is a GPU that is busy from the first request's arrival to the last one's end", () => {
    const { replica } = rig();
    replica.offer(request("a", 10, 4), 1);
    assert.equal(replica.busySeconds(1), 0);
    replica.advance(5.5);
    assert.equal(replica.busySeconds(), 4.5);
    assert.equal(replica.busySeconds(6), 5);
    replica.advance(30);
    assert.equal(replica.busySeconds(), 6);
    replica.offer(request("b", 10, 1), 31);
    assert.equal(replica.busySeconds(), 6);
    replica.advance(50);
    assert.equal(replica.busySeconds(), 9);
  });

  it("comes with the next moment at which it changes", () => {
    const { replica } = rig();
    assert.equal(replica.nextEventAt, Number.POSITIVE_INFINITY);
    replica.offer(request("a", 10, 4), 1);
    assert.equal(replica.nextEventAt, 1);
    replica.advance(1);
    assert.equal(replica.nextEventAt, 4);
    replica.advance(4);
    assert.equal(replica.nextEventAt, 7);
  });
});

describe("a server that is told to end", () => {
  it("finishes what it has, queue included, and refuses more", () => {
    const { replica, log } = rig();
    replica.offer(request("a", 10, 3), 0);
    replica.offer(request("b", 10, 3), 3.5);
    assert.equal(replica.lifecycle, "serving");
    replica.drain(3.5);
    assert.equal(replica.lifecycle, "draining");
    assert.equal(replica.offer(request("c", 10, 3), 3.5), "refused");
    replica.advance(9);
    assert.deepEqual(log, ["a first 3", "b first 7", "a finished 8", "b finished 9"]);
    assert.equal(replica.lifecycle, "ended");
    assert.equal(replica.nextEventAt, Number.POSITIVE_INFINITY);
    assert.equal(replica.offer(request("c", 10, 3), 20), "refused");
    assert.equal(replica.nextEventAt, Number.POSITIVE_INFINITY);
  });

  it("has ended at once where it has nothing", () => {
    const { replica } = rig();
    replica.drain(10);
    assert.equal(replica.lifecycle, "ended");
    assert.equal(replica.nextEventAt, Number.POSITIVE_INFINITY);
  });

  it("drops after 90 s what it has not finished, in the order of arrival", () => {
    const { replica, log } = rig({ maxBatchTotalTokens: 2000, maxTotalTokens: 1000, maxInputTokens: 500 });
    replica.offer(request("long", 10, 500), 0);
    replica.offer(request("shorter", 10, 300), 0);
    replica.offer(request("short", 10, 50), 0);
    replica.offer(request("waits", 400, 600), 0);
    replica.offer(request("waits too", 400, 600), 0);
    replica.drain(30);
    replica.drain(60);
    replica.advance(200);
    const done = log.filter((it) => !it.includes("first"));
    assert.deepEqual(done.at(0)?.split(" ").slice(0, 2), ["short", "finished"]);
    assert.deepEqual(done.slice(1), [
      ...["long dropped 120", "shorter dropped 120", "waits dropped 120", "waits too dropped 120"],
    ]);
    assert.deepEqual([replica.queueSize, replica.batchSize, replica.openRequests], [0, 0, 0]);
    assert.equal(replica.lifecycle, "ended");
    assert.equal(replica.busySeconds(), 120);
  });

  it("drops a prefill that is under way, and keeps what finishes in the last moment", () => {
    const { replica, log } = rig({ drainSeconds: 10 });
    replica.offer(request("a", 10, 8), 0);
    replica.offer(request("b", 500, 2), 9.5);
    replica.drain(0);
    replica.advance(100);
    assert.deepEqual(log, ["a first 3", "a finished 10", "b dropped 10"]);

    const other = rig({ drainSeconds: 10 });
    other.replica.offer(request("a", 10, 9), 0);
    other.replica.offer(request("b", 500, 2), 3.5);
    other.replica.drain(4);
    other.replica.advance(100);
    assert.deepEqual(other.log, ["a first 3", "a dropped 14", "b dropped 14"]);
  });

  it("does what it did before it was told so first", () => {
    const { replica, log } = rig({}, { ...PLAIN, prefillBaseSeconds: 1 });
    replica.offer(request("a", 10, 2), 0);
    replica.drain(3);
    assert.deepEqual(log, ["a first 2", "a finished 3"]);
    assert.equal(replica.lifecycle, "ended");
  });
});

describe("a server whose machine is taken away", () => {
  it("drops what it has at once, in the order of arrival of each part, and takes no more", () => {
    const { replica, log } = rig();
    replica.offer(request("a", 10, 50), 0);
    replica.offer(request("b", 10, 50), 5.5);
    replica.kill(5.6);
    assert.deepEqual(log, ["a first 3", "a dropped 5.6", "b dropped 5.6"]);
    assert.deepEqual([replica.openRequests, replica.nextEventAt, replica.lifecycle], [0, Infinity, "ended"]);
    assert.equal(replica.offer(request("c", 10, 5), 6), "refused");
    replica.advance(1000);
    assert.equal(log.length, 3);
    assert.ok(Math.abs(replica.busySeconds() - 5.6) < 1e-9);
  });

  it("finishes what is due until then, and drops nothing without requests or a second time", () => {
    const { replica, log } = rig();
    replica.offer(request("a", 10, 5), 0);
    replica.kill(7);
    replica.kill(8);
    replica.drain(9);
    replica.advance(200);
    assert.deepEqual(log, ["a first 3", "a finished 7"]);
  });

  it("drains no longer", () => {
    const { replica, log } = rig();
    replica.offer(request("a", 10, 500), 0);
    replica.drain(10);
    replica.kill(20);
    replica.advance(200);
    assert.deepEqual(log, ["a first 3", "a dropped 20"]);
  });
});
