import assert from "node:assert/strict";
import { parseSelector, SelectorError } from "../../standins/adapter/selector";

const parsed = (text: string) => parseSelector(text).map(({ key, operator, values }) => [key, operator, ...values]);

describe("a label selector", () => {
  it("is read as the API server reads it", () => {
    assert.deepEqual(parsed(""), []);
    assert.deepEqual(parsed("app=gemma-server"), [["app", "=", "gemma-server"]]);
    assert.deepEqual(parsed("a = b , c==d, e!=f"), [
      ["a", "=", "b"],
      ["c", "==", "d"],
      ["e", "!=", "f"],
    ]);
    assert.deepEqual(parsed("a in (y, x,y),b notin (z)"), [
      ["a", "in", "x", "y"],
      ["b", "notin", "z"],
    ]);
    assert.deepEqual(parsed("c,!b,a>1,d<2"), [
      ["a", "gt", "1"],
      ["b", "!"],
      ["c", "exists"],
      ["d", "lt", "2"],
    ]);
    assert.deepEqual(parsed("example.com/name=x,resource.labels.cluster_name=y"), [
      ["example.com/name", "=", "x"],
      ["resource.labels.cluster_name", "=", "y"],
    ]);
  });

  it("may have empty values, and labels called like operators", () => {
    assert.deepEqual(parsed("a=,b="), [
      ["a", "=", ""],
      ["b", "=", ""],
    ]);
    assert.deepEqual(parsed("a in ()"), [["a", "in", ""]]);
    assert.deepEqual(parsed("a in (,b)"), [["a", "in", "", "b"]]);
    assert.deepEqual(parsed("in,notin=in"), [
      ["in", "exists"],
      ["notin", "=", "in"],
    ]);
  });

  it("keeps the order of requirements on one key", () => {
    assert.deepEqual(parsed("b=1,a!=2,a!=1"), [
      ["a", "!=", "2"],
      ["a", "!=", "1"],
      ["b", "=", "1"],
    ]);
  });

  for (const text of [
    ..."|,|a,|,a|a,,b|=b|a b|a=b c|a=b=c|a in b|a in (b|a in (b c)|a in|!|!a=b|a!|a>x|a<|a=>b|(a)|a in (b))"
      .split("|")
      .slice(1),
    "größe=a",
    "a=größe",
    "a=-b",
    "-a=b",
    "a/b/c=d",
    "A.com/b=c",
    'a="b"',
    `a=${"x".repeat(64)}`,
    "a=b|c",
  ]) {
    it(`is not ${JSON.stringify(text)}`, () => assert.throws(() => parseSelector(text), SelectorError));
  }
});
