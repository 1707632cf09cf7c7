import assert from "node:assert/strict";
import {
  intervalOf,
  largestOf,
  logAxis,
  rangeAxis,
  timeAxis,
  timeLabel,
  timesOf,
  valueAxis,
} from "../../tools/report/axis";
import { plain, short } from "../../tools/report/text";
import { fakeRun } from "./runs";

const labels = ({ ticks }: ReturnType<typeof timeAxis>) => ticks.map(({ label }) => label);
const HOUR = 3600;

describe("the axis of time", () => {
  for (const [seconds, label] of [
    [0, "0"],
    [45, "45 s"],
    [90, "1 min 30 s"],
    [20 * 60, "20 min"],
    [HOUR, "1 h"],
    [1.5 * HOUR, "1 h 30"],
    [HOUR + 300, "1 h 05"],
    [24 * HOUR, "24 h"],
    [48 * HOUR, "2 d"],
    [60 * HOUR, "2 d 12 h"],
  ] as const) {
    it(`says ${seconds} s as ${label}`, () => assert.equal(timeLabel(seconds), label));
  }

  it("has labels at round times", () => {
    assert.deepEqual(labels(timeAxis([0, 86400], 5)), ["0", "6 h", "12 h", "18 h", "24 h"]);
    assert.deepEqual(labels(timeAxis([0, 1800], 4)), ["0", "10 min", "20 min", "30 min"]);
    assert.deepEqual(labels(timeAxis([0, 60], 5)), ["0", "15 s", "30 s", "45 s", "1 min"]);
  });

  it("has about as many labels as asked for, however long the run", () => {
    for (const span of [1, 7, 100, 5000, 86400, 1e6, 1e7, 1e9]) {
      const { length } = timeAxis([0, span], 6).ticks;
      assert.ok(length >= 2 && length <= 7, `${length} labels for ${span} s`);
    }
  });
});

describe("the axis of values", () => {
  it("goes from 0 to a round value above the largest", () => {
    assert.deepEqual(valueAxis(87, 4).domain, [0, 100]);
    assert.deepEqual(labels(valueAxis(1870, 4)), ["0", "500", "1K", "1.5K", "2K"]);
  });

  it("labels counts at whole numbers only", () => {
    assert.deepEqual(labels(valueAxis(2, 4, true)), ["0", "1", "2"]);
    assert.deepEqual(labels(valueAxis(2, 4)), ["0", "0.5", "1", "1.5", "2"]);
  });

  it("is one of zeros where there is nothing to show", () => {
    for (const nothing of [0, Number.NaN, Number.POSITIVE_INFINITY, -1]) {
      assert.deepEqual(valueAxis(nothing, 2).domain, [0, 1]);
    }
  });
});

describe("what a run says of itself", () => {
  it("is the times and the interval of its entries", () => {
    assert.deepEqual(timesOf([fakeRun(10), fakeRun(20)]), [0, 300]);
    assert.deepEqual(timesOf([fakeRun(0)]), [0, 1]);
    assert.equal(intervalOf(fakeRun(10)), 15);
    assert.equal(intervalOf(fakeRun(1)), 0);
  });

  it("has the largest of values that may be missing", () => {
    assert.equal(largestOf([1, Number.NaN], new Float64Array([3])), 3);
    assert.equal(largestOf([], [Number.NaN]), 0);
  });
});

describe("texts of unknown origin", () => {
  it("lose what a terminal or a browser would obey", () => {
    assert.equal(plain("a\u001b[31mb\u0007\u202Ec\ud800"), "a\ufffd[31mb\ufffd\ufffdc\ufffd");
    assert.equal(plain("two\r\nlines\tlong – ✓ 漢字"), "two lines long – ✓ 漢字");
  });

  it("are short for numbers", () => {
    assert.deepEqual([0, 0.256, 12.34, 1234, 5e6, Number.NaN].map(short), ["0", "0.256", "12.3", "1.23K", "5M", "–"]);
  });
});

describe("a logarithmic axis", () => {
  const labels = (values: readonly number[], count: number, base?: 2 | 10) =>
    logAxis(values, count, base).ticks.map(({ label }) => label);

  it("goes from a round value to a round value, labelled as densely as there is room", () => {
    assert.deepEqual(labels([0.12, 1.5], 7), ["0.1", "0.2", "0.5", "1", "2"]);
    assert.deepEqual(labels([0.05, 20], 7), ["0.03", "0.1", "0.3", "1", "3", "10", "30"]);
    assert.deepEqual(labels([0.002, 900], 7), ["0.001", "0.01", "0.1", "1", "10", "100", "1K"]);
    assert.deepEqual(labels([1, 128], 9, 2), ["1", "2", "4", "8", "16", "32", "64", "128"]);
    assert.deepEqual(labels([3, 100], 9, 2), ["2", "4", "8", "16", "32", "64", "128"]);
    assert.deepEqual(labels([1, 4096], 9, 2), ["1", "4", "16", "64", "256", "1.02K", "4.1K"]);
  });

  it("has a domain for anything", () => {
    for (const values of [[], [0], [Number.NaN], [1], [7], [1e-9], [Number.POSITIVE_INFINITY, 3]]) {
      for (const base of [2, 10] as const) {
        const { domain, ticks } = logAxis(values, 5, base);
        assert.ok(domain[0] > 0 && domain[1] > domain[0], `${values}: ${domain}`);
        assert.ok(ticks.length > 0 && ticks.length <= 5);
      }
    }
  });

  it("holds all values", () => {
    for (const values of [
      [0.003, 17],
      [0.1, 0.1001],
      [2, 2, 64],
      [999, 1001],
    ]) {
      const [from, to] = logAxis(values, 5).domain;
      for (const value of values) assert.ok(from <= value && value <= to, `${values}: ${from} to ${to}`);
    }
  });

  it("is taken only where the values span much", () => {
    assert.equal(rangeAxis([0.1, 2.9], 5).scale, undefined);
    assert.deepEqual(rangeAxis([0.1, 2.9], 5).domain, [0, 3]);
    assert.equal(rangeAxis([0.1, 3.1, 0, Number.NaN], 5).scale, "log");
    assert.deepEqual(rangeAxis([], 5).domain, [0, 1]);
  });
});
