import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { differencesOf } from "../../tools/vectors/check";
import { parseRow } from "../../tools/vectors/rows";

const FOLDER = join(__dirname, "../fixtures/hpa-vectors");
const ROWS: Readonly<Record<string, number>> = {
  "normalisation.jsonl.gz": 300,
  "replica-calculator.jsonl.gz": 3600,
};

describe("The HPA arithmetic agrees with the real controller", () => {
  for (const [file, count] of Object.entries(ROWS)) {
    it(`on every row of ${file}`, () => {
      const lines = gunzipSync(readFileSync(join(FOLDER, file)))
        .toString()
        .trimEnd()
        .split("\n");
      assert.equal(lines.length, count);
      for (const [index, line] of lines.entries())
        assert.deepEqual(differencesOf(parseRow(line)), [], `row ${index + 1}`);
    });
  }

  it("in every file", () => {
    assert.deepEqual(
      readdirSync(FOLDER).filter((file) => !file.endsWith(".md")),
      Object.keys(ROWS),
    );
  });
});
