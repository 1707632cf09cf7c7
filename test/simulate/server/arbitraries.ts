import fc from "fast-check";
import type { StepTimes } from "../../../autoscaling/roofline";
import type { ServerLimits } from "../../../tools/simulate/server/limits";
import type { ServerRequest } from "../../../tools/simulate/server/request";
import type { Arrival } from "./reference";

// Odd numbers keep moments apart that the order of rounding would otherwise decide about.
export const anyTimes: fc.Arbitrary<StepTimes> = fc.record({
  prefillBaseSeconds: fc.constantFrom(0.0161, 0.3007),
  prefillPerTokenSeconds: fc.constantFrom(0, 0.000_331, 0.0213),
  decodeBaseSeconds: fc.constantFrom(0.0223, 0.0597),
  decodePerSequenceSeconds: fc.constantFrom(0, 0.000_407),
  decodePerKvTokenSeconds: fc.constantFrom(0, 0.000_0113, 0.001_301),
});

export const anyLimits: fc.Arbitrary<ServerLimits> = fc.record({
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
export const anyArrivals: fc.Arbitrary<Arrival[]> = fc
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
