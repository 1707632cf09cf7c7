import assert from "node:assert/strict";
import { profileTraffic } from "../../../tools/simulate/traffic/profiles";
import { recordedTraffic } from "../../../tools/simulate/traffic/recorded";
import { split } from "../../../tools/simulate/traffic/split";
import { traceOf } from "./support";

describe("Traffic that is split for tuning", () => {
  it("cuts a trace in two by time", () => {
    const { training, heldOut } = split(recordedTraffic(traceOf([0, 1, 5, 6, 8])), 0.5);
    assert.deepEqual([training.durationSeconds, training.meanRate], [5, 0.4]);
    assert.deepEqual(
      [...training.arrivals(0)].map(({ at, inputTokens }) => [at, inputTokens]),
      [
        [0, 0],
        [1, 1],
      ],
    );
    assert.deepEqual([heldOut.durationSeconds, heldOut.meanRate], [5, 0.6]);
    assert.deepEqual(
      [...heldOut.arrivals(0)].map(({ at, inputTokens }) => [at, inputTokens]),
      [
        [0, 2],
        [1, 3],
        [3, 4],
      ],
    );
  });

  it("gives a generator other seeds, and all of its time", () => {
    const traffic = profileTraffic("bursts", { durationSeconds: 600 });
    const { training, heldOut } = split(traffic, 0.5);
    assert.deepEqual([...training.arrivals(1)], [...traffic.arrivals(1)]);
    assert.equal(heldOut.durationSeconds, 600);
    const unseen = [...heldOut.arrivals(1)];
    assert.deepEqual([...heldOut.arrivals(1)], unseen);
    for (let seed = 0; seed < 20; seed++) assert.notDeepEqual([...training.arrivals(seed)], unseen);
  });

  for (const fraction of [0, 1, -0.5, Number.NaN]) {
    it(`does not take the fraction ${fraction}`, () => {
      assert.throws(() => split(profileTraffic("steady"), fraction), {
        message: `fraction ${fraction}: must be above 0 and below 1`,
      });
    });
  }
});
