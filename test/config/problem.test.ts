import assert from "node:assert/strict";
import { formatProblem, formatProblems, type Problem, show } from "../../config/problem";
import { type Check, combine, figure, unless, when } from "../../config/verdict";

const problem: Problem = { keys: ["maxReplicas", "minReplicas"], value: "0", rule: "must be above 0", fix: "set it" };

describe("A value in a message", () => {
  it("is quoted", () => {
    assert.equal(show("abc"), '"abc"');
  });

  it("is whole up to 60 characters and cut beyond", () => {
    assert.equal(show("x".repeat(60)), `"${"x".repeat(60)}"`);
    assert.equal(show("x".repeat(61)), `"${"x".repeat(60)}…"`);
  });

  it("makes line breaks and control characters visible", () => {
    assert.equal(show('a\nb\r\t\u0000\u001b"'), '"a\\nb\\r\\t\\u0000\\u001b\\""');
  });

  it("stays valid text where it is cut inside a pair of surrogates", () => {
    assert.equal(show(`${"x".repeat(59)}😀`), `"${"x".repeat(59)}\\ud83d…"`);
  });
});

describe("A problem", () => {
  it("is one line of key, value, rule and fix", () => {
    assert.equal(formatProblem(problem), "maxReplicas (0): must be above 0. Fix: set it");
  });

  it("says when the key is not set", () => {
    assert.equal(
      formatProblem({ keys: ["location"], rule: "must be set", fix: "set it" }),
      "location (not set): must be set. Fix: set it",
    );
  });

  it("shows an empty value as it is", () => {
    assert.equal(formatProblem({ ...problem, value: "" }), "maxReplicas (): must be above 0. Fix: set it");
  });

  it("stands below the name of the stack and their number", () => {
    assert.equal(
      formatProblems("dev", [problem]),
      'Stack "dev" has 1 problem in its configuration:\n  - maxReplicas (0): must be above 0. Fix: set it',
    );
    assert.equal(
      formatProblems("dev", [problem, { keys: ["spot"], rule: "r", fix: "f" }]),
      'Stack "dev" has 2 problems in its configuration:\n' +
        "  - maxReplicas (0): must be above 0. Fix: set it\n  - spot (not set): r. Fix: f",
    );
  });
});

describe("A verdict", () => {
  const check = (name: string): Check => ({ name, state: "ok", figures: "1" });

  it("is put together in order, whatever its parts leave out", () => {
    const other: Problem = { ...problem, keys: ["spot"] };
    assert.deepEqual(
      combine([
        { problems: [problem], warnings: ["a"] },
        {},
        { checks: [check("x")] },
        { problems: [other], checks: [check("y")], warnings: ["b", "c"] },
      ]),
      { problems: [problem, other], checks: [check("x"), check("y")], warnings: ["a", "b", "c"] },
    );
    assert.deepEqual(combine([]), { problems: [], checks: [], warnings: [] });
  });

  it("has a problem only where a rule does not hold", () => {
    assert.deepEqual(
      unless(false, () => problem),
      [problem],
    );
    assert.deepEqual(
      unless(true, () => assert.fail("not asked for")),
      [],
    );
  });

  it("has a warning only where something is so", () => {
    assert.deepEqual(when(true, "careful"), ["careful"]);
    assert.deepEqual(when(false, "careful"), []);
  });

  it("writes figures with at most one decimal and separated thousands", () => {
    assert.deepEqual([0, 1, 2.04, 2.06, 8192, 1_234_567.89].map(figure), [
      "0",
      "1",
      "2",
      "2.1",
      "8,192",
      "1,234,567.9",
    ]);
  });
});
