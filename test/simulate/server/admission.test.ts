import assert from "node:assert/strict";
import { countFitting, reservedTokens } from "../../../tools/simulate/server/admission";
import type { Sequence } from "../../../tools/simulate/server/batch";
import { Fifo } from "../../../tools/simulate/server/fifo";
import { finish, limits, type Named, request, rig } from "./support";

function queueOf(...requests: readonly Named[]): Fifo<Sequence<Named>> {
  const queue = new Fifo<Sequence<Named>>();
  for (const [order, it] of requests.entries()) {
    queue.push({ request: it, arrivedAt: 0, firstTokenAt: 0, finishedAt: 0, lastStep: 0, order });
  }
  return queue;
}

describe("admission", () => {
  it("reserves what the client may ask for, but the last token", () => {
    assert.equal(reservedTokens(request("a", 10, 5)), 14);
    assert.equal(reservedTokens(request("a", 10, 5, 20)), 29);
  });

  const rows = [
    [41, 1000, 0, 2],
    [42, 1000, 0, 3],
    [42, 1000, 1, 2],
    [13, 1000, 0, 0],
    [1000, 30, 0, 3],
    [1000, 29, 0, 2],
    [1000, 9, 0, 0],
  ] as const;
  for (const [total, prefill, reserved, count] of rows) {
    it(`takes ${count} of three (10 in, 5 out) where ${reserved} of ${total} are taken and a prefill holds ${prefill}`, () => {
      const queue = queueOf(request("a", 10, 5), request("b", 10, 5), request("c", 10, 5));
      const budget = limits({ maxBatchTotalTokens: total, maxBatchPrefillTokens: prefill });
      assert.equal(countFitting(queue, budget, reserved), count);
      assert.equal(queue.length, 3);
    });
  }
});

// A prefill takes 2 s and 0.1 s a token, a step 1 s.
describe("a full KV cache", () => {
  it("keeps a request waiting until what it needs is free, and nobody overtakes it", () => {
    const { replica, log } = rig({ maxInputTokens: 30, maxTotalTokens: 40, maxBatchTotalTokens: 40 });
    replica.offer(request("a", 10, 4), 0);
    replica.offer(request("b", 10, 9), 0);
    replica.offer(request("large", 22, 2), 0);
    replica.offer(request("small", 1, 1), 0);
    finish(replica);
    // a and b take 13 and 18 of 40; large needs 23, which b's end frees, a's does not; small would have fitted.
    const [first, second] = ["a first 4", "b first 4"];
    const then = ["large first 16.3", "small first 16.3", "small finished 16.3", "large finished 17.3"];
    assert.deepEqual(log, [first, second, "a finished 7", "b finished 12", ...then]);
  });

  it("is taken by what a request may generate, not by what it does", () => {
    const { replica, log } = rig({ maxInputTokens: 30, maxTotalTokens: 40, maxBatchTotalTokens: 40 });
    replica.offer(request("a", 10, 3, 30), 0);
    replica.offer(request("b", 1, 1), 0);
    replica.offer(request("c", 1, 1), 0);
    finish(replica);
    // a takes 39 of 40 for three tokens; b fits beside it, c when b has ended.
    const [together, after] = ["a first 3.1", ["c first 5.2", "c finished 5.2", "a finished 7.2"]];
    assert.deepEqual(log, [together, "b first 3.1", "b finished 3.1", ...after]);
  });
});

describe("a full prefill", () => {
  it("leaves the rest for the next, which comes at once after the first prefill, and after a step from then on", () => {
    const { replica, log } = rig({ maxInputTokens: 10, maxBatchPrefillTokens: 25 });
    for (const name of ["a", "b", "c", "d", "e"]) replica.offer(request(name, 10, 9), 0);
    replica.advance(12);
    assert.deepEqual(log, ["a first 4", "b first 4", "c first 8", "d first 8", "e first 12"]);
  });
});
