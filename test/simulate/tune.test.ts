import assert from "node:assert/strict";
import type { HpaBehavior } from "../../autoscaling/hpa/behavior";
import type { MetricStrategy, StrategyTarget } from "../../autoscaling/metricStrategy";
import { OBJECTIVE, pooledAttainment } from "../../tools/simulate/contend";
import { firstSettings, SECOND_BEHAVIORS, targetsEnd } from "../../tools/simulate/settings";
import { MAX_SEED } from "../../tools/simulate/traffic/random";
import { best, tune } from "../../tools/simulate/tune";
import { lines } from "../support/config";
import { paced, scenario, trafficOf } from "./support";

describe("tuning", () => {
  /** Which samples of the traffic were asked for; each has its own rate, so that their figures differ. */
  function watched() {
    const seeds: number[] = [];
    const arrivals = (seed: number) => {
      seeds.push(seed);
      // A sample that is held out has more requests.
      return paced([[900, seed > MAX_SEED / 2 ? 0.6 : 0.5]]).arrivals(seed);
    };
    return { seeds, traffic: trafficOf([], 900, { meanRate: 1, arrivals }) };
  }
  const { seeds, traffic } = watched();
  const made = scenario(traffic, { metricTarget: "2", minReplicas: "1" });
  const shares: number[] = [];
  const progress = (share: number) => shares.push(share);
  const tuned = tune(made, { seed: 2 ** 31 - 4, strategies: ["queue-size"], progress });

  it("finds one server where one is enough: there is nothing cheaper", () => {
    assert.ok(tuned.best.attained >= OBJECTIVE);
    assert.ok(Math.abs(tuned.best.gpuHours - 0.25) < 1e-9);
    assert.deepEqual([tuned.best.setting.strategy, tuned.frontier[0]?.gpuHours], ["queue-size", tuned.best.gpuHours]);
  });

  it("chooses over several samples, and judges on as many others", () => {
    assert.deepEqual(
      [tuned.best.results.length, tuned.heldOut.results.length, tuned.before().results.length],
      [16, 16, 16],
    );
    const used = new Set(seeds);
    // Sixteen of the lower half, from its end on to its beginning, and their counterparts in the upper half.
    for (const seed of Array.from({ length: 16 }, (_, sample) => (2 ** 31 - 4 + sample) % 2 ** 31)) {
      assert.ok(used.has(seed) && used.has(MAX_SEED - seed));
    }
    assert.equal(used.size, 32);
    for (const { admissible } of tuned.best.results) assert.equal(admissible, 450);
    for (const { admissible } of [...tuned.heldOut.results, ...tuned.before().results]) assert.equal(admissible, 540);
    assert.deepEqual(
      tuned.plan().results.map(({ admissible }) => admissible),
      Array(16).fill(540),
    );
  });

  it("judges the best and the stack as it is", () => {
    assert.deepEqual(tuned.heldOut.setting, tuned.best.setting);
    assert.deepEqual(tuned.before().setting, { strategy: "queue-size", target: 2, behavior: undefined });
    assert.equal(tuned.best.attained, pooledAttainment(tuned.best.results));
  });

  it("says how far it is, and never goes back", () => {
    assert.ok(shares.every((share, index) => share > (shares[index - 1] ?? 0) && share <= 1));
    assert.equal(shares.length, tuned.tried);
  });

  it("has nothing to choose from without strategies", () => {
    assert.throws(() => tune(made, { seed: 1, strategies: [] }), /nothing to tune/);
  });
});

describe("tuning on a trace", () => {
  // Six minutes with one request a second, then four with two: the border is at 60 %.
  const traffic = paced(
    [
      [360, 1],
      [240, 2],
    ],
    { kind: "recorded" },
  );
  const made = scenario(traffic, {
    ...{ metricStrategy: "queue-size", metricTarget: "40" },
    extraMetrics: '[{"strategy":"gke-duty-cycle","target":5}]',
  });
  const tuned = tune(made, { seed: MAX_SEED, strategies: ["dcgm-gpu-util"] });

  it("uses its first part to choose, and judges on its second", () => {
    assert.deepEqual(
      tuned.best.results.map(({ admissible }) => admissible),
      [360],
    );
    for (const trial of [tuned.heldOut, tuned.before()]) {
      assert.deepEqual(
        trial.results.map(({ admissible }) => admissible),
        [480],
      );
    }
    assert.equal(tuned.plan().results.length, 1);
  });

  it("judges the stack with all its metrics", () => {
    // Nothing but the duty cycle, of which 5 % is too much, adds servers.
    assert.ok((tuned.before().results[0]?.mostReplicas ?? 0) > 1);
  });

  it("keeps to the strategies that it is given, and to targets that a stack file may have", () => {
    const targets = tuned.frontier.map(({ setting }) => setting);
    assert.ok(targets.every(({ strategy, target }) => strategy === "dcgm-gpu-util" && target < 100 / 1.1));
  });
});

describe("tuning around what is known", () => {
  const traffic = paced([[600, 1]], { kind: "recorded" });

  it("looks for batch sizes around the knee, above it too, of two digits", () => {
    const targets = firstSettings(scenario(traffic), { strategies: ["batch-size"], batchAtKnee: 101.4 }).map(
      ({ target }) => target,
    );
    assert.deepEqual([Math.min(...targets), Math.max(...targets)], [15, 300]);
    assert.ok(targets.includes(100));
    for (const target of targets) assert.equal(target, Number(target.toPrecision(2)));
    const small = firstSettings(scenario(traffic), { strategies: ["batch-size"], batchAtKnee: 0.03 });
    for (const { target } of small) assert.equal(target, Number(target.toFixed(3)), "the HPA counts in thousandths");
    assert.ok(small.every(({ target }) => target > 0));
  });

  it("keeps the stack's own behavior where it is told to, and its other metrics", () => {
    const made = scenario(traffic, { scaleBehavior: '{"scaleDown":{"stabilizationWindowSeconds":600}}' });
    const { best, frontier } = tune(made, { seed: 1, strategies: ["queue-size"], keepsBehavior: true });
    for (const { setting } of [best, ...frontier]) {
      assert.deepEqual(setting.behavior, made.config.autoscaler.behavior);
    }
    const most = (others: StrategyTarget[]) =>
      tune(made, { seed: 1, strategies: ["queue-size"], keepsBehavior: true, others }).best.results[0]?.mostReplicas ??
      0;
    // Of 5 % duty cycle, any traffic is too much.
    assert.ok(most([{ strategy: "gke-duty-cycle", target: 5 }]) > most([]));
  });

  it("judges another setting on the same samples", () => {
    const others: StrategyTarget[] = [{ strategy: "gke-duty-cycle", target: 5 }];
    const { best, heldOut, judge } = tune(scenario(traffic), { seed: 1, strategies: ["queue-size"], others });
    const again = judge(best.setting);
    assert.deepEqual(again.heldOut, heldOut);
    assert.deepEqual([again.chosenOn.attained, again.chosenOn.gpuHours], [best.attained, best.gpuHours]);
  });
});

describe("tuning of what nothing helps", () => {
  it("gives what comes nearest to the SLO", () => {
    const made = { ...scenario(paced([[90, 5]])), slo: { ttftSeconds: 0.12, tpotSeconds: 0.2 } };
    const { best, frontier, tried } = tune(made, { seed: 1, strategies: ["queue-size"] });
    assert.ok(best.attained < OBJECTIVE);
    const highest = frontier.at(-1) ?? assert.fail();
    assert.ok(highest.attained >= best.attained);
    assert.ok(tried > 14);
    for (const [index, trial] of frontier.entries()) {
      const before = frontier[index - 1];
      if (before === undefined) continue;
      assert.ok(trial.gpuHours >= before.gpuHours && trial.attained > before.attained);
    }
  });
});

describe("the best trials", () => {
  it("are those that clearly meet the SLO, the cheapest first, then those that come nearest", () => {
    const trials = [
      { name: "far", attained: 0.5, gpuHours: 1 },
      { name: "dear", attained: 1, gpuHours: 9 },
      { name: "near", attained: 0.989, gpuHours: 2 },
      { name: "cheap", attained: 0.993, gpuHours: 4 },
    ];
    const names = (count: number) => best(trials, count).map(({ name }) => name);
    assert.deepEqual(names(9), ["cheap", "dear", "near", "far"]);
    assert.deepEqual(names(1), ["cheap"]);
  });
});

describe("the settings that are tried", () => {
  const made = scenario(paced([[60, 1]]));

  it("are targets of all strategies with each first behavior, unless they are given", () => {
    const all = firstSettings(made);
    assert.deepEqual([...new Set(all.map(({ strategy }) => strategy))].length, 4);
    assert.equal(new Set(all.map((setting) => JSON.stringify(setting))).size, all.length);
    const queue = firstSettings(made, { strategies: ["queue-size"] });
    assert.deepEqual(
      queue.map(({ target, behavior }) => `${target} ${behavior === undefined ? "own" : "calm"}`).slice(0, 3),
      ["13 own", "13 calm", "8 own"],
    );
    assert.equal(queue.length, 14);
  });

  it("may all stand in a stack file", () => {
    const behaviors = new Map<string, HpaBehavior>();
    for (const behavior of SECOND_BEHAVIORS) behaviors.set(JSON.stringify(behavior), behavior);
    for (const { strategy, target, behavior } of firstSettings(made)) {
      if (behavior !== undefined) behaviors.set(JSON.stringify(behavior), behavior);
      assert.deepEqual(lines({ metricStrategy: strategy, metricTarget: String(target) }), []);
    }
    for (const scaleBehavior of behaviors.keys()) assert.deepEqual(lines({ scaleBehavior }), []);
  });

  it("end where the signal does not pass the tolerance any more", () => {
    const few = scenario(paced([[60, 1]]), { maxConcurrentRequests: "72" });
    const { batchCapacity } = few.config.server;
    const end = (strategy: MetricStrategy, behavior?: HpaBehavior) => targetsEnd({ strategy, behavior }, few);
    const queueEnd = end("queue-size");
    assert.ok(Math.abs(queueEnd - (72 - (batchCapacity ?? 0)) / 1.1) < 1e-9);
    assert.ok(Math.abs(end("batch-size") - 72 / 1.1) < 1e-9);
    assert.ok(Math.abs(end("gke-duty-cycle") - 100 / 1.1) < 1e-9);
    assert.ok(firstSettings(few, { strategies: ["queue-size"] }).every(({ target }) => target < queueEnd));
    assert.equal(firstSettings(few, { strategies: ["queue-size"] })[0]?.target, 8);
    assert.ok(queueEnd > 8 && queueEnd < 13);
    // A behavior may have a tolerance of its own.
    assert.equal(end("batch-size", { scaleUp: { tolerance: "0.5" } }), 48);
  });
});
