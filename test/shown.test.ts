import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { shellWord, shownPath } from "../tools/shown";

describe("what people read", () => {
  it("names what is below them from where they are, and all else from the root", () => {
    assert.equal(shownPath(join(process.cwd(), "out", "dev")), join("out", "dev"));
    assert.equal(shownPath(join(process.cwd(), "..out")), "..out");
    assert.equal(shownPath(process.cwd()), ".");
    assert.equal(shownPath(dirname(process.cwd())), dirname(process.cwd()));
    assert.equal(shownPath("/elsewhere/dev"), "/elsewhere/dev");
  });

  it("gives a shell back what it was, and quotes nothing without need", () => {
    assert.equal(shellWord("out/dev/a-b_c.json"), "out/dev/a-b_c.json");
    for (const text of ["", "my dir/x", "it's", "$HOME;ls", "a\\b", "*", "~", "ü"]) {
      const { stdout } = spawnSync("sh", ["-c", `printf %s ${shellWord(text)}`], { encoding: "utf8" });
      assert.equal(stdout, text);
    }
  });
});
