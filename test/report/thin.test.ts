import assert from "node:assert/strict";
import fc from "fast-check";
import { summarize, thin } from "../../tools/report/thin";

const COLUMNS = 10;
const times = (count: number) => Array.from({ length: count }, (_, index) => index);

describe("thinning a series", () => {
  const value = fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constant(Number.NaN));
  const series = fc.array(value, { minLength: 1, maxLength: 400, size: "max" });
  const some = (values: readonly number[]) => values.filter((entry) => !Number.isNaN(entry));

  it("keeps the first, the last and the extremes of every column", () => {
    fc.assert(
      fc.property(series, (values) => {
        const end = values.length;
        const kept = thin(times(end), values, [0, end], COLUMNS);
        assert.deepEqual(
          kept,
          [...new Set(kept)].sort((a, b) => a - b),
        );
        for (let column = 0; column < COLUMNS; column += 1) {
          const [from, to] = [(column * end) / COLUMNS, ((column + 1) * end) / COLUMNS];
          const inside = (index: number) => index >= from && index < to;
          const whole = some(values.filter((_, index) => inside(index)));
          const shown = some(drawn(kept, values).filter((_, index) => inside(index)));
          assert.equal(Math.max(...shown), Math.max(...whole));
          assert.equal(Math.min(...shown), Math.min(...whole));
        }
        const keptValues = some(kept.map((index) => values[index] ?? 0));
        assert.equal(keptValues[0], some(values)[0]);
        assert.equal(keptValues.at(-1), some(values).at(-1));
      }),
      { numRuns: 50 },
    );
  });

  /** What a line through the kept entries shows at each entry: the ends of a flat piece stand for its middle. */
  function drawn(kept: readonly number[], values: readonly number[]): readonly number[] {
    return values.map((value, index) => {
      const before = values[kept.findLast((other) => other <= index) ?? -1];
      const after = values[kept.find((other) => other >= index) ?? -1];
      if (kept.includes(index)) return value;
      return before !== undefined && before === after ? before : Number.NaN;
    });
  }

  it("keeps no more than a few points for each column", () => {
    const values = times(5760).map((index) => Math.sin(index) * index);
    assert.ok(thin(times(5760), values, [0, 5760], COLUMNS).length <= 4 * COLUMNS);
  });

  it("keeps one missing value for a gap, and the values around it", () => {
    const values = times(100).map((index) => (index >= 33 && index < 77 ? Number.NaN : index));
    const kept = thin(times(100), values, [0, 100], COLUMNS);
    const missing = kept.filter((index) => Number.isNaN(values[index]));
    assert.ok(missing.length >= 1 && missing.length <= 3, `${missing.length} missing values`);
    assert.ok(kept.includes(32) && kept.includes(77));
    assert.ok(missing.every((index) => index >= 33 && index < 77));
  });

  it("keeps everything that has a column for itself, but for the middle of flat pieces", () => {
    assert.deepEqual(thin(times(6), [1, 2, 2, 2, 3, 1], [0, 6], 100), [0, 1, 3, 4, 5]);
  });
});

describe("summaries of columns", () => {
  it("are minimum, mean and maximum, and leave out what is missing", () => {
    assert.deepEqual(summarize(times(6), [1, 3, Number.NaN, 5, Number.NaN, Number.NaN], [0, 6], 3), [
      { at: 1, min: 1, mean: 2, max: 3 },
      { at: 3, min: 5, mean: 5, max: 5 },
      { at: 5, min: Number.NaN, mean: Number.NaN, max: Number.NaN },
    ]);
  });

  it("stand where the entry is that has a column for itself", () => {
    assert.deepEqual(
      summarize([0, 7], [1, 2], [0, 10], 10).map(({ at }) => at),
      [0, 7],
    );
  });
});
