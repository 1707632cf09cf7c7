import assert from "node:assert/strict";
import fc from "fast-check";
import { parseQuantity, parseThousandths, quantityOf } from "../../autoscaling/quantity";

describe("quantityOf", () => {
  const rows = [
    [0, "0"],
    [10, "10"],
    [140, "140"],
    [2.5, "2500m"],
    [0.001, "1m"],
    [0.0004, "0"],
    [0.0006, "1m"],
    [0.9994, "999m"],
    [0.9996, "1"],
    [1.0004, "1"],
    [1.0006, "1001m"],
    [0.1 + 0.2, "300m"],
  ] as const;
  for (const [value, expected] of rows) {
    it(`writes ${value} as ${expected}`, () => assert.equal(quantityOf(value), expected));
  }
});

describe("parseQuantity", () => {
  const rows = [
    ["0", 0],
    ["2", 2],
    ["2.5", 2.5],
    ["007", 7],
    ["500m", 0.5],
    ["3k", 3000],
    ["3M", 3_000_000],
    ["3G", 3_000_000_000],
    ["3T", 3_000_000_000_000],
    ["1Ki", 1024],
    ["1.5Mi", 1_572_864],
    ["10Gi", 10_737_418_240],
    ["1Ti", 1_099_511_627_776],
    ["12.25Gi", 13_153_337_344],
  ] as const;
  for (const [text, value] of rows) {
    it(`reads ${text} as ${value}`, () => assert.equal(parseQuantity(text), value));
  }

  const refused = ["", "m", "-1", "+1", "1e3", "1K", "1ki", "1mi", "1Pi", "1mm", "1GiB", "1 Gi", " 1", "1 ", "1\n"];
  for (const text of [...refused, ".5", "5.", "1.2.3", "1,5", "x1", "0x10", "1_000", "constructor"]) {
    it(`does not read ${JSON.stringify(text)}`, () => assert.equal(parseQuantity(text), undefined));
  }
});

describe("a quantity", () => {
  it("comes back as the number it was written from, to the nearest thousandth", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (value) => {
        const back = parseQuantity(quantityOf(value));
        assert.ok(back !== undefined && Math.abs(back - value) <= 0.0005 + 1e-9, `${value} came back as ${back}`);
      }),
    );
  });

  it("keeps every number of thousandths", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (thousandths) => {
        const back = parseQuantity(quantityOf(thousandths / 1000));
        assert.equal(Math.round((back ?? Number.NaN) * 1000), thousandths);
      }),
    );
  });

  it("is written in one way only", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e6 }), (thousandths) => {
        const text = quantityOf(thousandths / 1000);
        assert.equal(text.endsWith("m"), thousandths % 1000 !== 0);
        assert.equal(quantityOf(parseQuantity(text) ?? Number.NaN), text);
      }),
    );
  });
});

describe("parseThousandths", () => {
  const rows = [
    ["10", 10_000],
    ["2500m", 2500],
    ["4.03", 4030],
    ["1.005", 1005],
    ["0.0001", 1],
    ["2.0001", 2001],
    ["0", 0],
    ["1k", 1_000_000],
    ["ten", undefined],
  ] as const;
  for (const [text, milli] of rows) {
    it(`reads ${text} as ${milli}`, () => assert.equal(parseThousandths(text), milli));
  }

  it("reads what quantityOf writes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), (milli) => {
        assert.equal(parseThousandths(quantityOf(milli / 1000)), milli);
        assert.equal(parseThousandths((milli / 1000).toFixed(3)), milli);
      }),
    );
  });
});
