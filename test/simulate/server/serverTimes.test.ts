import assert from "node:assert/strict";
import { rooflineStepTimes } from "../../../autoscaling/roofline";
import { MODELS } from "../../../catalog/models";
import type { StackConfig } from "../../../config/stackConfig";
import type { Calibration } from "../../../tools/simulate/server/calibration";
import { serverTimes } from "../../../tools/simulate/server/serverTimes";
import { PLAIN } from "./support";

const model = MODELS.get("google/gemma-2-9b-it") ?? assert.fail();

/** The part of a stack that decides how fast its server is. */
function stack(known = true): Pick<StackConfig, "server" | "gpuPool"> {
  const server = { modelId: "google/gemma-2-9b-it", model: known ? model : undefined, gpus: 2 };
  return { server, gpuPool: { accelerator: "nvidia-l4" } } as Pick<StackConfig, "server" | "gpuPool">;
}

const CALIBRATION: Calibration = {
  ...PLAIN,
  model: "google/gemma-2-9b-it",
  accelerator: "nvidia-l4",
  gpus: 2,
  maxBatchTotalTokens: 5,
  measuredAt: "2026-11-20",
};

describe("a server's step times", () => {
  it("are the roofline's, and say so", () => {
    const roofline = rooflineStepTimes({ model, accelerator: "nvidia-l4", gpus: 2 });
    assert.deepEqual(serverTimes(stack()), { source: "roofline", ...roofline });
  });

  it("are the calibration's where there is one, and say so", () => {
    const calibration = { file: "here.json", calibration: CALIBRATION };
    assert.deepEqual(serverTimes(stack(), calibration), { source: "calibration", ...PLAIN });
    assert.deepEqual(serverTimes(stack(false), calibration), { source: "calibration", ...PLAIN });
  });

  it("are not those of another server", () => {
    const other = { ...CALIBRATION, model: "google/gemma-2-2b-it", accelerator: "nvidia-tesla-a100", gpus: 1 } as const;
    const message = [
      'here.json: model ("google/gemma-2-2b-it"): the stack has "google/gemma-2-9b-it"',
      'here.json: accelerator ("nvidia-tesla-a100"): the stack has "nvidia-l4"',
      "here.json: gpus (1): the stack has 2",
    ].join("\n");
    assert.throws(() => serverTimes(stack(), { file: "here.json", calibration: other }), { message });
  });

  it("are unknown for a model outside the catalogue that nobody has measured", () => {
    assert.throws(() => serverTimes(stack(false)), /gemma-2-9b-it is not in the catalogue: only a calibration file/);
  });
});
