import assert from "node:assert/strict";
import fc from "fast-check";
import type { StepTimes } from "../../../autoscaling/roofline";
import type { ServerLimits } from "../../../tools/simulate/server/limits";
import { Replica } from "../../../tools/simulate/server/replica";
import type { Served, ServerRequest } from "../../../tools/simulate/server/request";
import { anyArrivals, anyLimits, anyTimes } from "./arbitraries";
import { type Arrival, type Fate, type Reading, referenceServer } from "./reference";

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
