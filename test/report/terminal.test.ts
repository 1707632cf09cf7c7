import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { progress } from "../../tools/report/progress";
import { runLines } from "../../tools/report/terminal/run";
import { thin } from "../../tools/report/thin";
import { run } from "./support";

describe("a run on the terminal", () => {
  for (const width of [40, 80, 120]) {
    it(`is no wider than ${width} columns`, () => {
      for (const entries of [1, 3, 240, 5760]) {
        for (const line of runLines(run(entries), { width })) assert.ok([...line].length <= width, line);
      }
    });
  }

  it("shows load, replicas and the metric with its target and band, over one time axis", () => {
    const text = runLines(run(240)).join("\n");
    for (const part of [/^Load/m, /^Replicas/m, /^queue-size, requests .*target 10 .*band 9–11/m, /30 min/]) {
      assert.match(text, part);
    }
  });

  it("has no colours unless asked, and needs no more than ASCII where there is no more", () => {
    const plain = runLines(run(240)).join("\n");
    assert.ok(!plain.includes("\u001b"));
    assert.ok(runLines(run(240), { color: true }).join("\n").includes("\u001b["));
    const ascii = runLines(run(240), { ascii: true }).join("\n");
    assert.match(ascii, /^[\x20-\x7e\n]*$/);
  });

  it("leaves out the metric of a fleet that reads none", () => {
    const { metric: _, ...fixed } = run(240);
    assert.ok(!runLines(fixed).join("\n").includes("target"));
  });
});

describe("thinning", () => {
  it("keeps the extremes of every column, the ends, and gaps", () => {
    const values = Array.from({ length: 1000 }, () => 1);
    values[333] = 9;
    values[334] = -9;
    values[700] = Number.NaN;
    const at = values.map((_, index) => index);
    const kept = thin(at, values, [0, 999], 50);
    for (const index of [0, 333, 334, 700, 999]) assert.ok(kept.includes(index), String(index));
    assert.ok(kept.length < 100);
    assert.deepEqual(
      [...kept].sort((a, b) => a - b),
      kept,
    );
  });
});

describe("a progress bar", () => {
  function stream(isTTY: boolean) {
    const written: string[] = [];
    const writable = new Writable({
      write: (chunk, _encoding, done) => {
        written.push(String(chunk));
        done();
      },
    });
    return { written, stream: Object.assign(writable, { isTTY }) };
  }

  function play(isTTY: boolean, env: Record<string, string> = {}): string {
    const { written, stream: target } = stream(isTTY);
    const bar = progress(target, { label: "simulating" }, env);
    for (const share of [0, 0.5, 2]) bar.update(share, "targets");
    bar.end();
    return written.join("");
  }

  it("is on a terminal", () => {
    assert.match(play(true), /simulating .*%/);
  });

  it("is neither in a pipe, nor in continuous integration, nor on a dumb terminal", () => {
    for (const text of [play(false), play(true, { CI: "true" }), play(true, { TERM: "dumb" })]) assert.equal(text, "");
  });
});
