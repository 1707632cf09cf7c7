import assert from "node:assert/strict";
import type { StepTimes } from "../../../autoscaling/roofline";
import { Engine, type EngineOptions, type Leave, type Timings } from "../../../standins/tgi/engine";
import { jitter } from "../../../standins/tgi/jitter";
import { TgiMetrics } from "../../../standins/tgi/metrics";
import { streams } from "../../../tools/simulate/traffic/random";
import { limits, PLAIN } from "../../simulate/server/support";
import { samples, ToldClock } from "./support";

const NO_OVERHEAD = { perRequestSeconds: 0, perTokenSeconds: 0 };

interface Seen {
  tokens: number[];
  timings?: Timings;
}

function rig(some: Partial<EngineOptions> = {}) {
  const clock = some.clock instanceof ToldClock ? some.clock : new ToldClock();
  const metrics = new TgiMetrics({ maxInputTokens: 1000, maxTotalTokens: 2000 });
  const engine = new Engine({
    ...{ limits: limits(), times: PLAIN, timeScale: 1, overhead: NO_OVERHEAD, jitter: () => 1, metrics },
    ...some,
    clock,
  });
  const send = (inputTokens: number, maxNewTokens: number): { seen: Seen; leave: Leave } => {
    const seen: Seen = { tokens: [] };
    const permit = engine.acquire();
    if (permit === undefined) throw new Error("overloaded");
    const leave = engine.submit(
      permit,
      { inputTokens, maxNewTokens },
      {
        token: (place) => {
          assert.equal(place, seen.tokens.length);
          seen.tokens.push(clock.now());
        },
        finished: (timings) => {
          seen.timings = timings;
        },
      },
    );
    return { seen, leave };
  };
  const scrape = async () => {
    engine.setGauges();
    return samples(await metrics.text());
  };
  return { clock, engine, send, scrape };
}

describe("the engine of the TGI stand-in", () => {
  it("sends each token when its step ends", () => {
    const { clock, send } = rig();
    const { seen } = send(10, 4);
    clock.pass(100);
    // A prefill of 2 + 10 × 0.1 s, then steps of 1 s.
    assert.deepEqual(seen.tokens, [3, 4, 5, 6]);
    assert.deepEqual(seen.timings, { total: 6, validation: 0, queue: 0, inference: 6 });
    assert.equal(clock.isWaiting, false);
  });

  it("does not fall behind by timers that are late, even later than a step is long", () => {
    const times: StepTimes = {
      ...PLAIN,
      prefillBaseSeconds: 0.01,
      prefillPerTokenSeconds: 0,
      decodeBaseSeconds: 0.0004,
    };
    const { world } = streams(7);
    // As Node's: to the next millisecond, and up to some more.
    const clock = new ToldClock(() => 0.001 + 0.004 * world.uniform());
    const { send } = rig({ clock, times });
    const { seen } = send(10, 1001);
    clock.pass(10);
    const [first = Number.NaN, last = Number.NaN] = [seen.tokens[0], seen.tokens.at(-1)];
    assert.ok(Math.abs((last - first) / 1000 - 0.0004) < 0.0004 * 0.02, `${(last - first) / 1000} s a step`);
    // The server's own reckoning is exact: 10 ms, and 1000 steps.
    assert.ok(Math.abs((seen.timings?.inference ?? 0) - 0.41) < 1e-9);
  });

  it("has a request join at the step at which it would have, though the timer was late", () => {
    const overhead = { perRequestSeconds: 1, perTokenSeconds: 0 };
    const delays = [0, 0, 0, 0, 0, 1.7];
    const clock = new ToldClock(() => delays.shift() ?? 0);
    const { send } = rig({ clock, overhead });
    send(10, 20);
    clock.pass(4.5);
    const { seen } = send(10, 2);
    clock.pass(100);
    // In the queue at 5.5, and in the prefill at 6.
    assert.equal(seen.timings?.queue, 0.5);
    assert.equal(seen.timings?.inference, 3 + 1);
  });

  it("queues requests of one moment in their order", () => {
    const overhead = { perRequestSeconds: 1, perTokenSeconds: 0 };
    const { clock, send } = rig({ overhead });
    const [a, b] = [send(600, 2), send(600, 2)];
    clock.pass(1000);
    // Both do not fit into one prefill of 1,000 tokens.
    assert.ok((a.seen.tokens[0] ?? Number.NaN) < (b.seen.tokens[0] ?? Number.NaN));
  });

  it("is so many times as fast as asked", () => {
    const overhead = { perRequestSeconds: 0.5, perTokenSeconds: 0.01 };
    const { clock, send } = rig({ timeScale: 10, overhead });
    const { seen } = send(10, 3);
    clock.pass(100);
    // (0.5 + 10 × 0.01) s before the queue, 3 s of prefill, 1 s a step; a tenth of it all.
    assert.deepEqual(
      seen.tokens.map((it) => it.toFixed(6)),
      ["0.360000", "0.460000", "0.560000"],
    );
    const { total = 0, validation = 0, queue = 1, inference = 0 } = seen.timings ?? {};
    const rounded = [total, validation, queue, inference].map((it) => it.toFixed(6));
    assert.deepEqual(rounded, ["0.560000", "0.060000", "0.000000", "0.500000"]);
  });

  it("stretches every step by its own factor", () => {
    const factors = [2, 0.5, 3];
    const { clock, send } = rig({ jitter: () => factors.shift() ?? 1 });
    const { seen } = send(10, 4);
    clock.pass(100);
    assert.deepEqual(seen.tokens, [6, 6.5, 9.5, 10.5]);
  });

  it("counts places from before validation to the last token, and gives them back", () => {
    const overhead = { perRequestSeconds: 1, perTokenSeconds: 0 };
    const { clock, engine, send } = rig({ overhead, limits: limits({ maxConcurrentRequests: 2 }) });
    send(10, 2);
    const refused = engine.acquire();
    assert.ok(refused !== undefined);
    assert.equal(engine.acquire(), undefined);
    let at = Number.NaN;
    engine.refuse(refused, 10, () => {
      at = clock.now();
    });
    clock.pass(0.9);
    assert.equal(engine.openRequests, 2);
    clock.pass(1);
    assert.equal(at, 1);
    assert.equal(engine.openRequests, 1);
    clock.pass(5);
    assert.equal(engine.openRequests, 0);
  });

  it("lets go of a client that hangs up, wherever its request is", async () => {
    const overhead = { perRequestSeconds: 1, perTokenSeconds: 0 };
    const { clock, engine, send, scrape } = rig({ overhead });
    const validating = send(10, 9);
    validating.leave();
    assert.equal(engine.openRequests, 0);
    const decoding = send(10, 9);
    clock.pass(5.5);
    const queued = send(10, 9);
    clock.pass(6.6);
    assert.equal(engine.openRequests, 2);
    decoding.leave();
    queued.leave();
    assert.equal(engine.openRequests, 0);
    clock.pass(100);
    // 1 s of overhead, 3 of prefill: tokens at 4, 5 and 6. Whoever validates is none of TGI's failures.
    assert.deepEqual(decoding.seen.tokens, [4, 5, 6]);
    assert.deepEqual([validating.seen, queued.seen], [{ tokens: [] }, { tokens: [] }]);
    const metrics = await scrape();
    assert.equal(metrics.get('tgi_request_failure{err="dropped"}'), 2);
    assert.equal(metrics.get("tgi_queue_size"), 0);
    assert.equal(metrics.get("tgi_batch_current_size"), 0);
    decoding.leave();
    assert.equal(engine.openRequests, 0);
  });

  it("has TGI's gauges: none before the first request, the running batch while newcomers are prefilled", async () => {
    const { clock, send, scrape } = rig();
    assert.deepEqual([...(await scrape()).keys()], []);
    for (let i = 0; i < 4; i += 1) send(10, 10);
    clock.pass(0.5);
    const gauges = async () => {
      const metrics = await scrape();
      return ["tgi_queue_size", "tgi_batch_current_size", "tgi_batch_current_max_tokens"].map((it) => metrics.get(it));
    };
    // The first request is alone in its prefill: the others came while it ran.
    assert.deepEqual(await gauges(), [3, undefined, undefined]);
    clock.pass(3.5);
    // TGI looks at the queue before the batch decodes: they are prefilled at once.
    assert.deepEqual(await gauges(), [0, 1, 19]);
    clock.pass(3 + 5 + 0.5);
    assert.deepEqual(await gauges(), [0, 1, 19]);
    clock.pass(3 + 5 + 1.5);
    assert.deepEqual(await gauges(), [0, 4, 76]);
    clock.pass(100);
    assert.deepEqual(await gauges(), [0, 0, 0]);
  });

  it("keeps TGI's account of steps and of where a request was", async () => {
    const { clock, send, scrape } = rig({ timeScale: 2 });
    const first = send(10, 3);
    clock.pass(0);
    const second = send(20, 2);
    clock.pass(100);
    const metrics = await scrape();
    const of = (name: string) => metrics.get(name);
    // Prefills of 3 and 4 s, steps of 1 s: both requests share the step after the second prefill.
    assert.equal(of('tgi_batch_inference_count{method="prefill"}'), 2);
    assert.equal(of('tgi_batch_inference_success{method="decode"}'), 2);
    assert.equal(of('tgi_batch_inference_duration_sum{method="prefill"}'), 7 / 2);
    assert.equal(of('tgi_batch_inference_duration_sum{method="decode"}'), 2 / 2);
    assert.equal(of('tgi_batch_concat{reason="backpressure"}'), 1);
    assert.equal(of("tgi_batch_next_size_sum"), 2);
    // The first waits for the second's prefill; the second has waited for the first's.
    assert.deepEqual(first.seen.timings, { total: 9 / 2, validation: 0, queue: 0, inference: 9 / 2 });
    assert.deepEqual(second.seen.timings, { total: 8 / 2, validation: 0, queue: 3 / 2, inference: 5 / 2 });
    // 0.075 ms a sequence are the host's: 1 + 1 in the prefills.
    const [all = 0, forward = 0] = ["inference", "forward"].map((it) =>
      of(`tgi_batch_${it}_duration_sum{method="prefill"}`),
    );
    assert.ok(Math.abs(all - forward - (2 * 0.000075) / 2) < 1e-9);
  });

  it("forgets everything when it is killed", () => {
    const { clock, engine, send } = rig();
    const { seen, leave } = send(10, 9);
    clock.pass(3.5);
    engine.kill();
    assert.equal(engine.openRequests, 0);
    assert.equal(clock.isWaiting, false);
    leave();
    assert.deepEqual(seen, { tokens: [3] });
  });
});

describe("the jitter of the steps", () => {
  it("has mean 1 and the spread that is asked for", () => {
    const next = jitter(0.2, streams(3).world);
    const factors = Array.from({ length: 40_000 }, next);
    const mean = factors.reduce((sum, it) => sum + it, 0) / factors.length;
    const spread = Math.sqrt(factors.reduce((sum, it) => sum + (it - mean) ** 2, 0) / factors.length);
    assert.ok(Math.abs(mean - 1) < 0.004, `mean ${mean}`);
    assert.ok(Math.abs(spread - 0.2) < 0.005, `spread ${spread}`);
    assert.ok(factors.every((it) => it > 0));
  });

  it("is none where none is asked for", () => {
    const next = jitter(0, streams(3).world);
    assert.deepEqual([next(), next()], [1, 1]);
  });
});
