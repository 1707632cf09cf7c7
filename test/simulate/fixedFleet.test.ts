import assert from "node:assert/strict";
import { contend, OBJECTIVE, pooledAttainment } from "../../tools/simulate/contend";
import { smallestFixedFleet } from "../../tools/simulate/fixedFleet";
import { roundsOf } from "../../tools/simulate/start";
import { FixedScaler } from "../../tools/simulate/world/scalers";
import { paced, scenario, trafficOf } from "./support";

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

  it("is found between powers of two, and never above the most", () => {
    const found = [4, 6, 9, 12, 15].map((rate) => {
      const busy = roundsOf(scenario(paced([[600, rate]])), [1]);
      const { replicas } = smallestFixedFleet(busy) ?? assert.fail();
      assert.equal(smallestFixedFleet(busy, replicas)?.replicas, replicas);
      assert.equal(smallestFixedFleet(busy, replicas - 1), undefined);
      return replicas;
    });
    assert.ok(new Set(found).size > 3 && found.some((replicas) => Math.log2(replicas - 1) % 1 !== 0), String(found));
  });

  it("is not held by the pool's maximum", () => {
    const { replicas } = smallestFixedFleet(rounds, 40) ?? assert.fail();
    const small = { ...steady, pool: { ...steady.pool, maxNodes: 1 } };
    assert.equal(smallestFixedFleet(roundsOf(small, [1]), 40)?.replicas, replicas);
  });
});
