import assert from "node:assert/strict";
import type { Outcome, Result, ServerSample, Stage } from "../../../tools/calibrate/contract";
import { StageMeter } from "../../../tools/calibrate/measure/stageMeter";
import { chats, VirtualServer, type VirtualServerOptions } from "../../support/virtualServer";

const SLO = { ttftSeconds: 2, tpotSeconds: 0.1 };
const EPOCH = 1_000_000;
const STAGE: Stage = { load: { kind: "closed", concurrency: 2 }, warmUpSeconds: 10, seconds: 100, seed: 1 };
const TIMES = {
  ...{ prefillBaseSeconds: 0.05, prefillPerTokenSeconds: 1e-5 },
  ...{ decodeBaseSeconds: 0.02, decodePerSequenceSeconds: 0.001, decodePerKvTokenSeconds: 1e-7 },
};

/** Sent at a time, its first token after some seconds, the others each after some more. */
function request(id: number, at: number, ttft: number, tpot: number, some: Partial<Outcome> = {}): Outcome {
  const outputTokens = some.outputTokens ?? 11;
  const lastTokenAt = at + ttft + tpot * (outputTokens - 1);
  return {
    ...{ id, isMeasured: true, planned: { inputTokens: 100, outputTokens: 20 }, intendedAt: at, sentAt: at + 0.5 },
    ...{ firstTokenAt: at + ttft, lastTokenAt, endedAt: lastTokenAt, inputTokens: 110, outputTokens, result: "served" },
    ...some,
  };
}

function meter(stage = STAGE, at = 0): StageMeter {
  const made = new StageMeter(SLO, EPOCH);
  made.begin(stage, at);
  return made;
}

function tell(to: StageMeter, outcome: Outcome): void {
  to.sent(outcome.id, outcome.planned, outcome.sentAt);
  const { firstTokenAt, outputTokens } = outcome;
  if (firstTokenAt !== undefined) to.tokens(outcome.id, outputTokens, firstTokenAt);
  to.ended(outcome);
}

function assertNear(actual: number, expected: number, share = 0.01): void {
  assert.ok(Math.abs(actual - expected) <= share * Math.abs(expected) + 1e-12, `${actual}, not ${expected}`);
}

describe("the figures of a stage", () => {
  it("judge measured requests from the intended moment of sending", () => {
    const it = meter();
    tell(it, request(1, 20, 2, 0.1));
    tell(it, request(2, 30, 2.001, 0.01));
    tell(it, request(3, 40, 0.5, 0.101));
    tell(it, request(4, 5, 9, 9, { isMeasured: false }));
    const { attainment, requests, results, ttft } = it.figures();
    assertNear(attainment.mean, 1 / 3);
    assert.deepEqual([requests, results.served], [3, 3]);
    assertNear(ttft.p50, 2, 0.02);
  });

  it("count what is not served as missed, but for what is too long", () => {
    const it = meter();
    const results: Result[] = ["served", "overloaded", "rejected", "unfinished", "failed"];
    for (const [id, result] of results.entries()) tell(it, request(id, 20, 0.1, 0.01, { result }));
    const figures = it.figures();
    assert.deepEqual(figures.results, { served: 1, overloaded: 1, rejected: 1, unfinished: 1, failed: 1 });
    assert.deepEqual([figures.requests, figures.attainment.mean], [5, 0.25]);
  });

  it("have the lengths as they were asked for, and as they became", () => {
    const it = meter();
    tell(it, request(1, 20, 0.1, 0.01, { outputTokens: 1 }));
    tell(it, request(2, 20, 0.1, 0.01, { inputTokens: undefined, outputTokens: 3 }));
    assert.deepEqual(it.figures().planned, { inputTokens: 100, outputTokens: 20 });
    assert.deepEqual(it.figures().achieved, { inputTokens: 105, outputTokens: 2 });
    // One token has no time after the first.
    assertNear(it.figures().tpot.p99, 0.01, 0.02);
  });

  it("take rates from what ends, and comes, within the measured time", () => {
    const it = meter();
    for (let at = 1; at < 150; at += 1) tell(it, request(at, at - 0.5, 0.25, 0.025, { isMeasured: at > 50 }));
    const { requestsPerSecond, tokensPerSecond } = it.figures();
    assertNear(requestsPerSecond.mean, 1);
    assertNear(tokensPerSecond.mean, 11);
    assert.ok(requestsPerSecond.high - requestsPerSecond.low < 0.01, "every tenth of it has as many");
  });

  it("know how sure they are, by tenths of a single repetition", () => {
    const it = meter();
    // Twice as many in the first half.
    for (let at = 10; at < 110; at += at < 60 ? 0.5 : 1) tell(it, request(at, at, 0, 0, { outputTokens: 1 }));
    const { mean, low, high } = it.figures().requestsPerSecond;
    assertNear(mean, 1.5);
    // Five times 2 and five times 1: a deviation of 0.527; t with nine degrees of freedom is 2.262.
    assertNear(high - low, (2 * 2.262 * 0.527) / Math.sqrt(10), 0.01);
  });

  it("know it better by several repetitions, with whatever lies between them left out", () => {
    const it = meter();
    for (let at = 10; at < 110; at += 1) tell(it, request(at, at, 1, 0, { outputTokens: 1 }));
    it.begin(STAGE, 500);
    for (let at = 510; at < 610; at += 0.5) tell(it, request(at, at, 1, 0, { outputTokens: 1 }));
    const { repetitions, seconds, requestsPerSecond, ttftP95, from, to } = it.figures();
    assert.deepEqual([repetitions, seconds, from, to], [2, 200, EPOCH + 10, EPOCH + 610]);
    assertNear(requestsPerSecond.mean, 1.49, 0.01);
    assertNear(requestsPerSecond.high - requestsPerSecond.low, (2 * 12.706 * 0.7) / Math.sqrt(2), 0.02);
    assertNear(ttftP95.high - ttftP95.low, 0, 1e-6);
    assert.throws(() => it.begin({ ...STAGE, load: { kind: "closed", concurrency: 3 } }, 900), /one load/);
  });

  it("have order statistics for a percentile of one repetition, and no upper end with few requests", () => {
    const [many, few] = [meter(), meter()];
    for (let n = 1; n <= 1000; n += 1) tell(many, request(n, 20, n / 1000, 0));
    for (let n = 1; n <= 10; n += 1) tell(few, request(n, 20, n / 1000, 0));
    // 1.96 × √(0.95 × 0.05 ÷ 1000) = 0.0135.
    const { mean, low, high } = many.figures().ttftP95;
    for (const [actual, expected] of [
      [mean, 0.95],
      [low, 0.9365],
      [high, 0.9635],
    ] as const)
      assertNear(actual, expected, 0.012);
    assert.ok(Number.isNaN(few.figures().ttftP95.high));
  });

  it("have queue and batch from the server's samples of the measured time, else as the client counts", () => {
    const [told, silent] = [meter(), meter()];
    for (const it of [told, silent]) {
      // Sent at 10.5, a first token at 30, the last at 70: of 100 s.
      tell(it, request(1, 10, 20, 4));
      it.sent(2, { inputTokens: 1, outputTokens: 1 }, 105);
    }
    for (const at of [5, 20, 50, 80, 120]) told.scraped({ at, queue: at === 5 || at === 120 ? 99 : 3, batch: 7 });
    for (const at of [20, 50]) silent.scraped({ at, queue: 3, batch: 7 });
    const figures = told.figures();
    assert.deepEqual([figures.queue, figures.batch], [3, 7]);
    assertNear(figures.clientQueue, (19.5 + 5) / 100);
    assertNear(silent.figures().queue, silent.figures().clientQueue);
    assertNear(silent.figures().batch, 40 / 100);
  });

  it("count nobody as waiting who was refused, or whose repetition is over", () => {
    const it = meter();
    it.sent(1, { inputTokens: 1, outputTokens: 1 }, 20);
    it.ended(request(1, 20, 0, 0, { result: "overloaded", endedAt: 30 }));
    it.sent(2, { inputTokens: 1, outputTokens: 1 }, 100);
    it.begin(STAGE, 500);
    assertNear(it.figures().clientQueue, (10 + 10) / 200);
  });

  it("have the GPUs' samples of the measured times", () => {
    const it = meter();
    it.begin(STAGE, 500);
    const samples = [9, 10, 60, 300, 560].map((at, index) => ({ at: EPOCH + at, percent: index * 10 }));
    assertNear(it.figures(samples).dutyCycle ?? Number.NaN, (10 + 20 + 40) / 3);
    assert.equal(it.figures(samples.slice(0, 1)).dutyCycle, undefined);
  });

  it("are not to be had before something was measured", () => {
    assert.throws(() => new StageMeter(SLO, 0).figures(), /nothing was measured/);
  });
});

describe("server and client", () => {
  async function measured(options: Partial<VirtualServerOptions>, between?: (sample: ServerSample) => ServerSample) {
    const server = new VirtualServer({ times: TIMES, ...options });
    const it = meter({ ...STAGE, seconds: 40 });
    const observer = {
      sent: it.sent.bind(it),
      tokens: it.tokens.bind(it),
      ended: it.ended.bind(it),
      scraped: (sample: ServerSample) => it.scraped(between?.(sample) ?? sample),
    };
    const load = { kind: "closed", concurrency: 6 } as const;
    await server.run({ ...STAGE, load, seconds: 40 }, chats(), observer, new AbortController().signal);
    return it.disagreements();
  }

  it("agree on a server that is alone", async () => {
    assert.deepEqual(await measured({ spread: 0.002, overhead: [0.003, 0.008] }), []);
    assert.deepEqual(await measured({ maxConcurrentRequests: 5, overhead: [0.1, 0.2] }), []);
    assert.deepEqual(await measured({ hasMetrics: false }), []);
  });

  const others = [
    ["requests served", (it: ServerSample) => ({ ...it, succeeded: (it.succeeded ?? 0) * 1.2 })],
    ["requests refused with 429", (it: ServerSample) => ({ ...it, overloaded: it.at })],
    [
      "tokens generated",
      (it: ServerSample) => ({ ...it, generatedTokens: { sum: (it.generatedTokens?.sum ?? 0) * 1.2, count: 1 } }),
    ],
    ["requests in the batch", (it: ServerSample) => ({ ...it, batch: (it.batch ?? 0) + 3 })],
    ["requests waiting", (it: ServerSample) => ({ ...it, queue: (it.queue ?? 0) + 3 })],
  ] as const;
  for (const [what, more] of others) {
    it(`do not where the server has more ${what}`, async () => {
      const [said, ...rest] = await measured({}, more);
      assert.match(said ?? "", new RegExp(`^${what}: the server says .*: somebody else uses it, too\\.$`));
      assert.deepEqual(rest, []);
    });
  }

  it("do not where requests go elsewhere", async () => {
    const half = (it: ServerSample) => ({ ...it, succeeded: Math.floor((it.succeeded ?? 0) / 2) });
    assert.match((await measured({}, half))[0] ?? "", /not all of the requests reach this server/);
  });
});
