import assert from "node:assert/strict";
import { wrap } from "../../tools/plan/text";

describe("wrapping", () => {
  it("breaks a text at spaces, every line but the first indented", () => {
    const [line, ...rest] = wrap(`${"word ".repeat(15)}and some more`, "  ", "").split("\n");
    assert.equal(line, `${"word ".repeat(15)}and`);
    assert.deepEqual(rest, ["  some more"]);
  });

  it("takes each line of a text by itself", () => {
    const line = `file.csv:7: ${"x".repeat(40)}`;
    const long = `${"word ".repeat(15)}and some more`;
    assert.equal(
      wrap([line, line, long, line].join("\n"), "  ", ""),
      [line, line, `${"word ".repeat(15)}and`, "  some more", line].join("\n"),
    );
  });
});
