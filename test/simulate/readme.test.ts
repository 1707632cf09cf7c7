import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { runSimulate } from "../../tools/simulate/cli";

const ROOT = join(__dirname, "..", "..");
/** Not the repository's own stack files: their owner sets keys in them. */
const PROJECT = join(__dirname, "..", "fixtures", "project");

describe("the simulation in the README", () => {
  it("is what its command prints", async () => {
    const readme = readFileSync(join(ROOT, "README.md"), "utf8");
    const [, shown = ""] = /```text\n(Simulated,.*?)\n…\n```/s.exec(readme) ?? [];
    const folder = mkdtempSync(join(tmpdir(), "simulate-"));
    const out: string[] = [];
    await runSimulate(["--compare", "--set", "maxReplicas=12", "--out", folder], {
      directory: PROJECT,
      out: (text) => out.push(text),
      error: assert.fail,
      terminal: new Writable(),
      color: false,
    });
    rmSync(folder, { recursive: true });
    assert.equal(out.join("\n").slice(0, shown.length), shown);
    assert.ok(shown.includes("clairvoyant"));
  });
});
