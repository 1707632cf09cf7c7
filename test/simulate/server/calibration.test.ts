import assert from "node:assert/strict";
import { type Calibration, CalibrationError, parseCalibration } from "../../../tools/simulate/server/calibration";

const GOOD: Calibration = {
  model: "google/gemma-2-2b-it",
  accelerator: "nvidia-l4",
  gpus: 1,
  prefillBaseSeconds: 0,
  prefillPerTokenSeconds: 0.0001,
  decodeBaseSeconds: 0.02,
  decodePerSequenceSeconds: 0,
  decodePerKvTokenSeconds: 0,
  maxBatchTotalTokens: 80_000,
  measuredAt: "2026-11-20T10:00:00Z",
  notes: "a quiet evening",
};

function problemsOf(document: unknown, text = JSON.stringify(document)): readonly string[] {
  try {
    parseCalibration(text, "here.json");
  } catch (error) {
    assert.ok(error instanceof CalibrationError);
    assert.equal(error.message, error.problems.map((it) => `here.json: ${it}`).join("\n"));
    return error.problems;
  }
  return [];
}

describe("a calibration file", () => {
  it("is read as it stands", () => {
    assert.deepEqual(parseCalibration(JSON.stringify({ version: 1, ...GOOD }), "here.json"), { version: 1, ...GOOD });
  });

  it("may leave out what the server measured, and notes", () => {
    const { maxBatchTotalTokens: _, notes: __, ...rest } = GOOD;
    assert.deepEqual(parseCalibration(JSON.stringify({ version: 1, ...rest }), "x"), { version: 1, ...rest });
  });

  const SECONDS = "must be a number of seconds, 0 or more";
  const rows = [
    ["version", 2, "must be 1"],
    ["model", "", "must be the model's Hugging Face id"],
    ["model", 3, "must be the model's Hugging Face id"],
    ["accelerator", "t4", "must be one of nvidia-l4, nvidia-tesla-a100, nvidia-a100-80gb"],
    ["gpus", 0, "must be the GPUs of a replica, a whole number, 1 or more"],
    ["gpus", 1.5, "must be the GPUs of a replica, a whole number, 1 or more"],
    ["prefillBaseSeconds", -0.1, SECONDS],
    ["prefillPerTokenSeconds", true, SECONDS],
    ["decodeBaseSeconds", 0, "must be a number of seconds, more than 0"],
    ["decodePerSequenceSeconds", "0.1", SECONDS],
    ["decodePerKvTokenSeconds", null, SECONDS],
    ["maxBatchTotalTokens", 0, "must be the server's max_batch_total_tokens, a whole number, 1 or more"],
    ["measuredAt", "yesterday", "must be a date, or date and time with zone, in ISO 8601"],
    ["measuredAt", 2026, "must be a date, or date and time with zone, in ISO 8601"],
    ["notes", 1, "must be text"],
  ] as const;
  for (const [key, value, rule] of rows) {
    it(`with ${key} ${JSON.stringify(value)} says: ${rule}`, () => {
      const problem = `${key} (${JSON.stringify(value)}): ${rule}`;
      assert.deepEqual(problemsOf({ version: 1, ...GOOD, [key]: value }), [problem]);
    });
  }

  it("tells everything that is wrong at once, keys that are missing or unknown included", () => {
    const { decodeBaseSeconds: _, ...rest } = GOOD;
    const [missing, unknown, ...more] = problemsOf({ version: 1, ...rest, decodeBase: 1 });
    assert.equal(missing, "decodeBaseSeconds (not set): must be a number of seconds, more than 0");
    assert.match(unknown ?? "", /^decodeBase \(1\): there is no such key; there are version, model, .*, notes$/);
    assert.deepEqual(more, []);
  });

  it("must be a JSON object", () => {
    for (const document of [null, [], "text", 3]) assert.deepEqual(problemsOf(document), ["must be a JSON object"]);
    assert.match(problemsOf(undefined, "{")[0] ?? "", /^not JSON: /);
  });
});
