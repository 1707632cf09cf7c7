import assert from "node:assert/strict";
import { COLD_STARTS } from "../../../catalog/coldStarts";
import { COLD, fleetRig, POOL, request, SERVER } from "./support";

describe("a new pod", () => {
  it("waits for its node, loads, and serves", () => {
    const { fleet, states, started } = fleetRig();
    fleet.scaleTo(1, 10);
    // The node until 110, then 90 s.
    assert.deepEqual(
      [10, 109.9, 110, 199.9, 200].map((at) => states(at)[0]),
      ["pending", "pending", "loading", "loading", "ready"],
    );
    assert.deepEqual(
      started.map(([pod, at]) => [pod === fleet.pods[0], at]),
      [[true, 200]],
    );
    assert.equal(fleet.pods[0]?.readySince, 200);
  });

  it("takes between the least and the most of its profile", () => {
    const loadingSeconds = { least: 40, most: 80 };
    const { fleet, started, states } = fleetRig({ coldStart: { ...COLD, loadingSeconds }, uniform: () => 0.25 });
    fleet.scaleTo(1, 0);
    states(1000);
    assert.deepEqual(
      started.map(([, at]) => at),
      [150],
    );
  });

  it("starts warm on a node that stands, whatever the profile", () => {
    const { fleet, states } = fleetRig({ pool: { ...POOL, minNodes: 1 } });
    fleet.standBy(0);
    fleet.scaleTo(2, 10);
    // 45 to 75 s, so 60; the other one has to wait for a node.
    assert.deepEqual(states(10), ["loading", "pending"]);
    assert.deepEqual(states(69.9), ["loading", "pending"]);
    assert.deepEqual(states(70), ["ready", "pending"]);
  });

  it("starts as cold as the one that its new node was made for", () => {
    const { fleet, states } = fleetRig({ pool: { ...POOL, replicasPerNode: 2 } });
    fleet.scaleTo(2, 0);
    assert.deepEqual(states(189.9), ["loading", "loading"]);
    assert.deepEqual(states(190), ["ready", "ready"]);
  });

  it("waits for ever where no node is to be had, and only then", () => {
    const { fleet, states } = fleetRig({ coldStart: COLD_STARTS["stock-out"] });
    fleet.standBy(1);
    fleet.scaleTo(2, 0);
    assert.deepEqual(states(50_000), ["ready", "pending"]);
    fleet.pods[0]?.evicted(50_000);
    assert.deepEqual(states(60_000), ["ready", "pending"]);
  });

  it("gets requests while it loads if nobody probes it", () => {
    const { fleet, states } = fleetRig({ server: { ...SERVER, isProbed: false } });
    fleet.scaleTo(1, 0);
    const ready = [99, 100, 190].map((at) => [states(at)[0], fleet.ready.length]);
    assert.deepEqual(ready, [
      ["pending", 0],
      ["loading", 1],
      ["ready", 1],
    ]);
    assert.equal(fleet.ready[0]?.replica?.openRequests, 0);
  });

  it("is not ready before it serves if somebody does", () => {
    const { fleet, states } = fleetRig();
    fleet.scaleTo(1, 0);
    const ready = [100, 190].map((at) => [states(at)[0], fleet.ready.length]);
    assert.deepEqual(ready, [
      ["loading", 0],
      ["ready", 1],
    ]);
  });
});

describe("a fleet that stands when a run begins", () => {
  it("has nodes and servers that are ready, and the pool's fewest nodes", () => {
    const { fleet } = fleetRig({ pool: { ...POOL, minNodes: 3, replicasPerNode: 2 } });
    fleet.standBy(4);
    assert.deepEqual([fleet.ready.length, fleet.replicas, fleet.statusReplicas, fleet.pool.size], [4, 4, 4, 3]);
    const rounded = fleetRig({ pool: { ...POOL, replicasPerNode: 2 } });
    rounded.fleet.standBy(3);
    assert.equal(rounded.fleet.pool.size, 2);
  });

  it("is no larger than its pool", () => {
    const { fleet, states } = fleetRig({ pool: { ...POOL, maxNodes: 2 } });
    fleet.standBy(3);
    assert.deepEqual(states(1000), ["ready", "ready", "pending"]);
    assert.deepEqual([fleet.pool.size, fleet.ready.length], [2, 2]);
  });
});

describe("a fleet that shrinks", () => {
  it("gives up what waits, then what loads, then what serves, the youngest first", () => {
    const { fleet, states } = fleetRig();
    fleet.standBy(1);
    fleet.scaleTo(2, 10);
    fleet.scaleTo(3, 50);
    fleet.scaleTo(4, 110);
    // Ready since 0 and 200; loading since 150; pending until 210.
    assert.deepEqual(states(200), ["ready", "ready", "loading", "pending"]);
    const [first, second, third] = fleet.pods;
    fleet.scaleTo(3, 200);
    assert.deepEqual(fleet.pods, [first, second, third]);
    fleet.scaleTo(2, 200);
    assert.deepEqual(fleet.pods, [first, second]);
    fleet.scaleTo(1, 200);
    assert.deepEqual([first?.state, second?.state], ["ready", "deleted"]);
    assert.deepEqual([fleet.ready.length, fleet.statusReplicas], [1, 1]);
  });

  it("gives up the youngest of those that became what they are together", () => {
    const { fleet, states } = fleetRig();
    fleet.standBy(2);
    const [old] = fleet.pods;
    fleet.scaleTo(1, 5);
    assert.deepEqual(states(5), ["ready", "deleted"]);
    const pending = fleetRig();
    pending.fleet.scaleTo(2, 0);
    const [first] = pending.fleet.pods;
    pending.fleet.scaleTo(1, 1);
    assert.deepEqual(pending.fleet.pods, [first]);
    assert.equal(old?.readySince, 0);
  });

  it("gives up what waits before what loads, even if that is younger", () => {
    const { fleet, states } = fleetRig();
    fleet.standBy(1);
    fleet.scaleTo(2, 0);
    fleet.pods[0]?.delete(1);
    // It ends at 21, and what replaces it finds its node.
    assert.deepEqual(states(30), ["pending", "loading"]);
    fleet.scaleTo(1, 30);
    assert.deepEqual(states(30), ["loading"]);
  });

  it("takes no second time what is being deleted", () => {
    const { fleet, states } = fleetRig();
    fleet.standBy(3);
    fleet.scaleTo(2, 0);
    fleet.scaleTo(1, 1);
    assert.deepEqual(states(2), ["ready", "deleted", "deleted"]);
    fleet.scaleTo(2, 3);
    assert.equal(fleet.statusReplicas, 2);
    assert.deepEqual(states(3), ["ready", "deleted", "deleted", "pending"]);
  });

  it("gives the place of a pod that has not served to one that waits", () => {
    const { fleet, states } = fleetRig({ pool: { ...POOL, maxNodes: 1 } });
    fleet.scaleTo(2, 0);
    const [first, second] = fleet.pods;
    first?.delete(50);
    // The node was ordered at 0; the second pod is new to it too.
    assert.deepEqual([states(100)[0], fleet.pods[0] === second], ["loading", true]);
    assert.deepEqual(states(190)[0], "ready");
  });
});

describe("a server that is deleted", () => {
  it("sleeps for 20 s, then finishes what it has, and its node is free after that", () => {
    const { fleet, states, log, agenda } = fleetRig({ pool: { ...POOL, unneededSeconds: 0 } });
    fleet.standBy(1);
    const pod = fleet.pods[0] ?? assert.fail();
    // 2 s of prefill, 49 steps.
    pod.replica?.offer(request(0, 50), 0);
    fleet.scaleTo(0, 10);
    assert.equal(fleet.ready.length, 0);
    assert.deepEqual(states(50.9), ["deleted"]);
    assert.deepEqual(states(51), []);
    assert.deepEqual([log, pod.state, fleet.pool.size, agenda.nextAt], [["finished 51"], "gone", 0, Infinity]);
  });

  it("ends right after its sleep if it has nothing to do", () => {
    const { fleet, states } = fleetRig();
    fleet.standBy(1);
    fleet.scaleTo(0, 10);
    const [pod] = fleet.pods;
    assert.deepEqual(states(29.9), ["deleted"]);
    assert.deepEqual(states(30), []);
    // What has gone stays so.
    pod?.evicted(31);
    pod?.delete(32);
    assert.deepEqual([pod?.state, fleet.pods.length], ["gone", 0]);
  });

  it("drops after its drain what it has not finished", () => {
    const { fleet, states, log } = fleetRig();
    fleet.standBy(1);
    fleet.pods[0]?.replica?.offer(request(0, 500), 0);
    fleet.scaleTo(0, 10);
    // 20 s of sleep, 90 s of drain.
    assert.deepEqual(states(119.9), ["deleted"]);
    assert.deepEqual(states(120), []);
    assert.deepEqual(log, ["dropped 120"]);
  });
});

describe("a sample of a pod", () => {
  it("says its phase, and whether it is deleted", () => {
    const { fleet, states } = fleetRig({ metrics: 1 });
    fleet.scaleTo(1, 0);
    const pod = fleet.pods[0] ?? assert.fail();
    const see = (at: number) => {
      states(at);
      const { phase, deleted } = pod.sample(0, at);
      return `${phase} ${deleted}`;
    };
    assert.deepEqual([0, 100, 190].map(see), ["Pending false", "Running false", "Running false"]);
    pod.delete(200);
    assert.equal(see(200), "Running true");
  });

  it("has the newest value in thousandths, rounded up, or none", () => {
    const { fleet } = fleetRig({ metrics: 2 });
    fleet.standBy(1);
    const pod = fleet.pods[0] ?? assert.fail();
    pod.series[1]?.write(10, 12, 3.0001);
    assert.equal(pod.sample(1, 11).sampleMilli, null);
    assert.equal(pod.sample(1, 12).sampleMilli, 3001);
    assert.equal(pod.sample(0, 12).sampleMilli, null);
    assert.equal(pod.sample(2, 12).sampleMilli, null);
  });
});
