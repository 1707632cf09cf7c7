import assert from "node:assert/strict";
import fc from "fast-check";
import type { StepTimes } from "../../../autoscaling/roofline";
import type { ServerLimits } from "../../../tools/simulate/server/limits";
import { Replica } from "../../../tools/simulate/server/replica";
import type { Served, ServerRequest } from "../../../tools/simulate/server/request";
import { type Arrival, type Fate, type Reading, referenceServer } from "./reference";

const anyTimes: fc.Arbitrary<StepTimes> = fc.record({
  prefillBaseSeconds: fc.constantFrom(0.0161, 0.3007),
  prefillPerTokenSeconds: fc.constantFrom(0, 0.000_331, 0.0213),
  decodeBaseSeconds: fc.constantFrom(0.0223, 0.0597),
  decodePerSequenceSeconds: fc.constantFrom(0, 0.000_407),
  decodePerKvTokenSeconds: fc.constantFrom(0, 0.000_0113, 0.001_301),
});

const anyLimits: fc.Arbitrary<ServerLimits> = fc.record({
  maxInputTokens: fc.constant(20),
  maxTotalTokens: fc.constant(60),
  maxBatchPrefillTokens: fc.integer({ min: 20, max: 80 }),
  maxConcurrentRequests: fc.integer({ min: 2, max: 25 }),
  maxBatchTotalTokens: fc.integer({ min: 60, max: 500 }),
  waitingServedRatio: fc.constantFrom(0, 0.3, 1.2),
  maxWaitingTokens: fc.constantFrom(1, 2, 7, 20),
  drainSeconds: fc.constantFrom(0.4001, 3.0001),
});

const anyRequest: fc.Arbitrary<ServerRequest> = fc
  .record({ inputTokens: fc.integer({ min: 1, max: 20 }), maxNewTokens: fc.integer({ min: 1, max: 40 }) })
  .chain((it) => fc.integer({ min: 1, max: it.maxNewTokens }).map((outputTokens) => ({ ...it, outputTokens })));

/** Gaps between arrivals, many of them none at all, so that bursts and quiet times take turns. */
const anyArrivals: fc.Arbitrary<Arrival[]> = fc
  .array(
    fc.record({
      gap: fc.oneof(
        { weight: 2, arbitrary: fc.constant(0) },
        { weight: 3, arbitrary: fc.integer({ max: 900, min: 1 }) },
      ),
      request: anyRequest,
    }),
    { maxLength: 60 },
  )
  .map((rows) => {
    let at = 0;
    return rows.map(({ gap, request }) => {
      at += gap / 1009;
      return { at, request };
    });
  });

interface Numbered extends ServerRequest {
  readonly fate: Fate;
}

/** A moment for a scrape, and SIGTERM. */
type Act = { readonly at: number; readonly act: Arrival | "scrape" | "drain" };

describe("the jumping server against one that goes token by token", () => {
  it("gives every request the same fate, and a scrape the same figures", () => {
    const drains = fc.oneof(
      fc.constant(Number.POSITIVE_INFINITY),
      fc.integer({ min: 1, max: 9000 }).map((it) => it / 1013),
    );
    const scrapes = fc.array(
      fc.integer({ min: 1, max: 20_000 }).map((it) => it / 1019),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(anyLimits, anyTimes, anyArrivals, drains, scrapes, (limits, times, arrivals, drainAt, scrapeAt) => {
        const expected = referenceServer(limits, times, arrivals, drainAt);
        const acts: Act[] = [
          ...arrivals.map((arrival) => ({ at: arrival.at, act: arrival })),
          ...scrapeAt.map((at): Act => ({ at, act: "scrape" })),
          ...(drainAt < Number.POSITIVE_INFINITY ? [{ at: drainAt, act: "drain" } as const] : []),
        ].sort((a, b) => a.at - b.at);
        const fates = play(limits, times, acts, (replica, at) => assertReading(replica, at, expected.readings));
        assert.equal(fates.length, expected.fates.length);
        for (const [i, fate] of fates.entries()) assertFate(fate, expected.fates[i], `request ${i}`);
      }),
      { numRuns: 250 },
    );
  }).timeout(20_000);
});

function play(
  limits: ServerLimits,
  times: StepTimes,
  acts: readonly Act[],
  scrape: (replica: Replica<Numbered>, at: number) => void,
): Fate[] {
  const fates: Fate[] = [];
  const replica = new Replica<Numbered>(limits, times, {
    firstToken: ({ request, firstTokenAt }) => {
      request.fate.firstTokenAt = firstTokenAt;
    },
    finished: ({ request, finishedAt }: Served<Numbered>) => {
      request.fate.finishedAt = finishedAt;
    },
    dropped: ({ fate }, at) => {
      fate.droppedAt = at;
    },
  });
  for (const { at, act } of acts) {
    if (act === "drain") replica.drain(at);
    else if (act === "scrape") {
      replica.advance(at);
      scrape(replica, at);
    } else {
      const fate: Fate = { offered: "accepted" };
      fates.push(fate);
      fate.offered = replica.offer({ ...act.request, fate }, at);
    }
  }
  replica.advance(Number.MAX_SAFE_INTEGER);
  return fates;
}

function assertReading(replica: Replica<Numbered>, at: number, readings: readonly Reading[]): void {
  const last = readings.findLast((it) => it.at <= at);
  const actual = { queue: replica.queueSize, batch: replica.batchSize };
  assert.deepEqual(actual, { queue: last?.queue ?? 0, batch: last?.batch ?? 0 }, `at ${at}`);
  const busy = readings.reduce((sum, it, i) => {
    const until = Math.min(at, readings[i + 1]?.at ?? at);
    return sum + (it.isBusy && it.at < at ? until - it.at : 0);
  }, 0);
  assertNear(replica.busySeconds(at), busy, `busy seconds at ${at}`);
}

function assertFate(actual: Fate, expected: Fate | undefined, name: string): void {
  assert.equal(actual.offered, expected?.offered, name);
  for (const key of ["firstTokenAt", "finishedAt", "droppedAt"] as const) {
    const [a, b] = [actual[key], expected?.[key]];
    if (a === undefined || b === undefined) assert.equal(a, b, `${name}: ${key}`);
    else assertNear(a, b, `${name}: ${key}`);
  }
}

function assertNear(actual: number, expected: number, name: string): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${name}: ${actual} is not ${expected}`);
}
