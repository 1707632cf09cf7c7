import assert from "node:assert/strict";
import { KvLimit } from "../../../tools/calibrate/measure/kvLimit";

describe("a full KV cache", () => {
  /** So many steps after a prefill, with a request that has waited since it. */
  function waited(steps: number, reserved: (step: number) => number = () => 1000): KvLimit {
    const limit = new KvLimit();
    limit.prefill();
    for (let step = 1; step <= steps; step += 1) limit.step(reserved(step), 0);
    return limit;
  }

  it("is one that leaves a request waiting for longer than TGI's patience of 20", () => {
    assert.deepEqual([waited(22).isFull, waited(22).highest], [false, undefined]);
    assert.deepEqual([waited(23).isFull, waited(24).highest], [true, 1000]);
  });

  it("counts what is reserved in two steps in a row", () => {
    assert.equal(waited(30, (step) => (step === 27 ? 5000 : 1000 + step)).highest, 1029);
  });

  it("has at least what was ever reserved for two steps, be it full or not", () => {
    assert.equal(new KvLimit().largest, undefined);
    assert.equal(waited(5, (step) => (step === 3 ? 5000 : 1000 + step)).largest, 1004);
  });

  it("is none while nobody waits, or only just", () => {
    const limit = waited(20);
    for (let step = 0; step < 9; step += 1) limit.step(1000, undefined);
    assert.equal(limit.highest, undefined);
    const sentAt = limit.steps;
    for (let step = 0; step < 10; step += 1) limit.step(1000, sentAt);
    assert.equal(limit.isFull, false);
    limit.step(1000, sentAt);
    assert.equal(limit.isFull, true);
  });

  it("is none any more after a prefill", () => {
    const limit = waited(30);
    limit.prefill();
    assert.equal(limit.isFull, false);
  });
});
