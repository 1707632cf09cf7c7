import assert from "node:assert/strict";
import { finish, request, rig } from "./support";

// A prefill takes 2 s and 0.1 s a token, a step 1 s.
describe("a server with nothing else to do", () => {
  it("makes the first token at the end of the prefill, and one more a step", () => {
    const { replica, log, served } = rig();
    replica.offer(request("a", 10, 4), 0);
    finish(replica);
    assert.deepEqual(log, ["a first 3", "a finished 6"]);
    assert.deepEqual([served[0]?.arrivedAt, served[0]?.firstTokenAt, served[0]?.finishedAt], [0, 3, 6]);
  });

  it("is done with a request of one token when it is prefilled", () => {
    const { replica, log } = rig();
    replica.offer(request("a", 10, 1), 5);
    finish(replica);
    assert.deepEqual(log, ["a first 8", "a finished 8"]);
  });

  it("prefills together what comes at the same moment, and alone what comes a moment earlier", () => {
    const { replica, log } = rig();
    for (const name of ["a", "b"]) replica.offer(request(name, 10, 2), 1);
    replica.advance(10);
    replica.offer(request("c", 10, 1), 20);
    replica.offer(request("d", 10, 1), 20.001);
    finish(replica);
    const first = ["a first 5", "b first 5", "a finished 6", "b finished 6"];
    assert.deepEqual(log, [...first, "c first 23", "c finished 23", "d first 26", "d finished 26"]);
  });

  it("reads its weights, its sequences and their growing cache in each step", () => {
    const times = { decodeBaseSeconds: 1, decodePerSequenceSeconds: 0.1, decodePerKvTokenSeconds: 0.01 };
    const { replica, log } = rig({}, { prefillBaseSeconds: 2, prefillPerTokenSeconds: 0, ...times });
    replica.offer(request("a", 10, 3), 0);
    replica.offer(request("b", 20, 4), 0);
    finish(replica);
    // 1 + 0.2 + 0.01 × (11 + 21), then two tokens more, then b alone with 23.
    assert.deepEqual(log, ["a first 2", "b first 2", "a finished 5.06", "b finished 6.39"]);
  });
});

describe("a newcomer beside a running batch", () => {
  const arrivals = [
    [3, 4],
    [3.5, 4],
    [4, 4],
    [4.000001, 5],
    [7.2, 8],
  ] as const;
  for (const [arrival, joins] of arrivals) {
    it(`that comes at ${arrival} s is prefilled at ${joins} s, when the step is over, and the batch waits for it`, () => {
      const { replica, log } = rig();
      replica.offer(request("a", 10, 10), 0);
      replica.advance(3);
      replica.offer(request("b", 10, 2), arrival);
      finish(replica);
      // Alone, a would have been done at 3 + 9 s.
      assert.deepEqual(log, ["a first 3", `b first ${joins + 3}`, `b finished ${joins + 4}`, "a finished 15"]);
    });
  }

  it("cuts the way to the next finish, not the step, where steps take longer and longer", () => {
    const times = { prefillBaseSeconds: 1, prefillPerTokenSeconds: 0, decodePerSequenceSeconds: 0 };
    const { replica, log } = rig({}, { ...times, decodeBaseSeconds: 0.5, decodePerKvTokenSeconds: 0.5 });
    replica.offer(request("a", 1, 100), 0);
    // Steps of 1.5, 2, 2.5 and 3 s end at 2.5, 4.5, 7 and 10 s.
    replica.offer(request("b", 1, 1), 7.5);
    replica.advance(11);
    assert.deepEqual(log, ["a first 1", "b first 11", "b finished 11"]);
  });

  it("waits until newcomers are three tenths of the batch", () => {
    const { replica, log } = rig();
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) replica.offer(request(name, 10, 100), 0);
    replica.advance(9);
    replica.offer(request("x", 10, 1), 9.5);
    replica.offer(request("y", 10, 1), 12.5);
    replica.advance(20);
    assert.deepEqual(log.slice(7), ["x first 17", "x finished 17", "y first 17", "y finished 17"]);
  });

  it("counts three tenths of a batch rounded down, but at least one", () => {
    for (const [batch, needed] of [
      [1, 1],
      [6, 1],
      [7, 2],
      [9, 2],
      [10, 3],
    ] as const) {
      const { replica, log } = rig();
      for (let i = 0; i < batch; i += 1) replica.offer(request("old", 0, 50), 0);
      replica.advance(2);
      for (let i = 0; i < needed; i += 1) replica.offer(request("new", 0, 1), 2.1 + i);
      replica.advance(5 + needed);
      assert.equal(log[batch], `new first ${2 + needed + 2}`, `batch of ${batch}`);
    }
  });

  it("joins after twenty tokens all the same, the prefill's counted in", () => {
    const { replica, log } = rig();
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) replica.offer(request(name, 10, 100), 0);
    replica.advance(9);
    replica.offer(request("x", 10, 1), 12.5);
    replica.advance(40);
    // Prefilled at 9 s, 19 steps later it is 28 s.
    assert.deepEqual(log.slice(7), ["x first 31", "x finished 31"]);
  });

  it("that comes after the twenty tokens joins at the end of its step", () => {
    const { replica, log } = rig();
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) replica.offer(request(name, 10, 100), 0);
    replica.offer(request("x", 10, 1), 40.5);
    replica.advance(50);
    assert.deepEqual(log.slice(7), ["x first 44", "x finished 44"]);
  });

  it("starts the count anew for those who come after it", () => {
    const { replica, log } = rig({ waitingServedRatio: 2 });
    replica.offer(request("a", 0, 100), 0);
    replica.offer(request("x", 0, 100), 2.5);
    replica.advance(24);
    replica.offer(request("y", 0, 100), 24);
    replica.advance(60);
    // a is prefilled at 2 s, x joins at 2 + 19 s and is prefilled at 23 s, y joins at 23 + 19 s.
    assert.deepEqual(log, ["a first 2", "x first 23", "y first 44"]);
  });

  it("needs company that fits with it: what the budget leaves out does not count", () => {
    const { replica, log } = rig({ maxBatchPrefillTokens: 100 });
    for (let i = 0; i < 10; i += 1) replica.offer(request("old", 10, 100), 0);
    replica.advance(12);
    for (const name of ["x", "y", "z"]) replica.offer(request(name, 50, 1), 12.5);
    replica.advance(60);
    // Three are enough, two fit one prefill: they wait for twenty tokens, then two go.
    assert.deepEqual(log.slice(10), ["x first 43", "x finished 43", "y first 43", "y finished 43"]);
    assert.equal(replica.queueSize, 1);
  });
});
