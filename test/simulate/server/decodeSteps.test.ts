import assert from "node:assert/strict";
import fc from "fast-check";
import { DecodeSteps } from "../../../tools/simulate/server/decodeSteps";

function steps(at: number, count: number, first: number, growth: number): DecodeSteps {
  const it = new DecodeSteps();
  it.start(at, count, first, growth);
  return it;
}

describe("decode steps", () => {
  // The first takes 3 s, and each half a second more than the one before: 3, 3.5, 4, 4.5.
  const ends = [10, 13, 16.5, 20.5, 25];
  for (const [count, end] of ends.entries()) {
    it(`end after ${count} at ${end} s`, () => assert.equal(steps(10, count, 3, 0.5).endAt, end));
  }

  it("end the first time where the first does", () => {
    assert.equal(steps(10, 4, 3, 0.5).firstEndsAt, 13);
  });

  const moments = [
    [10, 1],
    [10.5, 1],
    [13, 1],
    [13.000001, 2],
    [16.5, 2],
    [16.500001, 3],
    [20.5, 3],
    [24.999999, 4],
    [25, 4],
  ] as const;
  for (const [moment, step] of moments) {
    it(`have ${moment} s in step ${step}`, () => assert.equal(steps(10, 4, 3, 0.5).stepAt(moment), step));
  }

  it("have every moment in the one step that begins before it and does not end before it", () => {
    const seconds = fc.double({ min: 1e-4, max: 2, noNaN: true });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const counts = fc.integer({ min: 1, max: 5000 });
    fc.assert(
      fc.property(seconds, share, counts, share, (first, growth, count, part) => {
        const all = steps(0, count, first, first * growth);
        const moment = all.endAt * part;
        const step = all.stepAt(moment);
        assert.ok(step >= 1 && step <= count);
        assert.ok(steps(0, step, first, first * growth).endAt >= moment);
        if (step > 1) assert.ok(steps(0, step - 1, first, first * growth).endAt < moment);
      }),
    );
  });

  it("have the very end of a step in that step, and the next number in the next, however they are rounded", () => {
    for (let count = 1; count <= 2000; count += 1) {
      for (const growth of [0, 1e-7, 1e-5, 0.003]) {
        const end = steps(0, count, 0.0223, growth).endAt;
        const all = steps(0, 5000, 0.0223, growth);
        assert.equal(all.stepAt(end), count);
        assert.equal(all.stepAt(end * (1 + 2 * Number.EPSILON)), count + 1);
      }
    }
  });
});
