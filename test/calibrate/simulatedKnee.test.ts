import assert from "node:assert/strict";
import { simulatedKnee } from "../../tools/calibrate/simulatedKnee";
import { attainment, contend, OBJECTIVE } from "../../tools/simulate/contend";
import type { Arrival } from "../../tools/simulate/traffic/arrival";
import { streams } from "../../tools/simulate/traffic/random";
import { FixedScaler } from "../../tools/simulate/world/scalers";
import { paced, scenario, trafficOf } from "../simulate/support";

describe("the knee of a simulated server", () => {
  const made = scenario(paced([[900, 1]]));
  const held = simulatedKnee(made, 3, 1) ?? assert.fail();

  /** What one server attains in two hours of other arrivals, as a Poisson process makes them. */
  function attained(rate: number): number {
    const { arrivals: random } = streams(4711);
    const arrivals: Arrival[] = [];
    for (let at = random.exponential() / rate; at < 7200; at += random.exponential() / rate) {
      arrivals.push({ at, inputTokens: 500, outputTokens: 200 });
    }
    const alone = { ...made, traffic: trafficOf(arrivals, 7200) };
    return attainment(contend(alone, new FixedScaler(1), { seed: 2, initialReplicas: 1, maxReplicas: 1 }));
  }

  it("is what it holds under other arrivals at this rate, and not much more", () => {
    assert.ok(attained(held * 0.93) >= OBJECTIVE, `${held}`);
    assert.ok(attained(held * 1.07) < OBJECTIVE, `${held}`);
  });

  it("is found from the roughest measure", () => {
    for (const measured of [held * 0.04, held * 0.6, held * 4, held * 20]) {
      assert.ok(Math.abs((simulatedKnee(made, measured, 1) ?? 0) / held - 1) < 0.1, `${measured}`);
    }
  });

  it("is none where the SLO is met under no load, or under all", () => {
    assert.equal(simulatedKnee({ ...made, slo: { ttftSeconds: 0.001, tpotSeconds: 0.001 } }, 3, 1), undefined);
    assert.equal(simulatedKnee({ ...made, slo: { ttftSeconds: 1e9, tpotSeconds: 1e9 } }, 0.001, 1), undefined);
  });

  it("takes the lengths of the traffic", () => {
    const longer = trafficOf([{ at: 0, inputTokens: 500, outputTokens: 800 }], 900, { meanRate: 1 });
    assert.ok((simulatedKnee({ ...made, traffic: longer }, held, 1) ?? held) < 0.5 * held);
  });
});
