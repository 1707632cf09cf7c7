import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeSeconds, prefillSeconds, type StepTimes } from "../../../autoscaling/roofline";
import type { ServerLimits } from "../../../tools/simulate/server/limits";
import { Replica } from "../../../tools/simulate/server/replica";
import type { ServerRequest } from "../../../tools/simulate/server/request";
import type { DecodeStep, PrefillStep, Stepper } from "../../../tools/simulate/server/stepper";
import { anyArrivals, anyLimits, anyTimes } from "./arbitraries";
import type { Arrival } from "./reference";
import { finish, limits, type Named, PLAIN, request } from "./support";

/** A clock that is even, and that writes down what it hears. */
class Even<R extends ServerRequest> implements Stepper<R> {
  readonly prefills: { at: number; step: PrefillStep<R>; newcomers: readonly R[] }[] = [];
  readonly decodes: { at: number; step: DecodeStep }[] = [];
  readonly tokensAt = new Map<R, number[]>();
  readonly left = new Set<R>();

  constructor(private readonly times: StepTimes) {}

  prefill(step: PrefillStep<R>, at: number): number {
    this.prefills.push({ at, step, newcomers: step.newcomers.map((it) => it.request) });
    return prefillSeconds(this.times, step.tokens);
  }

  decode(step: DecodeStep, at: number): number {
    this.decodes.push({ at, step });
    return decodeSeconds(this.times, step.sequences, step.contextTokens);
  }

  tokens(sequences: readonly { request: R }[], at: number): void {
    for (const { request } of sequences) this.tokensAt.set(request, [...(this.tokensAt.get(request) ?? []), at]);
  }

  hasLeft(request: R): boolean {
    return this.left.has(request);
  }
}

interface Fate {
  offered: string;
  firstTokenAt: number;
  finishedAt: number;
}

function play(limits: ServerLimits, times: StepTimes, arrivals: readonly Arrival[], stepper?: Even<ServerRequest>) {
  const fates = arrivals.map((): Fate => ({ offered: "", firstTokenAt: Number.NaN, finishedAt: Number.NaN }));
  const requests = arrivals.map((it) => ({ ...it.request }));
  const fateOf = new Map(requests.map((it, i) => [it, fates[i]]));
  const queues: number[] = [];
  const replica = new Replica<ServerRequest>(
    limits,
    times,
    {
      finished: ({ request, firstTokenAt, finishedAt }) =>
        Object.assign(fateOf.get(request) ?? {}, { firstTokenAt, finishedAt }),
      dropped: () => assert.fail("nothing is dropped"),
    },
    stepper,
  );
  for (const [i, it] of requests.entries()) {
    const at = arrivals[i]?.at ?? 0;
    replica.advance(at);
    queues.push(replica.queueSize, replica.batchSize);
    Object.assign(fates[i] ?? {}, { offered: replica.offer(it, at) });
  }
  replica.advance(Number.MAX_SAFE_INTEGER);
  return { fates, requests, queues };
}

describe("the server step by step", () => {
  it("decides what the jumping server decides, and sends each request all its tokens, the last when it finishes", () => {
    fc.assert(
      fc.property(anyLimits, anyTimes, anyArrivals, (limits, times, arrivals) => {
        const stepper = new Even<ServerRequest>(times);
        const jumped = play(limits, times, arrivals);
        const stepped = play(limits, times, arrivals, stepper);
        assert.deepEqual(stepped.queues, jumped.queues);
        for (const [i, fate] of stepped.fates.entries()) {
          const expected = jumped.fates[i];
          assert.equal(fate.offered, expected?.offered);
          if (fate.offered !== "accepted") continue;
          const { firstTokenAt = Number.NaN, finishedAt = Number.NaN } = expected ?? {};
          assert.ok(Math.abs(fate.firstTokenAt - firstTokenAt) < 1e-9, `first token: ${firstTokenAt}`);
          assert.ok(Math.abs(fate.finishedAt - finishedAt) < 1e-9, `finished: ${finishedAt}`);
          const it = stepped.requests[i];
          const tokens = it === undefined ? [] : (stepper.tokensAt.get(it) ?? []);
          assert.equal(tokens.length, it?.outputTokens);
          assert.equal(tokens[0], fate.firstTokenAt);
          assert.equal(tokens.at(-1), fate.finishedAt);
        }
      }),
      { numRuns: 150 },
    );
  });

  function rig(some: Partial<ServerLimits> = {}) {
    const log: string[] = [];
    const stepper = new Even<Named>(PLAIN);
    const replica = new Replica<Named>(
      limits(some),
      PLAIN,
      {
        finished: (it) => log.push(`${it.request.name} finished ${it.finishedAt}`),
        dropped: (it, at) => log.push(`${it.name} dropped ${at}`),
      },
      stepper,
    );
    return { log, stepper, replica };
  }

  it("tells of each step what it reads and what is reserved", () => {
    const { stepper, replica } = rig();
    replica.offer(request("a", 10, 3), 0);
    finish(replica);
    assert.deepEqual(
      stepper.prefills.map(({ at, step: { tokens, joins, reservedTokens }, newcomers }) => ({
        ...{ at, tokens, joins, reservedTokens },
        names: newcomers.map((it) => it.name),
      })),
      [{ at: 0, tokens: 10, joins: undefined, reservedTokens: 0, names: ["a"] }],
    );
    // The prefill takes 2 + 10 × 0.1 s; the second token reads the prompt and the first, the third one more.
    assert.deepEqual(stepper.decodes, [
      { at: 3, step: { sequences: 1, contextTokens: 11, reservedTokens: 12 } },
      { at: 4, step: { sequences: 1, contextTokens: 12, reservedTokens: 12 } },
    ]);
  });

  it("says why a running batch is interrupted", () => {
    const { stepper, replica } = rig({ maxWaitingTokens: 5 });
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) replica.offer(request(name, 10, 40), 0);
    replica.advance(9.5);
    // One newcomer is below 0.3 × 7: it waits until the batch has had five tokens, the prefill's counted in.
    replica.offer(request("late", 10, 40), 9.5);
    replica.advance(17.5);
    for (const name of ["x", "y"]) replica.offer(request(name, 10, 40), 17.5);
    replica.advance(24);
    const [first, second, third] = stepper.prefills;
    assert.deepEqual([first?.at, first?.step.joins], [0, undefined]);
    assert.deepEqual([second?.at, second?.step.joins, second?.step.reservedTokens], [13, "wait_exceeded", 7 * 49]);
    assert.deepEqual([third?.at, third?.step.joins], [18, "backpressure"]);
  });

  it("drops whoever has left at the next token, and frees what was reserved", () => {
    const { log, stepper, replica } = rig({ maxBatchTotalTokens: 2000, maxTotalTokens: 2000 });
    const a = request("a", 10, 900, 991);
    const b = request("b", 10, 900, 991);
    const c = request("c", 10, 1);
    replica.offer(a, 0);
    replica.offer(b, 0);
    // Nothing is left for it: twice 1000 tokens are reserved.
    replica.offer(c, 0);
    replica.advance(6.5);
    stepper.left.add(a);
    replica.release(6.5);
    assert.deepEqual(log, []);
    assert.equal(replica.openRequests, 2);
    assert.equal(replica.batchSize, 2);
    replica.advance(10);
    assert.deepEqual(log, ["a dropped 7", "c finished 10"]);
    assert.equal(replica.batchSize, 1);
    // b alone: its prompt, and a token of the prefill and each of the steps that ended at 5, 6 and 7.
    assert.equal(stepper.decodes.at(-1)?.step.contextTokens, 10 + 1 + 3);
    assert.equal(stepper.tokensAt.get(a)?.length, 3);
  });

  it("drops whoever has left at the front of a queue that fits nowhere", () => {
    const { log, stepper, replica } = rig({ maxBatchTotalTokens: 2000, maxTotalTokens: 2000 });
    const b = request("b", 10, 900, 1500);
    replica.offer(request("a", 10, 900, 1500), 0);
    replica.advance(0);
    replica.offer(b, 0);
    stepper.left.add(b);
    replica.release(0);
    replica.advance(3.5);
    assert.deepEqual(log, ["b dropped 3"]);
    assert.equal(replica.queueSize, 0);
  });

  it("drops whoever has left in the queue when its turn comes, and in a prefill at its end", () => {
    const { log, stepper, replica } = rig();
    const a = request("a", 10, 5);
    const b = request("b", 10, 5);
    const c = request("c", 10, 5);
    replica.offer(a, 0);
    replica.advance(1);
    replica.offer(b, 1);
    replica.offer(c, 1);
    for (const it of [a, b]) {
      stepper.left.add(it);
      replica.release(1);
    }
    assert.equal(replica.queueSize, 2);
    replica.advance(3);
    assert.deepEqual(log, ["a dropped 3", "b dropped 3"]);
    assert.deepEqual(stepper.prefills.at(-1)?.newcomers, [c]);
    finish(replica);
    assert.deepEqual(log.slice(2), ["c finished 10"]);
    assert.equal(replica.lifecycle, "serving");
    assert.equal(replica.openRequests, 0);
  });
});
