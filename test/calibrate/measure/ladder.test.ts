import assert from "node:assert/strict";
import type { Load, StageFigures } from "../../../tools/calibrate/contract";
import { type LadderOptions, nextStage, secondsLeft } from "../../../tools/calibrate/measure/ladder";
import { closed, open, refusing, stage } from "./support";

const OPTIONS: LadderOptions = { stepSeconds: 20, maxConcurrency: 128, repetitions: 2, seed: 7 };

/** Climbs the whole ladder on a server that is like this. */
function climb(server: (load: Load) => StageFigures, options = OPTIONS, expectedStay = 0) {
  const done: StageFigures[] = [];
  const loads: Load[] = [];
  const seeds: number[] = [];
  const left: number[] = [];
  for (let next = nextStage(done, options); next !== undefined; next = nextStage(done, options)) {
    const { load, seed } = next.stage;
    left.push(secondsLeft(done, options, expectedStay));
    loads.push(load);
    seeds.push(seed);
    const before = done.findIndex((it) => JSON.stringify(it.load) === JSON.stringify(load));
    const figures = { ...server(load), repetitions: next.repetition };
    if (before === -1) done.push(figures);
    else done[before] = figures;
    assert.ok(loads.length < 60, "it ends");
  }
  const clients = loads.flatMap((load) => (load.kind === "closed" ? [load.concurrency] : []));
  const rates = loads.flatMap((load) => (load.kind === "open" ? [load.requestsPerSecond] : []));
  return { clients, rates, seeds, left: [...left, secondsLeft(done, options, expectedStay)] };
}

/**
 * Holds so many clients, and so many requests a second; a request stays for 0.1 s and as much for each of its tokens,
 * for twice as much where there are more.
 */
function holding(clients: number, rate: number, tokenSeconds = 0.001) {
  const latencies = (seconds: number) => ({ p50: seconds, p95: seconds, p99: seconds });
  return (load: Load) => {
    const holds = load.kind === "closed" ? load.concurrency <= clients : load.requestsPerSecond <= rate;
    const tpot = latencies(holds ? tokenSeconds : 2 * tokenSeconds);
    return stage(load, holds ? 1 : 0.8, { ttft: latencies(0.1), tpot });
  };
}

describe("the ladder", () => {
  it("doubles the clients past the knee, halves the gap twice, then takes rates around the knee's throughput", () => {
    const { clients, rates } = climb(holding(13, 4.1));
    assert.deepEqual(clients, [1, 2, 4, 8, 16, 12, 14]);
    assert.deepEqual(rates, [2.8, 2.8, 3.4, 3.4, 4, 4, 4.6, 4.6]);
  });

  it("measures for as long as it is told, after a warm-up, with arrivals of its own each time", () => {
    const { stage: first } = nextStage([], OPTIONS) ?? assert.fail();
    assert.deepEqual(first, { load: closed(1), warmUpSeconds: 10, seconds: 20, seed: 7 });
    const { rates, seeds, clients } = climb(holding(13, 4.1));
    const ofRate = seeds.slice(clients.length, clients.length + 2);
    assert.equal(new Set(ofRate).size, 2);
    assert.equal(rates[0], rates[1]);
  });

  it("lets an open load stand for three stays of a request before it is judged, if that is more than half a step", () => {
    const warmUps = (tokenSeconds: number, stepSeconds: number) => {
      const seen = new Set<number>();
      const done: StageFigures[] = [];
      const options = { ...OPTIONS, stepSeconds, repetitions: 1 };
      for (let next = nextStage(done, options); next !== undefined; next = nextStage(done, options)) {
        if (next.stage.load.kind === "open") seen.add(Number(next.stage.warmUpSeconds.toFixed(6)));
        else assert.equal(next.stage.warmUpSeconds, stepSeconds / 2);
        done.push(holding(8, 4.1, tokenSeconds)(next.stage.load));
      }
      return [...seen];
    };
    // 0.1 s and 200 tokens of 50 ms: 10.1 s, three times.
    assert.deepEqual(warmUps(0.05, 20), [30.3]);
    assert.deepEqual(warmUps(0.05, 80), [40]);
    assert.deepEqual(warmUps(0.001, 20), [10]);
    // Answers of one token each have no time per token.
    assert.deepEqual(warmUps(Number.NaN, 20), [10]);
  });

  it("ends at the first refusals", () => {
    const server = (load: Load) =>
      load.kind === "closed" && load.concurrency >= 32 ? refusing(load, 0.995) : stage(load, 1);
    assert.deepEqual(climb(server).clients.slice(0, 6), [1, 2, 4, 8, 16, 32]);
    assert.ok(!climb(server).clients.includes(64));
  });

  it("goes on where one stage may have missed by chance, and not after two", () => {
    const unlucky = (load: Load) =>
      load.kind === "closed" && load.concurrency === 2 ? stage(load, 0.985, { doubt: 0.01 }) : holding(8, 9)(load);
    assert.deepEqual(climb(unlucky).clients.slice(0, 5), [1, 2, 4, 8, 16]);
    const vague = (load: Load) =>
      stage(load, load.kind === "closed" && load.concurrency < 4 ? 1 : 0.985, { doubt: 0.01 });
    assert.deepEqual(climb(vague).clients.slice(0, 4), [1, 2, 4, 8]);
    assert.ok(!climb(vague).clients.includes(16));
  });

  it("goes no further than it may", () => {
    assert.deepEqual(climb(holding(999, 4), { ...OPTIONS, maxConcurrency: 24 }).clients, [1, 2, 4, 8, 16, 24]);
    assert.deepEqual(climb(holding(999, 4), { ...OPTIONS, maxConcurrency: 1 }).clients, [1]);
  });

  it("looks for a rate that holds, below and above", () => {
    const once = { ...OPTIONS, repetitions: 1 };
    assert.deepEqual(climb(holding(13, 2.1), once).rates, [2.8, 3.4, 4, 4.6, 2]);
    assert.deepEqual(climb(holding(13, 0), once).rates, [2.8, 3.4, 4, 4.6, 2, 1.4, 1]);
    assert.deepEqual(climb(holding(13, 5.5), once).rates, [2.8, 3.4, 4, 4.6, 5.2, 6]);
    assert.deepEqual(climb(holding(13, 99), once).rates, [2.8, 3.4, 4, 4.6, 5.2, 6]);
  });

  it("offers those that are too long on top of those that are served", () => {
    const results = { served: 500, overloaded: 0, rejected: 500, unfinished: 0, failed: 0 };
    const server = (load: Load) => ({ ...holding(13, 8.1)(load), results });
    assert.deepEqual(climb(server, { ...OPTIONS, repetitions: 1 }).rates, [5.6, 6.8, 8, 9.2]);
  });

  it("takes the throughput of short steps from the tokens: the answers in them are too few to be counted", () => {
    const tokens = { mean: 1000, low: 1000, high: 1000 };
    const rates = (tokenSeconds: number) => {
      const server = (load: Load) => ({
        ...holding(13, 4.1, tokenSeconds)(load),
        tokensPerSecond: tokens,
        seconds: 20,
      });
      return climb(server, { ...OPTIONS, repetitions: 1 }).rates.slice(0, 4);
    };
    // 200 tokens of 0.1 s each: as long as a step. 1,000 a second are of five requests.
    assert.deepEqual(rates(0.1), [3.5, 4.25, 5, 5.75]);
    assert.deepEqual(rates(0.01), [2.8, 3.4, 4, 4.6]);
  });

  it("takes rates although not even one client is served in time", () => {
    assert.deepEqual(climb(holding(0, 0), { ...OPTIONS, repetitions: 1 }).clients, [1]);
    assert.equal(climb(holding(0, 0), { ...OPTIONS, repetitions: 1 }).rates[0], 2.8);
  });

  it("knows how much is left, and nothing is at the end", () => {
    const { left } = climb(holding(13, 4.1));
    // Eight doublings, two halvings and four rates twice, of half a minute each, and nothing known of stays.
    assert.equal(left[0], (8 + 2 + 8) * 30);
    assert.equal(left.at(-1), 0);
    // One client at most: no doublings, and nothing to halve.
    assert.equal(climb(holding(999, 4), { ...OPTIONS, maxConcurrency: 1 }).left[0], (1 + 8) * 30);
    assert.equal(climb(holding(999, 4), { ...OPTIONS, maxConcurrency: 4 }).left[0], (3 + 1 + 8) * 30);
    // The last answers take a stay of 40 s after each, and rates a warm-up of three.
    assert.equal(climb(holding(13, 4.1), OPTIONS, 40).left[0], (8 + 2) * (30 + 40) + 8 * (120 + 20 + 40));
    // When the climb is over, 10.1 s are known instead.
    const slow = climb(holding(13, 4.1, 0.05), OPTIONS, 40);
    assert.ok(Math.abs((slow.left.at(-9) ?? 0) - 8 * (30.3 + 20 + 10.1)) < 1e-6);
    for (const [index, seconds] of left.entries()) assert.ok(index === 0 || seconds < (left[index - 1] ?? 0));
  });

  it("begins again where it was: the same figures give the same stage", () => {
    const done = [stage(closed(1), 1), stage(closed(2), 0.5), stage(open(2.8), 1)];
    assert.deepEqual(nextStage(done, OPTIONS), nextStage([...done].reverse(), OPTIONS));
  });
});
