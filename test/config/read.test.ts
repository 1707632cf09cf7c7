import assert from "node:assert/strict";
import { z } from "zod";
import {
  cpus,
  flag,
  gibibytes,
  oneOf,
  type Parser,
  positiveNumber,
  structured,
  text,
  wholeNumber,
} from "../../config/read";

/** What each text is read as, and what is said about those that cannot be read. */
function itReads<T>(
  parser: Parser<T>,
  values: readonly (readonly [string, T])[],
  bad: readonly string[],
  rule: string,
) {
  for (const [raw, value] of values) {
    it(`reads ${JSON.stringify(raw)} as ${JSON.stringify(value)}`, () => {
      assert.deepEqual(parser.parse(raw), { value });
    });
  }
  for (const raw of bad) {
    it(`does not read ${JSON.stringify(raw)}`, () => {
      assert.deepEqual(parser.parse(raw), { complaints: [{ path: "", rule }] });
    });
  }
  it("has an example that it reads itself", () => {
    assert.ok("value" in parser.parse(parser.example));
  });
}

describe("A word out of a closed set", () => {
  itReads(
    oneOf(["one", "two"]),
    [
      ["one", "one"],
      ["two", "two"],
    ],
    ["", "One", " one", "one,two", "onetwo"],
    "must be one of one, two",
  );

  it("lists the words as its type and takes the first as its example", () => {
    assert.equal(oneOf(["one", "two"]).type, "`one` `two`");
    assert.equal(oneOf(["one", "two"]).example, "one");
    assert.equal(oneOf([]).example, "");
  });
});

describe("A flag", () => {
  itReads(
    flag(),
    [
      ["true", true],
      ["false", false],
    ],
    ["", "True", "yes", "1", "0", "true ", "truefalse"],
    "must be true or false",
  );

  it("says its type and example", () => {
    assert.equal(flag().type, "boolean");
    assert.equal(flag().example, "true");
  });
});

describe("A whole number", () => {
  const bad = ["", "12abc", "x12", "2.5", "1e3", "1e3x", "0x10", " 3", "3 ", "3\n", "+3", "--3", "1_000", "1,000", "٣"];
  itReads(
    wholeNumber(-2, 1000),
    [
      ["-2", -2],
      ["0", 0],
      ["12", 12],
      ["1000", 1000],
    ],
    [...bad, "-3", "1001", "NaN", "Infinity", "99999999999999999999"],
    "must be a whole number from -2 to 1000",
  );

  it("reads up to 15 digits, which a number holds exactly", () => {
    const any = wholeNumber(0, Number.POSITIVE_INFINITY);
    assert.deepEqual(any.parse("999999999999999"), { value: 999_999_999_999_999 });
    assert.ok("complaints" in any.parse("1000000000000000"));
  });

  it("says its type and takes the smallest as its example", () => {
    assert.equal(wholeNumber(3, 9).type, "whole number");
    assert.equal(wholeNumber(3, 9).example, "3");
  });

  it("says which right one is nearest to another whole number", () => {
    const { nearest } = wholeNumber(3, 9);
    assert.deepEqual(
      ["99999999999999999999", "10", "-1", "2.5", "x", ""].map((raw) => nearest?.(raw)),
      ["9", "9", "3", undefined, undefined, undefined],
    );
  });
});

describe("A positive number", () => {
  const bad = ["", "0", "0.000", "-1", ".5", "5.", "1.2345", "1e3", "1e3x", "12abc", "x1", " 1", "1 ", "1.x", "1,5"];
  itReads(
    positiveNumber(),
    [
      ["10", 10],
      ["0.001", 0.001],
      ["2.5", 2.5],
      ["2.25", 2.25],
      ["2.125", 2.125],
      ["999999999.999", 999_999_999.999],
    ],
    [...bad, "NaN", "-1e99"],
    "must be a number above 0 with at most three decimals",
  );
  itReads(
    positiveNumber(),
    [["999999999", 999_999_999]],
    ["1000000000", "1e99", "Infinity"],
    "must be a number above 0 and below 1000000000 with at most three decimals",
  );

  it("says its type and example", () => {
    assert.equal(positiveNumber().type, "number");
    assert.equal(positiveNumber().example, "10");
  });
});

describe("Text of a form", () => {
  itReads(
    text(/^[a-c]+$/, "letters from a to c", "abc"),
    [["cab", "cab"]],
    ["", "abd", "a\n"],
    "must be letters from a to c",
  );

  it("says its type", () => {
    assert.equal(text(/^/, "", "").type, "text");
  });
});

describe("CPUs", () => {
  itReads(
    cpus(),
    [
      ["2", 2],
      ["2.5", 2.5],
      ["500m", 0.5],
      ["100m", 0.1],
      ["416", 416],
    ],
    ["", "0", "99m", "0.09", "417", "416.5", "-1", "two", "2 ", "2cpu", "1e2"],
    "must be CPUs as Kubernetes writes them, such as 2 or 500m",
  );

  it("says its type and example", () => {
    assert.equal(cpus().type, "CPUs");
    assert.equal(cpus().example, "2");
  });
});

describe("A size", () => {
  itReads(
    gibibytes("16Gi"),
    [
      ["10Gi", 10],
      ["512Mi", 0.5],
      ["256Mi", 0.25],
      ["1Ti", 1024],
      ["64Ti", 65_536],
      // 2^30 bytes are one GiB: plain bytes are a quantity too.
      ["1073741824", 1],
    ],
    ["", "0", "255Mi", "65Ti", "65537Gi", "10", "10GiB", "10 Gi", "Gi", "-1Gi", "10gb"],
    "must be a size as Kubernetes writes it, such as 10Gi or 512Mi",
  );

  it("converts decimal units: 2 G are 2e9 bytes", () => {
    assert.deepEqual(gibibytes("1Gi").parse("2G"), { value: 2e9 / 1_073_741_824 });
  });

  it("says its type and the example it was given", () => {
    assert.equal(gibibytes("20Gi").type, "size");
    assert.equal(gibibytes("20Gi").example, "20Gi");
  });
});

describe("A structured value", () => {
  const item = z.strictObject({
    word: z.enum(["Max", "Min"]).optional(),
    count: z.number().int("not whole").optional(),
    even: z
      .number()
      .refine((number) => number % 2 === 0, "must be even")
      .optional(),
    list: z.array(z.string()).optional(),
    inner: z.strictObject({}).optional(),
  });
  const parser = structured(() => z.array(item), "list of things", "a list of things", '[{"count":1}]');
  const complaintsOf = (raw: string) => {
    const result = parser.parse(raw);
    return "complaints" in result ? result.complaints : [];
  };

  itReads(
    parser,
    [
      ["[]", []],
      ['[{"count":1},{"word":"Min","list":["a"]}]', [{ count: 1 }, { word: "Min", list: ["a"] }]],
    ],
    ["", "[", "{'a':1}", "undefined", "[1],"],
    "must be a list of things",
  );

  it("says its type and example", () => {
    assert.equal(parser.type, "list of things");
    assert.equal(parser.example, '[{"count":1}]');
  });

  const rows: Readonly<Record<string, readonly [raw: string, path: string, rule: string]>> = {
    "a field nobody knows": ['[{"cuont":1}]', "[0]", "has the unknown field cuont"],
    "several fields nobody knows": ['[{"a":1,"b":2}]', "[0]", "has the unknown field a, b"],
    "a word outside its set": ['[{},{"word":"max"}]', "[1].word", "must be one of Max, Min"],
    "a text for a number": ['[{"count":"1"}]', "[0].count", "must be a number"],
    "a fraction for a whole number": ['[{"count":1.5}]', "[0].count", "must be a whole number"],
    "a number for a text, deep inside": ['[{"list":["a",5]}]', "[0].list[1]", "must be a string"],
    "an object for a list": ['[{"list":{}}]', "[0].list", "must be a list"],
    "a list for an object": ['[{"inner":[]}]', "[0].inner", "must be an object"],
    "a value against a rule of its own": ['[{"even":3}]', "[0].even", "must be even"],
  };
  for (const [what, [raw, path, rule]] of Object.entries(rows)) {
    it(`says where and why it cannot read ${what}`, () => {
      assert.deepEqual(complaintsOf(raw), [{ path, rule }]);
    });
  }

  it("says everything that is wrong, not the first thing", () => {
    assert.deepEqual(
      complaintsOf('[{"count":"1"},{"word":"x"}]').map(({ path }) => path),
      ["[0].count", "[1].word"],
    );
  });
});
