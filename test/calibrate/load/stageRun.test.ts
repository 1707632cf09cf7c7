import assert from "node:assert/strict";
import type { Lengths, LoadObserver } from "../../../tools/calibrate/contract";
import { ServerFault } from "../../../tools/calibrate/load/faults";
import { type Answering, answered, LENGTHS, open, refused, run } from "./runningStage";
import { closed, VirtualClock } from "./support";

describe("a closed loop", () => {
  it("has each client send the next request when it has the answer to the last", async () => {
    const { outcomes, mostOpen, error } = await run(closed(4, { seconds: 60 }), answered(3));
    assert.equal(error, undefined);
    assert.equal(mostOpen, 4);
    // 20 rounds of 3 s, in each of which 4 requests are sent; the ones at 60 s are too late to count.
    assert.equal(outcomes.filter(({ isMeasured, result }) => isMeasured && result === "served").length, 80);
    const first = outcomes[0] ?? assert.fail();
    assert.deepEqual(first, {
      ...{ id: 1, isMeasured: true, planned: LENGTHS, intendedAt: 0, sentAt: 0, firstTokenAt: 1, lastTokenAt: 3 },
      ...{ endedAt: 3, inputTokens: 101, outputTokens: 10, result: "served" },
    });
  });

  it("spreads the beginnings of clients over the first half of the warm-up, which does not count", async () => {
    const begins: number[] = [];
    const observer: LoadObserver = { sent: (_id, _planned, at) => begins.push(at) };
    const { outcomes } = await run(closed(4, { warmUpSeconds: 8, seconds: 10 }), answered(4), { observer });
    assert.deepEqual(begins.slice(0, 4), [0, 1, 2, 3]);
    for (const { intendedAt, isMeasured } of outcomes) assert.equal(isMeasured, intendedAt >= 8 && intendedAt < 18);
  });

  for (const result of ["overloaded", "failed", "rejected"] as const) {
    it(`backs off for about half a second when a request was ${result}`, async () => {
      const { measured } = await run(closed(1), refused({ result, error: "HTTP" }));
      const gaps = measured.slice(1).map(({ intendedAt }, index) => intendedAt - (measured[index]?.endedAt ?? 0));
      assert.ok(gaps.length > 80 && gaps.every((gap) => gap >= 0.25 && gap <= 0.75));
      assert.ok(new Set(gaps).size > 40, "clients that were refused together do not come back together");
      assert.ok(measured.every((it) => it.result === result && it.error === "HTTP" && it.outputTokens === 0));
    });
  }

  it("says where a request is when the stage has to end, and cancels it", async () => {
    const answering: Answering = (sink, _planned, clock) =>
      clock.at(clock.now() + 2, () => sink.tokens(3, clock.now()));
    const { outcomes, cancelled, clock, error } = await run(closed(2, { seconds: 30 }), answering);
    assert.equal(error, undefined);
    assert.deepEqual(
      outcomes.map(({ result, firstTokenAt, outputTokens, endedAt }) => [result, firstTokenAt, outputTokens, endedAt]),
      [
        ["unfinished", 2, 3, 50],
        ["unfinished", 2, 3, 50],
      ],
    );
    assert.deepEqual([cancelled, clock.waiting], [2, 0]);
  });
});

describe("an open loop", () => {
  it("sends at the moments of a Poisson process, whatever the server does", async () => {
    const slow = await run(open(5), answered(15));
    const fast = await run(open(5), answered(2));
    const moments = ({ measured }: typeof slow) => measured.map((it) => it.intendedAt).sort((a, b) => a - b);
    assert.deepEqual(moments(slow), moments(fast));
    const gaps = moments(fast)
      .slice(1)
      .map((at, index) => at - (moments(fast)[index] ?? 0));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length;
    assert.ok(gaps.length > 430 && gaps.length < 570, String(gaps.length));
    // Of an exponential distribution, the deviation is the mean.
    assert.ok(Math.abs(Math.sqrt(variance) / mean - 1) < 0.15);
  });

  it("has the same moments for the same seed only", async () => {
    const moments = async (seed: number) =>
      (await run(open(1, { seed }), answered(2))).measured.map((it) => it.intendedAt);
    assert.deepEqual(await moments(1), await moments(1));
    assert.notDeepEqual(await moments(1), await moments(2));
  });

  it("counts from the intended moment when it is late, and is late only once", async () => {
    class Stalling extends VirtualClock {
      /** Nothing is called back between 30 and 35 s. */
      override at(seconds: number, callback: () => void): () => void {
        return super.at(seconds > 30 && seconds < 35 ? 35 : seconds, callback);
      }
    }
    const { measured } = await run(open(5), answered(2), { clock: new Stalling() });
    const late = measured.filter(({ sentAt, intendedAt }) => sentAt > intendedAt);
    assert.ok(late.length > 15);
    assert.ok(late.every(({ sentAt, intendedAt }) => sentAt === 35 && intendedAt > 30 && intendedAt < 35));
    const { measured: punctual } = await run(open(5), answered(2));
    assert.deepEqual(new Set(measured.map((it) => it.intendedAt)), new Set(punctual.map((it) => it.intendedAt)));
  });

  it("goes on after the measured time until what was measured is answered, and no longer", async () => {
    const { outcomes, measured, clock, error } = await run(open(5), answered(9));
    assert.equal(error, undefined);
    assert.ok(measured.every(({ result }) => result === "served"));
    const last = Math.max(...measured.map((it) => it.endedAt));
    assert.equal(clock.now(), last);
    assert.ok(
      outcomes.some(({ intendedAt, isMeasured }) => intendedAt > 111 && !isMeasured),
      "the load goes on",
    );
  });

  it("ends at once when nothing measured is under way at the end of the measured time", async () => {
    const { clock } = await run(open(0.000001), answered(1));
    assert.deepEqual([clock.now(), clock.waiting], [110, 0]);
  });
});

describe("any load", () => {
  it("does not send what is longer than the server's limits, and counts it", async () => {
    const limits = { maxInputTokens: 200, maxTotalTokens: 250 };
    const sent: number[] = [];
    const lengths = (function* (): Generator<Lengths, never> {
      for (;;) {
        yield { inputTokens: 201, outputTokens: 1 };
        yield { inputTokens: 200, outputTokens: 51 };
        yield { inputTokens: 200, outputTokens: 50 };
      }
    })();
    const observer: LoadObserver = { sent: (_id, planned) => sent.push(planned.inputTokens + planned.outputTokens) };
    for (const stage of [closed(1), open(5)]) {
      const { measured } = await run(stage, answered(2), { limits, lengths, observer });
      const counts = (result: string) => measured.filter((it) => it.result === result).length;
      assert.ok(counts("served") > 20);
      assert.ok(Math.abs(counts("rejected") - 2 * counts("served")) <= 2);
    }
    assert.ok(sent.every((tokens) => tokens === 250));
  });

  it("ends with a fault when every request is longer than that", async () => {
    const { error } = await run(closed(1), answered(2), { limits: { maxInputTokens: 99, maxTotalTokens: 200 } });
    assert.ok(error instanceof ServerFault && error.code === "limits");
    assert.match(error.message, /99 tokens of input, 200 in all/);
  });

  it("counts requests up over all stages, and hears of tokens", async () => {
    const tokens: unknown[] = [];
    const observer: LoadObserver = { tokens: (...token) => tokens.push(token) };
    await run(closed(1, { seconds: 3 }), answered(3), { observer });
    assert.deepEqual(tokens.slice(0, 2), [
      [1, 1, 1],
      [1, 9, 3],
    ]);
  });

  it("ends at once when it is aborted, with the signal's reason", async () => {
    const controller = new AbortController();
    const observer: LoadObserver = { sent: (id) => id === 3 && controller.abort(new Error("Ctrl-C")) };
    const { error, outcomes, cancelled, clock, sends } = await run(closed(2), answered(4), {
      observer,
      signal: controller.signal,
    });
    assert.deepEqual([error, clock.now()], [controller.signal.reason, 4]);
    assert.equal(sends, 2, "nothing is sent after it");
    assert.ok(outcomes.some(({ result }) => result === "unfinished"));
    assert.ok(cancelled >= 1);
  });

  it("sends nothing when it was aborted before", async () => {
    const { error, outcomes } = await run(closed(2), answered(4), { signal: AbortSignal.abort(new Error("before")) });
    assert.match(String(error), /before/);
    assert.equal(outcomes.length, 0);
  });

  it("ends with what its observer throws", async () => {
    for (const observer of [
      { sent: () => assert.fail("broken") },
      { tokens: () => assert.fail("broken") },
      { ended: () => assert.fail("broken") },
    ] satisfies LoadObserver[]) {
      const { error } = await run(closed(2), answered(4), { observer });
      assert.match(String(error), /broken/);
    }
  });

  it("ends with the fault that an answer has brought", async () => {
    const fault = new ServerFault("unauthorized", "HTTP 401");
    assert.equal((await run(closed(2), refused({ result: "failed", fault }))).error, fault);
  });
});
