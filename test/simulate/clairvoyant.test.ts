import assert from "node:assert/strict";
import { COLD_STARTS } from "../../catalog/coldStarts";
import { clairvoyant, smallestFixedFleet } from "../../tools/simulate/clairvoyant";
import { attainment, contend, OBJECTIVE, pooledAttainment } from "../../tools/simulate/contend";
import { roundsOf } from "../../tools/simulate/rounds";
import { startingReplicas } from "../../tools/simulate/work";
import { FixedScaler } from "../../tools/simulate/world/scalers";
import { paced, scenario, trafficOf } from "./support";

/** Ten minutes with little to do, ten with much, and ten with little. */
const SWING = scenario(
  paced([
    [600, 0.5],
    [600, 6],
    [600, 0.5],
  ]),
);

describe("the clairvoyant", () => {
  const shares: number[] = [];
  const plan = clairvoyant(SWING, { seed: 1, progress: (share) => shares.push(share) });

  it("meets the SLO, with fewer GPU-hours than the smallest fixed fleet", () => {
    const [fixed] = smallestFixedFleet(roundsOf(SWING, [1]), 30)?.results ?? assert.fail();
    assert.ok(fixed !== undefined);
    assert.ok(plan.meets && attainment(plan.result) >= OBJECTIVE);
    assert.ok(plan.result.gpuHours < fixed.gpuHours * 0.9, `${plan.result.gpuHours} ${fixed.gpuHours}`);
  });

  it("has as many servers as each minute needs when it needs them", () => {
    assert.equal(plan.needs.length, 30);
    assert.ok(Math.max(...plan.needs) > 1);
    const { at, ready } = plan.result.series;
    at.forEach((moment, index) => {
      const needed = plan.needs[Math.floor(moment / 60)] ?? 0;
      assert.ok((ready[index] ?? 0) >= needed, `at ${moment}: ${ready[index]} of ${needed}`);
    });
  });

  it("gives servers back in the minute in which they are not needed any more", () => {
    const { at, ready } = plan.result.series;
    assert.equal(ready[at.indexOf(1215)], plan.needs[20]);
    assert.ok((plan.needs[19] ?? 0) > (plan.needs[20] ?? 0));
  });

  it("says how far it is, and never goes back", () => {
    assert.ok(shares.every((share, index) => share >= (shares[index - 1] ?? 0)));
    assert.equal(shares.at(-1), 1);
  });

  it("plans for one more server than fits the highest utilisation at which the SLO is met", () => {
    // One server fewer whenever there are several: no plan at all if that were enough.
    const { pool } = SWING;
    const peak = Math.max(...plan.needs);
    const contest = { seed: 1, initialReplicas: peak - 2, maxReplicas: peak };
    const fewer = contend({ ...SWING, pool: { ...pool, maxNodes: 50 } }, new FixedScaler(peak - 2), contest);
    assert.ok(attainment(fewer) < OBJECTIVE);
  });

  it("loses no Spot node, whatever the pool does, and needs no maximum", () => {
    const pool = { ...SWING.pool, lossesPerNodeHour: 50, maxNodes: 1, minNodes: 1 };
    assert.deepEqual(clairvoyant({ ...SWING, pool }, { seed: 1 }).result, plan.result);
  });

  it("holds what it needs to come where no node is to be had", () => {
    const soldOut = clairvoyant({ ...SWING, coldStart: COLD_STARTS["stock-out"] }, { seed: 1 });
    assert.ok(soldOut.meets);
    const { at, ready } = soldOut.result.series;
    const peak = Math.max(...soldOut.needs);
    assert.deepEqual([ready[0], ready[at.indexOf(1185)], ready.at(-1)], [peak, peak, soldOut.needs.at(-1)]);
  });

  it("says so where no number of servers meets the SLO", () => {
    const slo = { ttftSeconds: 0.001, tpotSeconds: 0.2 };
    assert.equal(clairvoyant({ ...SWING, slo }, { seed: 1 }).meets, false);
  });
});

describe("the smallest fixed fleet", () => {
  const traffic = paced([[600, 6]]);
  const steady = scenario(traffic);
  const rounds = roundsOf(steady, [1]);
  const attainedBy = (replicas: number, { of = steady, seeds = [1] } = {}) =>
    pooledAttainment(
      seeds.map((seed) => {
        const contest = { seed, initialReplicas: replicas, maxReplicas: replicas };
        return contend(of, new FixedScaler(replicas), contest);
      }),
    );

  it("meets the SLO, and one server fewer does not", () => {
    const shares: number[] = [];
    const { replicas, results } = smallestFixedFleet(rounds, 40, (share) => shares.push(share)) ?? assert.fail();
    assert.ok(pooledAttainment(results) >= OBJECTIVE);
    assert.ok(replicas > 1);
    assert.ok(attainedBy(replicas - 1) < OBJECTIVE);
    assert.ok(Math.abs((results[0]?.gpuHours ?? 0) - replicas / 6) < 1e-9);
    assert.ok(shares.every((share, index) => share >= (shares[index - 1] ?? 0) && share <= 1));
  });

  it("is one for all samples: it may miss the SLO in one of them", () => {
    // Every second sample is busier.
    const swinging = scenario(
      trafficOf([], 600, { arrivals: (seed) => paced([[600, 6 + 6 * (seed % 2)]]).arrivals(1) }),
      {
        maxReplicas: "12",
      },
    );
    const [both, calm, busy] = [[2, 3], [2], [3]].map((seeds) => {
      const found = smallestFixedFleet(roundsOf(swinging, seeds), 40) ?? assert.fail();
      assert.equal(found.results.length, seeds.length);
      return found.replicas;
    });
    assert.ok(calm !== undefined && both !== undefined && busy !== undefined);
    assert.ok(calm <= both && both <= busy && calm < busy, `${calm} ${both} ${busy}`);
    assert.ok(attainedBy(both, { of: swinging, seeds: [2, 3] }) >= OBJECTIVE);
    assert.ok(attainedBy(both - 1, { of: swinging, seeds: [2, 3] }) < OBJECTIVE);
  });

  it("may be as large as the most, or 1", () => {
    const { replicas } = smallestFixedFleet(rounds, 40) ?? assert.fail();
    assert.equal(smallestFixedFleet(rounds, replicas)?.replicas, replicas);
    assert.equal(smallestFixedFleet(rounds, replicas - 1), undefined);
    assert.equal(smallestFixedFleet(roundsOf(scenario(paced([[600, 0.1]])), [1]), 9)?.replicas, 1);
  });

  it("is not held by the pool's maximum", () => {
    const { replicas } = smallestFixedFleet(rounds, 40) ?? assert.fail();
    const small = { ...steady, pool: { ...steady.pool, maxNodes: 1 } };
    assert.equal(smallestFixedFleet(roundsOf(small, [1]), 40)?.replicas, replicas);
  });
});

describe("the servers that a run begins with", () => {
  const starting = (...parameters: Parameters<typeof scenario>) => startingReplicas(scenario(...parameters), 1);

  it("are what the first five minutes need", () => {
    const calm = starting(paced([[600, 1]]), { maxReplicas: "50" });
    const busy = starting(paced([[600, 20]]), { maxReplicas: "50" });
    assert.ok(busy > 3 * calm && busy < 40, `${calm} ${busy}`);
    const later = paced([
      [300, 1],
      [300, 20],
    ]);
    assert.equal(starting(later, { maxReplicas: "50" }), calm);
  });

  it("have nothing to do with requests that are longer than the limits", () => {
    const traffic = paced([[300, 20]]);
    const mixed = [...traffic.arrivals(1)].flatMap((arrival) => [arrival, { ...arrival, inputTokens: 1e6 }]);
    const alone = starting(traffic, { maxReplicas: "50" });
    assert.equal(starting(trafficOf(mixed, 300), { maxReplicas: "50" }), alone);
  });

  it("are within the bounds of the HPA", () => {
    assert.equal(starting(paced([[600, 20]]), { maxReplicas: "2" }), 2);
    assert.equal(starting(paced([[600, 0.01]]), { minReplicas: "3" }), 3);
  });

  it("are right for a run that is shorter", () => {
    const long = starting(paced([[600, 10]]), { maxReplicas: "50" });
    assert.equal(starting(paced([[120, 10]]), { maxReplicas: "50" }), long);
  });

  it("can be had of a server that takes no time for a sequence", () => {
    const made = scenario(paced([[600, 2]]));
    const times = { ...made.server.times, decodePerSequenceSeconds: 0, decodePerKvTokenSeconds: 0 };
    const flat = { ...made, server: { ...made.server, times: { ...times, decodeBaseSeconds: SLO_HALF } } };
    assert.equal(startingReplicas(flat, 1), 1);
  });
});

/** Half of what a token may take, at which nothing is left for a sequence. */
const SLO_HALF = 0.1;
