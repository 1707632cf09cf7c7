import assert from "node:assert/strict";
import type { Fleet } from "../../../tools/simulate/world/fleet";
import type { Scaler } from "../../../tools/simulate/world/scalers";
import { COLD, PATH, POOL, requests, run, Script, SERVER } from "./support";

describe("what a run looked like", () => {
  it("is written down every 15 s, at the end of each interval", () => {
    const { series } = run({
      scaler: new Script([
        [0, 1],
        [20, 2],
      ]),
      arrivals: requests([0, 1, 15, 16, 17, 44]),
      durationSeconds: 300,
    });
    assert.deepEqual(series.at.slice(0, 3), [15, 30, 45]);
    assert.equal(series.at.length, 20);
    // What comes at 15 belongs to the second interval.
    assert.deepEqual(series.load.slice(0, 4), [2 / 15, 3 / 15, 1 / 15, 0]);
    assert.deepEqual(series.wanted.slice(0, 3), [1, 2, 2]);
    // Ordered at 20: a node until 120, ready at 210.
    assert.deepEqual(
      series.at.filter((_, index) => series.ready[index] === 2),
      [210, 225, 240, 255, 270, 285, 300],
    );
    assert.ok(series.average.every(Number.isNaN));
  });

  it("has the average that the scaler saw last", () => {
    class Seeing extends Script {
      average: number | undefined;

      override decide(fleet: Fleet, at: number): number {
        this.average = at < 20 ? undefined : at;
        return super.decide(fleet, at);
      }
    }
    // What is decided at the end of an interval itself is seen in the next.
    const { series } = run({ scaler: new Seeing([[0, 1]]), durationSeconds: 50 });
    assert.deepEqual(series.average, [Number.NaN, 29, 44]);
  });

  it("has what missed the SLO in the interval in which it was sent", () => {
    // The server ends at 0 + 20 + 90 s at the latest; 6 are sent after it has gone.
    const { series, unserved } = run({
      scaler: new Script([
        [0, 1],
        [30, 0],
      ]),
      arrivals: requests([1, 31, 46, 46, 47]),
    });
    assert.equal(unserved, 4);
    assert.deepEqual(series.misses.slice(0, 5), [0, 0, 1, 3, 0]);
    assert.equal(series.misses.length, 40);
  });
});

describe("changes", () => {
  const changing = (...plan: [number, number][]) => {
    const { changes, flaps } = run({ scaler: new Script([[0, 1], ...plan]), durationSeconds: 2000 });
    return [changes, flaps];
  };

  it("are counted, and those that take the one before back within ten minutes", () => {
    assert.deepEqual(changing(), [0, 0]);
    assert.deepEqual(changing([20, 2]), [1, 0]);
    assert.deepEqual(changing([20, 2], [40, 4]), [2, 0]);
    assert.deepEqual(changing([20, 2], [40, 1]), [2, 1]);
    assert.deepEqual(changing([20, 2], [40, 1], [60, 5], [90, 6]), [4, 2]);
    // Seen at 30 and at 630, or at 645.
    assert.deepEqual(changing([20, 2], [625, 1]), [2, 1]);
    assert.deepEqual(changing([20, 2], [635, 1]), [2, 0]);
    assert.deepEqual(changing([20, 3], [40, 2], [660, 3]), [3, 1]);
  });

  it("count from the number that a run begins with", () => {
    assert.equal(run({ initialReplicas: 3, scaler: new Script([[0, 3]]) }).changes, 0);
    assert.equal(run({ initialReplicas: 3, scaler: new Script([[0, 2]]) }).changes, 1);
  });
});

describe("the most", () => {
  it("is that of the servers that were wanted, and for how long it was all that there may be", () => {
    const { mostReplicas, atMaximumSeconds } = run({
      maxReplicas: 3,
      scaler: new Script([
        [0, 1],
        [20, 3],
        [100, 2],
      ]),
    });
    // At 30, 45, 60, 75 and 90.
    assert.deepEqual([mostReplicas, atMaximumSeconds], [3, 75]);
    assert.equal(run({ initialReplicas: 4, scaler: new Script([[0, 1]]) }).mostReplicas, 4);
  });
});

describe("the longest wait", () => {
  it("is from when fewer servers were ready than wanted until they were", () => {
    const plan = new Script([
      [0, 1],
      [20, 2],
    ]);
    // Seen at 30, over when seen at 210.
    assert.equal(run({ scaler: plan }).longestWaitSeconds, 165);
    assert.equal(run({}).longestWaitSeconds, 0);
  });

  it("does not end with a run in which they never came", () => {
    const scaler = new Script([
      [0, 1],
      [20, 9],
    ]);
    assert.equal(run({ scaler, pool: { ...POOL, maxNodes: 2 } }).longestWaitSeconds, 570);
  });
});

describe("the longest reaction", () => {
  /** Has a signal, of which more than `high` is too much, and a plan whatever it says. */
  const planned = (high: number, ...plan: [number, number][]): Scaler => ({
    metrics: [{ strategy: "queue-size", path: PATH }],
    everySeconds: 1,
    firstAt: 0,
    decide: (_, at) => plan.findLast(([from]) => from <= at)?.[1] ?? 1,
    high,
  });
  // One request works for a long time, and with prompts of 600 tokens no two fit one prefill.
  const LOADED = requests([0.1, 0.2, 0.3, 0.4], 1000, 600);
  const limits = { maxBatchTotalTokens: 2000 };

  const loaded = (scaler: Scaler, more: Parameters<typeof run>[0] = {}) =>
    run({
      scaler,
      arrivals: LOADED,
      server: serverWith(limits),
      durationSeconds: 600,
      ...more,
    }).longestReactionSeconds;

  it("is from when the servers' own signal passes the band until one more is ready", () => {
    // One works, three wait: seen at 15. Ordered at 100, so ready at 290, seen at 300: the average is 1.5 then.
    assert.equal(loaded(planned(2.9, [100, 2])), 285);
    // Still above 1 on two servers, so it goes on from 300 to the run's end.
    assert.equal(loaded(planned(1, [100, 2])), 300);
  });

  it("is up to the run's end where none ever comes", () => {
    assert.equal(loaded(planned(2.9)), 585);
  });

  it("is none where the signal stays within the band, or no more servers may be", () => {
    assert.equal(loaded(planned(3)), 0);
    assert.equal(loaded(planned(2.9), { maxReplicas: 1 }), 0);
    assert.equal(loaded(new Script([[0, 1]])), undefined);
  });

  it("is given up when the signal comes back by itself", () => {
    const brief = requests([0.1, 0.2, 0.3, 0.4], 30, 600);
    // One after another, 31 s each: at 15 three wait, at 45 two, and at 105 the last works.
    assert.equal(loaded(planned(2.5), { arrivals: brief }), 0);
  });

  it("waits for a server that is ready, when there is none to be measured", () => {
    assert.equal(loaded(planned(2.9), { initialReplicas: 0, scaler: planned(2.9, [0, 0]), coldStart: COLD }), 0);
  });
});

function serverWith(limits: { readonly maxBatchTotalTokens: number }) {
  return { ...SERVER, limits: { ...SERVER.limits, ...limits } };
}
