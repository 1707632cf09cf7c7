import assert from "node:assert/strict";
import { Figures } from "../../../tools/simulate/world/figures";
import { request } from "./support";

/** A request of 5 tokens that was sent at 0, with its first and last token at these moments. */
function served(firstTokenAt: number, finishedAt: number, tokens = 5) {
  return { request: request(0, tokens), arrivedAt: 0, firstTokenAt, finishedAt };
}

describe("what counts as served within the SLO", () => {
  // At most 2 s to the first token, 0.5 s for each of the four later ones.
  const rows = [
    ["both limits reached", served(2, 4), true],
    ["the first token late", served(2.01, 3), false],
    ["the other tokens late", served(1, 3.01), false],
    ["one token only, which has no time per later token", served(2, 2, 1), true],
  ] as const;
  for (const [name, it_, meets] of rows) {
    it(`${meets ? "is" : "is not"} ${name}`, () => {
      const figures = new Figures({ ttftSeconds: 2, tpotSeconds: 0.5 }, 15);
      figures.finished(it_);
      assert.equal(figures.summary().met, meets ? 1 : 0);
      assert.deepEqual(figures.misses, meets ? [] : [1]);
    });
  }

  it("is told from every way to miss, in the interval in which the request was sent", () => {
    const figures = new Figures({ ttftSeconds: 2, tpotSeconds: 0.5 }, 15);
    figures.overloaded(request(14.9));
    figures.noServer(request(15));
    figures.dropped(request(30));
    figures.dropped(request(31));
    const { met, refused, unserved, dropped } = figures.summary();
    assert.deepEqual({ met, refused, unserved, dropped }, { met: 0, refused: 1, unserved: 1, dropped: 2 });
    assert.deepEqual(figures.misses, [1, 1, 2]);
  });
});

describe("the quantiles of a run", () => {
  it("are within 1 %", () => {
    const figures = new Figures({ ttftSeconds: 2, tpotSeconds: 0.5 }, 15);
    for (let index = 1; index <= 1000; index += 1) figures.finished(served(index / 100, index / 100 + 4 * index));
    const { ttft, tpot } = figures.summary();
    const near = (value: number, expected: number) =>
      assert.ok(Math.abs(value / expected - 1) < 0.012, `${value} is not ${expected}`);
    for (const [share, wanted] of [
      ["p50", 5],
      ["p95", 9.5],
      ["p99", 9.9],
    ] as const) {
      near(ttft[share], wanted);
      near(tpot[share], wanted * 100);
    }
  });

  it("are not a number where nothing was served, or no answer had a second token", () => {
    const figures = new Figures({ ttftSeconds: 2, tpotSeconds: 0.5 }, 15);
    assert.ok(Number.isNaN(figures.summary().ttft.p50));
    figures.finished(served(1, 1, 1));
    assert.ok(Number.isNaN(figures.summary().tpot.p99));
    assert.ok(!Number.isNaN(figures.summary().ttft.p99));
  });
});
