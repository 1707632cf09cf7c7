import assert from "node:assert/strict";
import { fleetRig, POOL, request } from "./support";

describe("a node that is lost", () => {
  it("takes its server along, whose requests are dropped once, and the server is replaced", () => {
    const { fleet, states, log } = fleetRig();
    fleet.standBy(1);
    const pod = fleet.pods[0] ?? assert.fail();
    pod.replica?.offer(request(0, 50), 0);
    pod.evicted(9);
    assert.deepEqual([log, pod.state, fleet.ready.length], [["dropped 9"], "gone", 0]);
    assert.deepEqual([fleet.pods.length, fleet.statusReplicas], [1, 1]);
    states(1000);
    assert.equal(log.length, 1);
    assert.equal(fleet.ready.length, 1);
  });

  it("has its pods replaced that load or wait", () => {
    for (const at of [50, 150]) {
      const { fleet, states } = fleetRig();
      fleet.scaleTo(1, 0);
      states(at);
      const pod = fleet.pods[0] ?? assert.fail();
      pod.evicted(at);
      assert.deepEqual([pod.state, fleet.statusReplicas], ["gone", 1]);
      assert.notEqual(fleet.pods[0], pod);
      // What was to happen to the old one happens no more.
      states(1000);
      assert.deepEqual([pod.state, pod.replica, fleet.ready.length], ["gone", undefined, 1]);
    }
  });

  it("ends what is deleted already, and nobody replaces that", () => {
    for (const at of [15, 40]) {
      const { fleet, states, log } = fleetRig();
      fleet.standBy(1);
      const pod = fleet.pods[0] ?? assert.fail();
      pod.replica?.offer(request(0, 500), 0);
      fleet.scaleTo(0, 10);
      states(at);
      pod.evicted(at);
      assert.deepEqual([fleet.pods.length, log], [0, [`dropped ${at}`]]);
      states(1000);
      assert.deepEqual([fleet.pods.length, log.length], [0, 1]);
    }
  });

  it("makes room for a pod that waits, when what it carried is not replaced", () => {
    const life = (Math.log(2) / 36) * 3600;
    const { fleet, states } = fleetRig({ pool: { ...POOL, maxNodes: 1, lossesPerNodeHour: 36 } });
    fleet.standBy(1);
    fleet.pods[0]?.replica?.offer(request(0, 500), 0);
    fleet.scaleTo(0, 10);
    fleet.scaleTo(1, 11);
    assert.deepEqual(states(life - 0.1), ["deleted", "pending"]);
    assert.deepEqual([states(life), fleet.pool.size], [["pending"], 1]);
    assert.deepEqual([life + 99.9, life + 100].map(states), [["pending"], ["loading"]]);
  });
});

describe("what has gone", () => {
  it("is remembered while its points can be read", () => {
    const { fleet } = fleetRig({ metrics: 2 });
    fleet.standBy(3);
    const [fresh, old, never] = fleet.pods;
    fresh?.series[1]?.write(750, 755, 1);
    old?.series[0]?.write(700, 705, 1);
    for (const pod of [fresh, old, never]) pod?.evicted(1000);
    assert.deepEqual(fleet.ghosts, [fresh]);
  });
});
