import assert from "node:assert/strict";
import { type Calibrated, calibrationOf } from "../../../tools/calibrate/measure/calibrationFile";
import { CalibrationError, parseCalibration } from "../../../tools/simulate/server/calibration";

const TIMES = {
  ...{ prefillBaseSeconds: 0.0161234567, prefillPerTokenSeconds: 0.0000861239 },
  ...{ decodeBaseSeconds: 0.025, decodePerSequenceSeconds: 0, decodePerKvTokenSeconds: 5.0712349e-7 },
};
const CALIBRATED: Calibrated = {
  fit: { times: TIMES, maxBatchTotalTokens: 81_234 },
  model: "google/gemma-2-2b-it",
  accelerator: "nvidia-l4",
  gpus: 1,
  measuredAt: new Date(Date.UTC(2026, 10, 24, 12)),
};

describe("the calibration file", () => {
  it("is one that the simulator reads, with five digits of each constant", () => {
    assert.deepEqual(parseCalibration(calibrationOf({ ...CALIBRATED, notes: "one L4" }), "x"), {
      ...{ version: 1, model: "google/gemma-2-2b-it", accelerator: "nvidia-l4", gpus: 1 },
      ...{ prefillBaseSeconds: 0.016123, prefillPerTokenSeconds: 0.000086124 },
      ...{ decodeBaseSeconds: 0.025, decodePerSequenceSeconds: 0, decodePerKvTokenSeconds: 5.0712e-7 },
      ...{ maxBatchTotalTokens: 81_234, measuredAt: "2026-11-24T12:00:00.000Z", notes: "one L4" },
    });
  });

  it("leaves out what is not known", () => {
    const text = calibrationOf({ ...CALIBRATED, fit: { times: TIMES, maxBatchTotalTokens: undefined } });
    assert.ok(!text.includes("maxBatchTotalTokens") && !text.includes("notes"));
    assert.ok(text.endsWith("}\n"));
  });

  it("is not made of a fit that the simulator would refuse", () => {
    const times = { ...TIMES, decodeBaseSeconds: 0 };
    assert.throws(
      () => calibrationOf({ ...CALIBRATED, fit: { times, maxBatchTotalTokens: undefined } }),
      (error) => error instanceof CalibrationError && /decodeBaseSeconds \(0\): must be/.test(error.message),
    );
  });
});
