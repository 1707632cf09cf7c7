import assert from "node:assert/strict";
import { Fifo } from "../../../tools/simulate/server/fifo";

function filled(count: number): Fifo<number> {
  const fifo = new Fifo<number>();
  for (let i = 0; i < count; i += 1) fifo.push(i);
  return fifo;
}

describe("a queue", () => {
  it("gives from the front, in the order of arrival, and knows how many are left", () => {
    const fifo = filled(5);
    assert.deepEqual(fifo.take(2, []), [0, 1]);
    assert.equal(fifo.length, 3);
    assert.deepEqual([fifo.at(0), fifo.at(2), fifo.at(3)], [2, 4, undefined]);
    fifo.push(5);
    assert.deepEqual(fifo.take(3, [9]), [9, 2, 3, 4]);
    assert.deepEqual(fifo.takeAll(), [5]);
    assert.equal(fifo.length, 0);
  });

  it("gives what there is where more is wanted", () => {
    const fifo = filled(2);
    assert.deepEqual(fifo.take(3, []), [0, 1]);
    fifo.push(2);
    assert.deepEqual([fifo.length, fifo.at(0)], [1, 2]);
  });

  it("keeps its order and its length while thousands pass", () => {
    const fifo = filled(3000);
    let next = 3000;
    for (let expected = 0; expected < 20_000; expected += 1) {
      assert.deepEqual(fifo.take(1, []), [expected]);
      fifo.push(next);
      next += 1;
      assert.equal(fifo.length, 3000);
    }
  });

  it("does not keep what has been taken", () => {
    const fifo = filled(100);
    for (let i = 0; i < 100_000; i += 1) {
      fifo.take(1, []);
      fifo.push(i);
    }
    const items: unknown = Reflect.get(fifo, "items");
    assert.ok(Array.isArray(items) && items.length < 3000, "the array grows with what has passed");
  });
});
