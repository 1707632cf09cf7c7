import assert from "node:assert/strict";
import fc from "fast-check";
import type { Traffic } from "../../../tools/simulate/traffic/arrival";
import { describeTraffic } from "../../../tools/simulate/traffic/describe";
import { profileTraffic } from "../../../tools/simulate/traffic/profiles";
import { recordedTraffic } from "../../../tools/simulate/traffic/recorded";
import { traceOf } from "./support";

const FOUR = traceOf([0, 1, 1, 6]);

function times(traffic: Traffic, seed = 0): readonly number[] {
  return [...traffic.arrivals(seed)].map(({ at }) => at);
}

/** An hour of chats as if it had been recorded. */
const HOUR = traceOf(times(profileTraffic("conversation"), 1));

describe("A trace that is played", () => {
  it("is what was recorded, for every seed, and ends a mean gap after its last request", () => {
    const traffic = recordedTraffic(FOUR);
    assert.deepEqual(
      [traffic.name, traffic.kind, traffic.durationSeconds, traffic.meanRate],
      ["trace.csv", "recorded", 8, 0.5],
    );
    assert.deepEqual(
      [...traffic.arrivals(5)],
      [
        { at: 0, inputTokens: 0, outputTokens: 10 },
        { at: 1, inputTokens: 1, outputTokens: 10 },
        { at: 1, inputTokens: 2, outputTokens: 10 },
        { at: 6, inputTokens: 3, outputTokens: 10 },
      ],
    );
  });

  it("is cut where the run is shorter", () => {
    const traffic = recordedTraffic(FOUR, { durationSeconds: 2 });
    assert.deepEqual([traffic.durationSeconds, traffic.meanRate], [2, 1.5]);
    assert.deepEqual(times(traffic), [0, 1, 1]);
  });

  it("begins again where the run is longer", () => {
    const traffic = recordedTraffic(FOUR, { durationSeconds: 20 });
    assert.deepEqual(times(traffic), [0, 1, 1, 6, 8, 9, 9, 14, 16, 17, 17]);
    assert.equal(traffic.meanRate, 11 / 20);
  });

  it("is faster where that is wanted", () => {
    const traffic = recordedTraffic(FOUR, { speed: 2 });
    assert.deepEqual([traffic.durationSeconds, traffic.meanRate], [4, 1]);
    assert.deepEqual(times(traffic), [0, 0.5, 0.5, 3]);
  });

  it("has the rate that is wanted, in the part that is played", () => {
    for (const durationSeconds of [600, 3600, 10_000]) {
      for (const rate of [1, 5.53, 20]) {
        const traffic = recordedTraffic(HOUR, { rate, durationSeconds });
        assert.ok(Math.abs(traffic.meanRate / rate - 1) < 0.1, `${traffic.meanRate}`);
        const expected = traffic.meanRate * durationSeconds;
        const requests = times(traffic, 2).length;
        assert.ok(Math.abs(requests - expected) < 5 * Math.sqrt(expected) + 60, `${requests} for ${expected}`);
      }
    }
  });

  it("keeps some of its requests for a lower rate, others by another seed", () => {
    const traffic = recordedTraffic(HOUR, { rate: 2 });
    const recorded = new Set(HOUR.at);
    const kept = times(traffic, 1);
    assert.ok(kept.every((at) => recorded.has(at)));
    assert.deepEqual(times(traffic, 1), kept);
    assert.notDeepEqual(times(traffic, 2), kept);
  });

  it("keeps its slow course at a higher rate, and does not repeat its seconds", () => {
    const described = (traffic: Traffic) => describeTraffic(traffic.arrivals(3), traffic.durationSeconds);
    const [once, tenfold] = [recordedTraffic(HOUR), recordedTraffic(HOUR, { rate: 55.3 })].map(described);
    const excess = (value = 0) => value - 1;
    // Counts of the same rate, ten times as high: what exceeds a Poisson process grows tenfold.
    const growth = excess(tenfold?.dispersion.minute) / excess(once?.dispersion.minute);
    assert.ok(growth > 7 && growth < 12, `${growth}`);
    assert.ok((tenfold?.dispersion.second ?? 0) < 6, `${tenfold?.dispersion.second}`);
    assert.ok(Math.abs((tenfold?.busiestMinute ?? 0) / (once?.busiestMinute ?? 1) - 1) < 0.15);
  });

  it("has its requests in order and within the run, whatever the rate, length and speed", () => {
    const gap = fc.double({ min: 0, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(gap, { minLength: 1, maxLength: 30 }),
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        fc.double({ min: 0.1, max: 300, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        fc.nat(),
        (gaps, factor, durationSeconds, speed, seed) => {
          let at = 0;
          const recorded = traceOf([0, ...gaps.map((seconds) => (at += seconds))]);
          fc.pre(at > 0.01);
          const plain = recordedTraffic(recorded, { durationSeconds, speed });
          const traffic = recordedTraffic(recorded, { durationSeconds, speed, rate: plain.meanRate * factor });
          let before = 0;
          for (const arrival of traffic.arrivals(seed)) {
            assert.ok(arrival.at >= before && arrival.at < durationSeconds, `${arrival.at} after ${before}`);
            assert.ok(arrival.inputTokens <= gaps.length && arrival.outputTokens === 10);
            before = arrival.at;
          }
        },
      ),
    );
  });

  it("has every request as often as it was laid over", () => {
    const counts = new Map<number, number>();
    for (const { inputTokens } of recordedTraffic(HOUR, {
      rate: (3 * HOUR.at.length) / recordedTraffic(HOUR).durationSeconds,
    }).arrivals(9)) {
      counts.set(inputTokens, (counts.get(inputTokens) ?? 0) + 1);
    }
    assert.equal(counts.size, HOUR.at.length);
    assert.deepEqual(new Set(counts.values()), new Set([3]));
  });

  it("is not scaled beyond reason", () => {
    assert.throws(() => recordedTraffic(FOUR, { rate: 501 }), {
      message: "rate 501: trace.csv has 0.5 requests/s and can be scaled up to 500",
    });
    assert.equal(recordedTraffic(FOUR, { rate: 500 }).meanRate, 500);
  });
});
