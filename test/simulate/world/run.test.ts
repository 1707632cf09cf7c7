import assert from "node:assert/strict";
import { streams } from "../../../tools/simulate/traffic/random";
import { FixedScaler } from "../../../tools/simulate/world/scalers";
import { COLD, POOL, requests, run, Script, Scripted, SERVER } from "./support";

describe("a request", () => {
  it("is met when its first token and the others come in time", () => {
    // Alone: the first token after 2 s, the four later ones a second each.
    const arrivals = requests([0, 100, 200]);
    const met = (ttftSeconds: number, tpotSeconds: number) => run({ arrivals, slo: { ttftSeconds, tpotSeconds } }).met;
    assert.deepEqual([met(2, 1), met(1.99, 1), met(2, 0.99)], [3, 0, 0]);
  });

  it("is refused by a server that has as many as it takes, and that is a miss", () => {
    const server = { ...SERVER, limits: { ...SERVER.limits, maxConcurrentRequests: 2 } };
    const { admissible, met, refused, series } = run({ server, arrivals: requests([0, 0, 0, 20]) });
    assert.deepEqual({ admissible, met, refused }, { admissible: 4, met: 3, refused: 1 });
    assert.deepEqual(series.misses.slice(0, 2), [1, 0]);
  });

  it("that is longer than the limits is counted apart", () => {
    const arrivals = [...requests([0], 5, 1001), ...requests([1], 1001, 1000), ...requests([2])];
    const { admissible, rejected, met, refused, unserved } = run({ arrivals });
    assert.deepEqual([admissible, rejected, met, refused, unserved], [1, 2, 1, 0, 0]);
  });

  it("finds nobody where no server is ready", () => {
    const scaler = new Script([[0, 1]]);
    const { unserved, met } = run({ initialReplicas: 0, scaler, arrivals: requests([0, 189, 191]) });
    assert.deepEqual([unserved, met], [2, 1]);
  });

  it("fails at a server that loads and that nobody probes", () => {
    const plan = new Script([
      [0, 1],
      [10, 2],
    ]);
    // From 110 to 200 the second server loads: with draws of 0.5, each request goes to it.
    const arrivals = requests([105, 115, 195, 205]);
    const probed = run({ scaler: plan, arrivals });
    const unprobed = run({ scaler: plan, arrivals, server: { ...SERVER, isProbed: false } });
    assert.deepEqual([probed.met, probed.unserved], [4, 0]);
    assert.deepEqual([unprobed.met, unprobed.unserved], [2, 2]);
  });

  it("that is accepted by the run's end is answered after it", () => {
    const { met, dropped, gpuHours } = run({ arrivals: requests([599.9]), durationSeconds: 600 });
    assert.deepEqual([met, dropped, gpuHours], [1, 0, 600 / 3600]);
  });

  it("is dropped at the end of the drain of a server that is deleted, in the interval in which it was sent", () => {
    const scaler = new Script([
      [0, 1],
      [20, 0],
    ]);
    const { dropped, met, series } = run({ scaler, arrivals: requests([5, 16], 200) });
    assert.deepEqual([dropped, met], [2, 0]);
    assert.deepEqual(series.misses.slice(0, 3), [1, 1, 0]);
  });

  it("is dropped with a node that is lost, once, and as a miss when it was sent", () => {
    // At 0.5 a node lives 138.6 s; the server that replaces the first is ready 190 s later, at 328.6.
    const { dropped, unserved, met, series } = run({
      pool: { ...POOL, lossesPerNodeHour: 18 },
      arrivals: requests([1, 100, 137, 150, 327, 330]),
      durationSeconds: 375,
    });
    assert.deepEqual([met, dropped, unserved], [3, 1, 2]);
    const missed = series.at.filter((_, index) => (series.misses[index] ?? 0) > 0);
    // In the intervals that end then.
    assert.deepEqual(missed, [150, 165, 330]);
  });
});

describe("where requests go", () => {
  const plan = { initialReplicas: 2, scaler: new FixedScaler(2) };

  it("is at random: as many here as there in the long run, whoever has more to do", () => {
    // Of servers that take one request each, the one that is drawn decides.
    const server = { ...SERVER, limits: { ...SERVER.limits, maxConcurrentRequests: 1 } };
    const arrivals = requests([0, 1, 2, 3]);
    const refused = (...draws: number[]) => run({ ...plan, server, arrivals, random: new Scripted(draws) }).refused;
    assert.equal(refused(0.49), 3);
    assert.equal(refused(0.51), 3);
    // Alternately, so that each takes one.
    assert.equal(refused(0.49, 0.51), 2);
  });

  it("draws from all servers that are ready", () => {
    const arrivals = requests(
      Array.from({ length: 4000 }, (_, index) => index / 10),
      1,
    );
    const server = { ...SERVER, limits: { ...SERVER.limits, maxConcurrentRequests: 8 } };
    const { world } = streams(3);
    const refused = (replicas: number) =>
      run({ initialReplicas: replicas, scaler: new FixedScaler(replicas), server, arrivals, random: world }).refused;
    // 10 requests/s that take 2 s: three servers are refused half as many again, five far fewer.
    const [three, four, five] = [refused(3), refused(4), refused(5)];
    assert.ok(three > 1500 && four > 900 && four < 1100 && five < 750, `${three} ${four} ${five}`);
  });

  it("is the server with the fewest requests, the oldest of those", () => {
    const server = { ...SERVER, limits: { ...SERVER.limits, maxConcurrentRequests: 1 } };
    // Two servers take two at once; each has finished after 6 s.
    const arrivals = requests([0, 0, 6, 6, 7, 12, 13]);
    const { refused, met } = run({ ...plan, server, arrivals, routing: "least-loaded" });
    assert.deepEqual([met, refused], [6, 1]);
  });
});

describe("GPU-hours", () => {
  it("are from each node's creation to its deletion, or to the run's end", () => {
    const { gpuHours } = run({
      pool: { ...POOL, gpusPerNode: 2 },
      scaler: new Script([
        [0, 1],
        [100, 2],
        [500, 1],
      ]),
      durationSeconds: 1500,
    });
    // The first for 1500 s; the second from 100 until 500, 20 s of sleep, 600 s empty: 1020 s. Two GPUs each.
    assert.ok(Math.abs(gpuHours - ((1500 + 1020) * 2) / 3600) < 1e-9, String(gpuHours));
  });

  it("count nodes, not servers, and those that the pool always has", () => {
    const shared = run({ initialReplicas: 3, scaler: new FixedScaler(3), pool: { ...POOL, replicasPerNode: 2 } });
    assert.ok(Math.abs(shared.gpuHours - (2 * 600) / 3600) < 1e-9);
    const idle = run({ pool: { ...POOL, minNodes: 4 } });
    assert.ok(Math.abs(idle.gpuHours - (4 * 600) / 3600) < 1e-9);
  });

  it("are no more for servers that find no node", () => {
    const { gpuHours, series } = run({ pool: { ...POOL, maxNodes: 1 }, scaler: new Script([[0, 3]]) });
    assert.ok(Math.abs(gpuHours - 600 / 3600) < 1e-9);
    assert.deepEqual([series.wanted.at(-1), series.ready.at(-1)], [3, 1]);
  });
});

describe("a run", () => {
  it("says how far it is, until its end", () => {
    const seen: number[] = [];
    run({ durationSeconds: 50, progress: (seconds) => seen.push(seconds) });
    assert.deepEqual(seen, [15, 30, 45]);
  });

  it("decides first at a moment of the scaler's own, else at a random one of its period", () => {
    const times = (firstAt: number | undefined, draw: number) => {
      const seen: number[] = [];
      const decide = (_: unknown, at: number) => {
        seen.push(at);
        return 1;
      };
      const scaler = { metrics: [], everySeconds: 20, decide, ...(firstAt === undefined ? {} : { firstAt }) };
      run({ scaler, durationSeconds: 60, random: new Scripted([draw]) });
      return seen;
    };
    assert.deepEqual(times(undefined, 0.25), [5, 25, 45]);
    assert.deepEqual(times(undefined, 0.75), [15, 35, 55]);
    assert.deepEqual(times(7, 0.75), [7, 27, 47]);
  });

  it("has a cold start that the profile names", () => {
    const loadingSeconds = { least: 10, most: 10 };
    const pendingSeconds = { least: 20, most: 20 };
    const coldStart = { ...COLD, loadingSeconds, pendingSeconds };
    const scaler = new Script([[0, 1]]);
    const { unserved } = run({ coldStart, initialReplicas: 0, scaler, arrivals: requests([29, 31]) });
    assert.equal(unserved, 1);
  });
});
