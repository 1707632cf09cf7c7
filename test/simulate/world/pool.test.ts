import assert from "node:assert/strict";
import { COLD_STARTS } from "../../../catalog/coldStarts";
import { Agenda } from "../../../tools/simulate/world/agenda";
import { type Node, NodePool, type PoolShape, type Tenant } from "../../../tools/simulate/world/pool";
import { COLD, POOL } from "./support";

/** A pool, with tenants that write down what they hear. Nodes take 100 s. */
function rig(shape: Partial<PoolShape> = {}, coldStart = COLD, uniform = () => 0.5) {
  const agenda = new Agenda();
  const pool = new NodePool({ ...POOL, ...shape }, coldStart, agenda, uniform);
  const log: string[] = [];
  const nodes: Node[] = [];
  class Guest implements Tenant {
    node: Node | undefined;

    constructor(readonly name: string) {}

    placed(node: Node, isNew: boolean, at: number): void {
      this.node = node;
      if (!nodes.includes(node)) nodes.push(node);
      log.push(`${this.name} on ${nodes.indexOf(node)} at ${at}, ${isNew ? "new" : "old"}, from ${node.availableAt}`);
    }

    evicted(at: number): void {
      log.push(`${this.name} evicted at ${at}`);
      pool.release(this, this.node, at);
    }
  }
  const admit = (name: string, at: number): Guest => {
    agenda.run(at);
    const guest = new Guest(name);
    pool.admit(guest, at);
    return guest;
  };
  const release = (guest: Guest, at: number) => {
    agenda.run(at);
    pool.release(guest, guest.node, at);
  };
  return { agenda, pool, log, admit, release };
}

describe("a pool's nodes", () => {
  it("are made for pods that find no room", () => {
    const { log, admit, pool } = rig();
    admit("a", 0);
    admit("b", 5);
    assert.deepEqual(log, ["a on 0 at 0, new, from 100", "b on 1 at 5, new, from 105"]);
    assert.equal(pool.size, 2);
  });

  it("take as long as the profile says, between its least and its most", () => {
    const pendingSeconds = { least: 100, most: 140 };
    const { log, admit } = rig({}, { ...COLD, pendingSeconds }, () => 0.25);
    admit("a", 10);
    assert.deepEqual(log, ["a on 0 at 10, new, from 120"]);
  });

  it("hold as many pods as fit, also while they are made, and are new to all that waited for them", () => {
    const { log, admit, pool } = rig({ replicasPerNode: 2 });
    admit("a", 0);
    admit("b", 50);
    admit("c", 60);
    admit("d", 160);
    assert.deepEqual(log, [
      "a on 0 at 0, new, from 100",
      "b on 0 at 50, new, from 100",
      "c on 1 at 60, new, from 160",
      "d on 1 at 160, old, from 160",
    ]);
    assert.equal(pool.size, 2);
  });

  it("that stand already are filled first, without a cold start", () => {
    const { log, admit, pool } = rig();
    pool.standBy(2);
    admit("a", 0);
    admit("b", 0);
    admit("c", 0);
    assert.deepEqual(log, ["a on 0 at 0, old, from 0", "b on 1 at 0, old, from 0", "c on 2 at 0, new, from 100"]);
  });

  it("are never more than the maximum: what finds no room waits, the first first", () => {
    const { log, admit, release, pool } = rig({ maxNodes: 1 });
    const a = admit("a", 0);
    const b = admit("b", 1);
    admit("c", 2);
    assert.equal(pool.size, 1);
    release(a, 300);
    release(b, 400);
    assert.deepEqual(log.slice(1), ["b on 0 at 300, old, from 100", "c on 0 at 400, old, from 100"]);
    assert.equal(pool.size, 1);
  });

  it("are not for who has stopped waiting", () => {
    const { log, admit, release } = rig({ maxNodes: 1 });
    const a = admit("a", 0);
    const b = admit("b", 1);
    admit("c", 2);
    release(b, 3);
    release(a, 300);
    assert.deepEqual(log.slice(1), ["c on 0 at 300, old, from 100"]);
  });

  it("never come when none are to be had, and cost nothing", () => {
    const { log, admit, agenda, pool, release } = rig({}, COLD_STARTS["stock-out"]);
    pool.standBy(1);
    const a = admit("a", 0);
    admit("b", 0);
    agenda.run(10_000);
    assert.deepEqual([log.length, pool.size, pool.gpuSeconds(10_000)], [1, 1, 10_000]);
    release(a, 10_001);
    assert.deepEqual(log.slice(1), ["b on 0 at 10001, old, from 0"]);
  });
});

describe("a pool's empty nodes", () => {
  it("go after they have been empty for a time, and are paid until then", () => {
    const { admit, release, agenda, pool } = rig({ gpusPerNode: 2 });
    release(admit("a", 10), 200);
    agenda.run(799.9);
    assert.equal(pool.size, 1);
    agenda.run(800);
    assert.equal(pool.size, 0);
    // From 10 to 800, two GPUs.
    assert.equal(pool.gpuSeconds(5000), 1580);
  });

  it("are kept if a pod comes in time, and go a whole time after it has left", () => {
    const { log, admit, release, agenda, pool } = rig();
    release(admit("a", 0), 200);
    const b = admit("b", 700);
    agenda.run(900);
    assert.equal(pool.size, 1);
    release(b, 1000);
    agenda.run(1599);
    assert.equal(pool.size, 1);
    agenda.run(1600);
    assert.equal(pool.size, 0);
    assert.deepEqual(log, ["a on 0 at 0, new, from 100", "b on 0 at 700, old, from 100"]);
  });

  it("are not empty while one of several pods is left", () => {
    const { admit, release, agenda, pool } = rig({ replicasPerNode: 2 });
    const a = admit("a", 0);
    const b = admit("b", 0);
    release(a, 200);
    agenda.run(1000);
    assert.equal(pool.size, 1);
    release(b, 1000);
    agenda.run(1600);
    assert.equal(pool.size, 0);
  });

  it("stay down to the minimum", () => {
    const { admit, release, agenda, pool } = rig({ minNodes: 1 });
    const guests = [admit("a", 0), admit("b", 0)];
    for (const guest of guests) release(guest, 200);
    agenda.run(5000);
    assert.equal(pool.size, 1);
    // Both until 800, one until 5000.
    assert.equal(pool.gpuSeconds(5000), 800 + 5000);
  });
});

describe("a pool of Spot nodes", () => {
  // At 0.5 a node lives ln 2 / 36 of an hour: 69.3 s from when it is available.
  const LIFE = (Math.log(2) / 36) * 3600;
  const spot = { lossesPerNodeHour: 36 };

  it("loses them with their pods, and pays until then", () => {
    const { log, admit, agenda, pool } = rig({ ...spot, replicasPerNode: 2 });
    admit("a", 10);
    admit("b", 20);
    agenda.run(110 + LIFE - 0.01);
    assert.equal(pool.size, 1);
    agenda.run(1000);
    assert.deepEqual(log.slice(2), [`a evicted at ${110 + LIFE}`, `b evicted at ${110 + LIFE}`]);
    assert.deepEqual([pool.size, pool.gpuSeconds(1000)], [0, 100 + LIFE]);
  });

  it("makes another for who waits, once it is below its maximum", () => {
    const { log, admit, agenda } = rig({ ...spot, maxNodes: 1 });
    admit("a", 0);
    admit("b", 1);
    agenda.run(100 + LIFE);
    const lostAt = 100 + LIFE;
    assert.deepEqual(log.slice(1), [`a evicted at ${lostAt}`, `b on 1 at ${lostAt}, new, from ${lostAt + 100}`]);
  });

  it("keeps its minimum, and gives up where no node is to be had", () => {
    const { agenda, pool } = rig({ ...spot, minNodes: 2 });
    pool.standBy(2);
    agenda.run(LIFE);
    assert.equal(pool.size, 2);
    const soldOut = rig({ ...spot, minNodes: 2 }, COLD_STARTS["stock-out"]);
    soldOut.pool.standBy(2);
    soldOut.admit("a", 0);
    soldOut.admit("b", 0);
    soldOut.admit("c", 0);
    soldOut.agenda.run(10_000);
    assert.equal(soldOut.pool.size, 0);
  });

  it("pays a node once that is lost while it is empty", () => {
    const { admit, release, agenda, pool } = rig(spot);
    release(admit("a", 0), 110);
    agenda.run(700);
    admit("b", 700);
    agenda.run(750);
    // The first until it was lost; the second from 700 on.
    assert.ok(Math.abs(pool.gpuSeconds(750) - (100 + LIFE + 50)) < 1e-9);
  });

  it("lets a node that has gone already be", () => {
    const { admit, release, agenda, pool } = rig({ ...spot, unneededSeconds: 0 });
    const a = admit("a", 0);
    release(a, 110);
    agenda.run(110);
    assert.equal(pool.size, 0);
    agenda.run(1000);
    assert.equal(pool.gpuSeconds(1000), 110);
  });
});
