import assert from "node:assert/strict";
import fc from "fast-check";
import { rooflineStepTimes } from "../../../autoscaling/roofline";
import { MODELS } from "../../../catalog/models";
import { Replica } from "../../../tools/simulate/server/replica";
import { type Served, type ServerRequest, tpotSeconds, ttftSeconds } from "../../../tools/simulate/server/request";
import { limits } from "./support";

const model = MODELS.get("google/gemma-2-2b-it") ?? assert.fail();
const times = rooflineStepTimes({ model, accelerator: "nvidia-l4", gpus: 1 });
const SIZE = { maxInputTokens: 2000, maxTotalTokens: 2500, maxBatchPrefillTokens: 4000, maxConcurrentRequests: 60 };

const anyRequest = fc.record({
  gapSeconds: fc.double({ min: 0, max: 1.5, noNaN: true }),
  inputTokens: fc.integer({ min: 1, max: 2000 }),
  outputTokens: fc.integer({ min: 1, max: 300 }),
});
const anyRequests = fc.array(anyRequest, { minLength: 1, maxLength: 120 });

interface Run {
  readonly served: readonly Served<ServerRequest>[];
  readonly firstTokens: readonly Served<ServerRequest>[];
  readonly accepted: number;
  readonly overloaded: number;
  /** Requests in the server, integrated over time. */
  readonly requestSeconds: number;
  readonly busySeconds: number;
}

function run(requests: readonly { gapSeconds: number; inputTokens: number; outputTokens: number }[]): Run {
  const served: Served<ServerRequest>[] = [];
  const firstTokens: Served<ServerRequest>[] = [];
  const replica = new Replica(limits({ ...SIZE, maxBatchTotalTokens: 30_000 }), times, {
    firstToken: (it) => firstTokens.push({ ...it }),
    finished: (it) => served.push(it),
    dropped: () => assert.fail("nothing is dropped without being told to end"),
  });
  let [now, accepted, overloaded, requestSeconds] = [0, 0, 0, 0];
  const pass = (to: number) => {
    while (now < to) {
      const next = Math.min(to, Math.max(now, replica.nextEventAt));
      requestSeconds += replica.openRequests * (next - now);
      replica.advance(next);
      now = next;
    }
    replica.advance(to);
  };
  for (const { gapSeconds, inputTokens, outputTokens } of requests) {
    pass(now + gapSeconds);
    const offered = replica.offer({ inputTokens, outputTokens, maxNewTokens: outputTokens }, now);
    if (offered === "accepted") accepted += 1;
    else overloaded += 1;
    assert.equal(accepted, served.length + replica.openRequests);
    assert.ok(replica.queueSize + replica.batchSize <= replica.openRequests);
    assert.ok(replica.openRequests <= 60);
  }
  while (replica.nextEventAt < Number.POSITIVE_INFINITY) pass(replica.nextEventAt);
  return { served, firstTokens, accepted, overloaded, requestSeconds, busySeconds: replica.busySeconds() };
}

describe("a server, whatever comes", () => {
  it("answers every request that it accepts, once, and turns away only those over the limit", () => {
    fc.assert(
      fc.property(anyRequests, (requests) => {
        const { served, accepted, overloaded } = run(requests);
        assert.equal(served.length, accepted);
        assert.equal(new Set(served.map((it) => it.request)).size, accepted);
        assert.equal(accepted + overloaded, requests.length);
        if (requests.length <= 60) assert.equal(overloaded, 0);
      }),
      { numRuns: 40 },
    );
  });

  it("prefills in the order of arrival", () => {
    fc.assert(
      fc.property(anyRequests, (requests) => {
        const { firstTokens } = run(requests);
        for (const [i, it] of firstTokens.entries()) {
          const before = firstTokens[i - 1] ?? it;
          assert.ok(before.arrivedAt <= it.arrivedAt && before.firstTokenAt <= it.firstTokenAt);
        }
      }),
      { numRuns: 40 },
    );
  });

  it("holds as many requests on average as arrive in the time that each stays: Little's law", () => {
    fc.assert(
      fc.property(anyRequests, (requests) => {
        const { served, requestSeconds } = run(requests);
        const stays = served.reduce((sum, it) => sum + it.finishedAt - it.arrivedAt, 0);
        assert.ok(Math.abs(requestSeconds - stays) < 1e-6 * stays, `${requestSeconds} is not ${stays}`);
      }),
      { numRuns: 40 },
    );
  });

  it("is faster with nobody than alone, and busy for at least what each request takes of the GPU", () => {
    fc.assert(
      fc.property(anyRequests, (requests) => {
        const { served, busySeconds } = run(requests);
        let prefills = 0;
        for (const it of served) {
          const { inputTokens } = it.request;
          prefills += inputTokens * times.prefillPerTokenSeconds;
          const alone = times.prefillBaseSeconds + inputTokens * times.prefillPerTokenSeconds;
          assert.ok(ttftSeconds(it) > alone - 1e-9);
          const step = times.decodeBaseSeconds + times.decodePerSequenceSeconds;
          assert.ok((tpotSeconds(it) ?? step) > step - 1e-9);
        }
        const last = Math.max(...served.map((it) => it.finishedAt));
        assert.ok(busySeconds > prefills && busySeconds <= last + 1e-9);
      }),
      { numRuns: 40 },
    );
  });
});

describe("times of a request", () => {
  const request = { inputTokens: 3, outputTokens: 5, maxNewTokens: 9 };

  it("are counted from its arrival to its first token, and from there for each further one", () => {
    const served = { request, arrivedAt: 10, firstTokenAt: 12, finishedAt: 20 };
    assert.equal(ttftSeconds(served), 2);
    assert.equal(tpotSeconds(served), 2);
  });

  it("have none for a further token where there is one", () => {
    const served = { request: { ...request, outputTokens: 1 }, arrivedAt: 10, firstTokenAt: 12, finishedAt: 12 };
    assert.equal(tpotSeconds(served), undefined);
  });
});
