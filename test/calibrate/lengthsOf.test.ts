import assert from "node:assert/strict";
import { expectedStay, lengthsOf } from "../../tools/calibrate/lengthsOf";
import type { Arrival, Traffic } from "../../tools/simulate/traffic/arrival";

const first = (count: number, traffic: Traffic, seed: number) => {
  const lengths = lengthsOf(traffic, seed);
  return Array.from({ length: count }, () => lengths.next().value);
};

function trafficOf(kind: Traffic["kind"], arrivals: (seed: number) => readonly Arrival[]): Traffic {
  return { name: "test", kind, durationSeconds: 10, meanRate: 1, arrivals };
}

const arrival = (inputTokens: number, outputTokens: number): Arrival => ({ at: 0, inputTokens, outputTokens });

describe("the lengths of a traffic's requests", () => {
  it("go on with another sample of generated traffic when one is over", () => {
    const traffic = trafficOf("generated", (seed) => [arrival(seed, 1), arrival(seed, 2)]);
    assert.deepEqual(
      first(5, traffic, 7).map(({ inputTokens, outputTokens }) => [inputTokens, outputTokens]),
      [
        [7, 1],
        [7, 2],
        [8, 1],
        [8, 2],
        [9, 1],
      ],
    );
  });

  it("are drawn from all of a trace, not from its beginning, and the same for a seed", () => {
    const traffic = trafficOf("recorded", () => Array.from({ length: 1000 }, (_, place) => arrival(place, 1)));
    const drawn = first(200, traffic, 1).map(({ inputTokens }) => inputTokens);
    assert.ok(Math.max(...drawn) > 900 && Math.min(...drawn) < 100, drawn.join());
    assert.deepEqual(
      first(200, traffic, 1).map(({ inputTokens }) => inputTokens),
      drawn,
    );
    assert.notDeepEqual(
      first(200, traffic, 2).map(({ inputTokens }) => inputTokens),
      drawn,
    );
  });

  it("are of answers that have a token", () => {
    assert.deepEqual(
      first(
        1,
        trafficOf("generated", () => [arrival(5, 0)]),
        1,
      ),
      [{ inputTokens: 5, outputTokens: 1 }],
    );
  });

  it("are none of a trace without requests", () => {
    assert.throws(
      () =>
        first(
          1,
          trafficOf("recorded", () => []),
          1,
        ),
      /test has no requests/,
    );
  });
});

describe("the stay that is expected of a request", () => {
  it("is half of what the SLO admits for an answer of the usual length", () => {
    const traffic = trafficOf("generated", () => [arrival(10, 100), arrival(10, 300)]);
    const stay = expectedStay(lengthsOf(traffic, 1), { ttftSeconds: 2, tpotSeconds: 0.1 });
    assert.ok(Math.abs(stay - (2 + 200 * 0.1) / 2) < 1e-9);
  });
});
