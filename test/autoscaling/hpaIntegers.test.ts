import assert from "node:assert/strict";
import { addInt32, int32, int64, quotient } from "../../autoscaling/hpa/integers";

describe("Go's integers", () => {
  // Seen of Go on amd64.
  const conversions = [
    [0, 0],
    [2.9, 2],
    [-2.9, -2],
    [-0.5, 0],
    [2_147_483_647, 2_147_483_647],
    [2_147_483_647.5, 2_147_483_647],
    [2_147_483_648, -2_147_483_648],
    [-2_147_483_647, -2_147_483_647],
    [-2_147_483_648.5, -2_147_483_648],
    [-2_147_483_649, -2_147_483_648],
    [3e9, -2_147_483_648],
    [Number.NaN, -2_147_483_648],
    [Number.POSITIVE_INFINITY, -2_147_483_648],
  ] as const;
  for (const [value, expected] of conversions) {
    it(`make ${value} the int32 ${expected}`, () => assert.equal(int32(value), expected));
  }

  it("make no number and what is too large the smallest int64", () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 1e19, -1e19, 2 ** 63])
      assert.equal(int64(value), -(2 ** 63));
    assert.equal(int64(5.9), 5);
    assert.equal(int64(-5.9), -5);
    assert.equal(int64(-(2 ** 63)), -(2 ** 63));
  });

  it("wrap around", () => {
    assert.equal(addInt32(5, 2_147_483_647), -2_147_483_644);
    assert.equal(addInt32(-5, -2_147_483_647), 2_147_483_644);
    assert.equal(addInt32(5, -7), -2);
  });

  it("are divided towards zero", () => {
    assert.equal(quotient(7, 2), 3);
    assert.equal(quotient(-7, 2), -3);
    assert.equal(quotient(-1, 2), 0);
    assert.equal(quotient(8, 2), 4);
  });
});
