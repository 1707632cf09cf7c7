import assert from "node:assert/strict";
import { attainment, contend, OBJECTIVE } from "../../tools/simulate/contend";
import { roundsOf, startingReplicas } from "../../tools/simulate/start";
import { FixedScaler } from "../../tools/simulate/world/scalers";
import { paced, scenario, trafficOf } from "./support";

describe("the servers that a run begins with", () => {
  const starting = (...parameters: Parameters<typeof scenario>) => startingReplicas(scenario(...parameters), 1);

  it("are the fewest that meet the SLO for five minutes, whatever comes then", () => {
    // Most of them come at the end of the five minutes.
    const begin = [
      [240, 1],
      [60, 12],
    ] as const;
    const replicas = starting(paced([...begin, [300, 20]]), { maxReplicas: "50" });
    const attained = [replicas - 1, replicas].map((servers) => {
      const contest = { seed: 1, initialReplicas: servers, maxReplicas: servers };
      const five = scenario(paced(begin), { maxReplicas: "50" });
      return attainment(contend(five, new FixedScaler(servers), contest));
    });
    assert.ok(replicas > 1);
    assert.deepEqual(
      attained.map((share) => share >= OBJECTIVE),
      [false, true],
      String(attained),
    );
    assert.equal(starting(paced([...begin, [300, 0.1]]), { maxReplicas: "50" }), replicas);
  });

  it("are those of the sample", () => {
    const arrivals = (seed: number) => paced([[600, seed === 1 ? 1 : 20]]).arrivals(seed);
    const [calm, busy] = roundsOf(scenario(trafficOf([], 600, { arrivals }), { maxReplicas: "50" }), [1, 2]);
    assert.ok(calm !== undefined && busy !== undefined);
    assert.ok(busy.contest.initialReplicas > 3 * calm.contest.initialReplicas);
    assert.deepEqual([calm.contest.seed, busy.contest.maxReplicas], [1, 50]);
  });

  it("have nothing to do with requests that are longer than the limits", () => {
    const traffic = paced([[300, 20]]);
    const mixed = [...traffic.arrivals(1)].flatMap((arrival) => [arrival, { ...arrival, inputTokens: 1e6 }]);
    const alone = starting(traffic, { maxReplicas: "50" });
    assert.equal(starting(trafficOf(mixed, 300), { maxReplicas: "50" }), alone);
  });

  it("are within the bounds of the HPA, all of them where none are enough", () => {
    assert.equal(starting(paced([[600, 20]]), { maxReplicas: "2" }), 2);
    assert.equal(starting(paced([[600, 0.01]]), { minReplicas: "3" }), 3);
  });

  it("are those of a longer time where few requests come", () => {
    // Every twentieth prompt takes longer alone than the SLO allows: by chance, none is among the first hundred.
    const arrivals = Array.from({ length: 1200 }, (_, index) => ({
      ...{ at: 3 * index, outputTokens: 20, inputTokens: index > 100 && index % 20 === 0 ? 4000 : 100 },
    }));
    const made = scenario(trafficOf(arrivals, 3600), { maxReplicas: "7" });
    assert.equal(startingReplicas({ ...made, slo: { ttftSeconds: 0.3, tpotSeconds: 0.2 } }, 1), 7);
  });

  it("have nothing to do with nodes that are lost later", () => {
    const made = scenario(paced([[300, 6]]), { maxReplicas: "50" });
    const spot = { ...made, pool: { ...made.pool, lossesPerNodeHour: 50 } };
    assert.equal(startingReplicas(spot, 1), startingReplicas(made, 1));
  });

  it("are right for a run that is shorter", () => {
    const long = starting(paced([[600, 10]]), { maxReplicas: "50" });
    assert.equal(starting(paced([[120, 10]]), { maxReplicas: "50" }), long);
  });
});
