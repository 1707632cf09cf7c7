import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { runVectors } from "../../tools/vectors/cli";

const CALCULATOR = {
  id: 1,
  kind: "external_avg",
  currentReplicas: 3,
  targetMilli: 60_000,
  tolUp: 0.1,
  tolDown: 0.1,
  pods: [],
  seriesMilli: [300_000],
  out: { replicas: 5, usageMilli: 100_000 },
};
const PODS = {
  ...CALCULATOR,
  kind: "pods_avg",
  seriesMilli: [],
  pods: [{ name: "p-0", phase: "Running", ready: false, deleted: false, sampleMilli: 90_000 }],
  out: { replicas: 2, usageMilli: 90_000 },
};
const FAILING = {
  ...CALCULATOR,
  seriesMilli: [],
  out: { replicas: 0, error: "x: no metrics returned from external metrics API" },
};
const STEP = { atSec: 0, current: 1, raw: 9, out: 4, able: "ReadyForNewScale", limited: "ScaleUpLimit" };
const SEQUENCE = {
  id: 1,
  min: 1,
  max: 10,
  behavior: null,
  steps: [STEP, { ...STEP, atSec: 15, current: 4, raw: 4, able: "ScaleDownStabilized", out: 8 }],
};
const jsonl = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

describe("npm run vectors", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vectors-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Runs the command on files of these contents; their folder is left out of what it prints. */
  async function run(files: Readonly<Record<string, string | Buffer>>, ...more: string[]) {
    const out: string[] = [];
    const error: string[] = [];
    const names = Object.entries(files).map(([name, content]) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    });
    const tell = (texts: string[]) => (text: string) => texts.push(text.replaceAll(`${folder}/`, ""));
    const code = await runVectors([...names, ...more], { out: tell(out), error: tell(error) });
    return { code, out, error };
  }

  it("counts rows that agree, of either shape", async () => {
    const { code, out } = await run({ "a.jsonl": jsonl(CALCULATOR, SEQUENCE, PODS, FAILING) });
    assert.deepEqual(out, ["4 rows, 0 differ"]);
    assert.equal(code, 0);
  });

  it("reads gzipped files, and a last line that does not end", async () => {
    const { code, out } = await run({ "a.jsonl.gz": gzipSync(jsonl(CALCULATOR, PODS).trimEnd()) });
    assert.deepEqual([code, out], [0, ["2 rows, 0 differ"]]);
  });

  it("reads lines that are longer than what is read at once", async () => {
    const long = { ...CALCULATOR, note: "ä".repeat(400_000) };
    const { code, out } = await run({ "a.jsonl": jsonl(long, CALCULATOR, long) });
    assert.deepEqual([code, out], [0, ["3 rows, 0 differ"]]);
  });

  it("counts each file and all of them", async () => {
    const wrong = { ...CALCULATOR, out: { replicas: 6, usageMilli: 1 } };
    const { code, out } = await run({ "a.jsonl": jsonl(CALCULATOR), "b.jsonl": jsonl(PODS, wrong) });
    assert.deepEqual(out, [
      "a.jsonl: 1 rows, 0 differ",
      "b.jsonl:2 out.replicas: expected 6, got 5",
      "b.jsonl:2 out.usageMilli: expected 1, got 100000",
      "b.jsonl: 2 rows, 1 differ",
      "3 rows, 1 differ",
    ]);
    assert.equal(code, 1);
  });

  const wrong: readonly (readonly [string, object, string])[] = [
    ["the replicas", { ...PODS, out: { replicas: 3, usageMilli: 90_000 } }, "out.replicas: expected 3, got 2"],
    ["the usage", { ...PODS, out: { replicas: 2, usageMilli: 89_999 } }, "out.usageMilli: expected 89999, got 90000"],
    ["an error that is missing", { ...PODS, out: { replicas: 0, error: "x" } }, "out.error: expected x, got none"],
    [
      "an error that is not expected",
      { ...FAILING, out: { replicas: 0 } },
      "out.error: expected none, got no metrics returned from external metrics API",
    ],
    [
      "another error",
      { ...FAILING, out: { replicas: 0, error: "x" } },
      "out.error: expected x, got no metrics returned from external metrics API",
    ],
    ["a step's replicas", { ...SEQUENCE, steps: [{ ...STEP, out: 5 }] }, "steps[0].out: expected 5, got 4"],
    [
      "a step's AbleToScale",
      { ...SEQUENCE, steps: [{ ...STEP, able: "x" }] },
      "steps[0].able: expected x, got ReadyForNewScale",
    ],
    [
      "a step's ScalingLimited",
      { ...SEQUENCE, steps: [{ ...STEP, limited: "x" }] },
      "steps[0].limited: expected x, got ScaleUpLimit",
    ],
    [
      "the first step only",
      { ...SEQUENCE, steps: [STEP, { ...STEP, out: 5 }, { ...STEP, out: 6 }] },
      "steps[1].out: expected 5, got 4",
    ],
  ];
  for (const [what, row, line] of wrong) {
    it(`shows where it differs: ${what}`, async () => {
      const { code, out } = await run({ "a.jsonl": jsonl(row) });
      assert.deepEqual(out, [`a.jsonl:1 ${line}`, "1 rows, 1 differ"]);
      assert.equal(code, 1);
    });
  }

  it("does not compare a usage that the row leaves out", async () => {
    const { code } = await run({ "a.jsonl": jsonl({ ...PODS, out: { replicas: 2 } }) });
    assert.equal(code, 0);
  });

  it("expects the error of a metric that could not be fetched", async () => {
    const fetchError = "the server is currently unable to handle the request";
    const out = { replicas: 0, error: `unable to get metric m: ${fetchError}` };
    assert.equal((await run({ "a.jsonl": jsonl({ ...PODS, fetchError, out }) })).code, 0);
    assert.equal((await run({ "a.jsonl": jsonl({ ...PODS, fetchError }) })).code, 1);
  });

  it("shows ten rows that differ and counts the others", async () => {
    const rows = Array(12).fill({ ...PODS, out: { replicas: 3, usageMilli: 90_000 } });
    const { out } = await run({ "a.jsonl": jsonl(...rows) });
    assert.equal(out.filter((line) => line.includes("expected 3, got 2")).length, 10);
    assert.deepEqual(out.slice(-2), ["(10 differing rows shown, more are only counted)", "12 rows, 12 differ"]);
  });

  const { steps: _, ...noSteps } = SEQUENCE;
  const refused: readonly (readonly [string, string, string | Buffer, RegExp])[] = [
    ["a line that is not JSON", "a.jsonl", `${jsonl(PODS)}{"kind"\n`, /^a\.jsonl:2: is not JSON: /],
    ["an empty line", "a.jsonl", `${jsonl(PODS)}\n${jsonl(PODS)}`, /^a\.jsonl:2: is not JSON: /],
    ["a line that is no object", "a.jsonl", "[1]\n", /^a\.jsonl:1: is not an object$/],
    ["a line that is null", "a.jsonl", "null\n", /^a\.jsonl:1: is not an object$/],
    ["an unknown shape", "a.jsonl", jsonl(noSteps), /^a\.jsonl:1: has an unknown shape: neither kind .* nor steps/],
    ["an unknown kind", "a.jsonl", jsonl({ ...PODS, kind: "object_avg" }), /^a\.jsonl:1: kind: .*external_avg/],
    ["a field that is missing", "a.jsonl", jsonl({ ...PODS, tolUp: undefined }), /^a\.jsonl:1: tolUp: .*number/],
    [
      "a field of another type",
      "a.jsonl",
      jsonl({ ...PODS, seriesMilli: [1.5] }),
      /^a\.jsonl:1: seriesMilli\.0: must be a whole number$/,
    ],
    [
      "a sequence without steps",
      "a.jsonl",
      jsonl({ ...SEQUENCE, steps: [] }),
      /^a\.jsonl:1: steps: must have at least one step$/,
    ],
    [
      "a behavior that Kubernetes refuses",
      "a.jsonl",
      jsonl({ ...SEQUENCE, behavior: { up: {} } }),
      /^a\.jsonl:1: behavior: .*up/,
    ],
    ["an empty file", "a.jsonl", "", /^a\.jsonl: is empty: there is nothing to check$/],
    ["an empty gzipped file", "a.jsonl.gz", gzipSync(""), /^a\.jsonl\.gz: is empty/],
    ["a file that is not gzipped", "a.jsonl.gz", jsonl(PODS), /^a\.jsonl\.gz: cannot be read: incorrect header check$/],
    [
      "a file that ends too soon",
      "a.jsonl.gz",
      gzipSync(jsonl(PODS)).subarray(0, -12),
      /^a\.jsonl\.gz: cannot be read: unexpected end of file$/,
    ],
    ["another kind of file", "a.csv", "1,2\n", /^a\.csv: unknown kind of file: its name must end in/],
    ["a timeline that is not JSON", "a.json", "", /^a\.json: is not JSON: /],
    [
      "a .json file that is no timeline",
      "a.json",
      JSON.stringify(PODS),
      /^a\.json: has an unknown shape: .* timeline, with moments$/,
    ],
  ];
  for (const [what, name, content, message] of refused) {
    it(`refuses ${what}`, async () => {
      const { code, out, error } = await run({ [name]: content });
      assert.equal(code, 2);
      assert.deepEqual(out, []);
      assert.equal(error.length, 1);
      assert.match(error[0] ?? "", message);
    });
  }

  it("refuses a file that is not there, or is a folder", async () => {
    for (const name of ["none.jsonl", "none.jsonl.gz", "none.json"]) {
      const { code, error } = await run({}, join(folder, name));
      assert.equal(code, 2);
      assert.match(error[0] ?? "", new RegExp(`^${name.replaceAll(".", "\\.")}: cannot be read: ENOENT`));
    }
  });

  it("wants a file, and options that it knows", async () => {
    assert.equal((await run({})).code, 2);
    const { code, error } = await run({ "a.jsonl": jsonl(PODS) }, "--fast");
    assert.equal(code, 2);
    assert.match(error.join("\n"), /unknown option '--fast'/);
  });

  it("explains itself", async () => {
    const { code, out } = await run({}, "--help");
    assert.equal(code, 0);
    assert.match(out.join("\n"), /a sequence counts as one row/);
  });
});
