import assert from "node:assert/strict";
import { notRising, studentEstimate, wilsonEstimate } from "../../../tools/calibrate/measure/statistics";

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 5e-4, `${actual}, not ${expected}`);
}

describe("Student's interval", () => {
  it("is wide with few values", () => {
    // t is 4.3027 with two degrees of freedom; the deviation of 1, 2 and 3 is 1.
    const { mean, low, high } = studentEstimate([1, 2, 3]);
    assertNear(mean, 2);
    assertNear(high - mean, 4.3027 / Math.sqrt(3));
    assertNear(mean - low, 4.3027 / Math.sqrt(3));
  });

  it("is none of one value, and of none", () => {
    const { mean, low, high } = studentEstimate([5]);
    assert.deepEqual([mean, low, high], [5, Number.NaN, Number.NaN]);
    assert.ok(Number.isNaN(studentEstimate([]).mean));
  });
});

describe("Wilson's interval", () => {
  it("agrees with Newcombe's example: 81 of 263", () => {
    // Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I.
    const { mean, low, high } = wilsonEstimate(81, 263);
    assertNear(mean, 0.308);
    assertNear(low, 0.2553);
    assertNear(high, 0.3662);
  });

  it("agrees with Newcombe's example: 0 of 20", () => {
    const { low, high } = wilsonEstimate(0, 20);
    assertNear(low, 0);
    assertNear(high, 0.1611);
  });

  it("ends at 1, and is nothing of nothing", () => {
    assert.ok(Math.abs(wilsonEstimate(50, 50).high - 1) < 1e-12);
    assert.ok(Number.isNaN(wilsonEstimate(0, 0).mean));
  });
});

describe("a line that does not rise", () => {
  it("is the values where they do not", () => assert.deepEqual(notRising([3, 2, 2, 1], [1, 1, 1, 1]), [3, 2, 2, 1]));

  it("takes together those that do, by their weight", () => {
    assert.deepEqual(notRising([3, 1, 2, 0], [1, 1, 3, 1]), [3, 1.75, 1.75, 0]);
  });

  it("takes together as many as it must", () => {
    assert.deepEqual(notRising([4, 1, 2, 9], [1, 1, 1, 1]), [4, 4, 4, 4]);
  });
});
