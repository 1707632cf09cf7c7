import { rooflineStepTimes, type StepTimes } from "../../../autoscaling/roofline";
import type { StackConfig } from "../../../config/stackConfig";
import { type Calibration, CalibrationError } from "./calibration";

/** Step times, and where they are from: every output of the simulator says it. */
export interface ServerTimes extends StepTimes {
  readonly source: "roofline" | "calibration";
}

/**
 * Step times of a stack's server: the calibration's, or else the roofline's.
 *
 * @throws CalibrationError when the calibration is of another server than the stack's.
 * @throws Error when there is no calibration and the model is not in the catalogue.
 */
export function serverTimes(
  { server, gpuPool }: Pick<StackConfig, "server" | "gpuPool">,
  calibration?: { readonly file: string; readonly calibration: Calibration },
): ServerTimes {
  const { model, modelId, gpus } = server;
  const { accelerator } = gpuPool;
  if (calibration !== undefined) {
    const { file, calibration: measured } = calibration;
    const pairs = [
      ["model", measured.model, modelId],
      ["accelerator", measured.accelerator, accelerator],
      ["gpus", measured.gpus, gpus],
    ] as const;
    const problems = pairs.flatMap(([key, value, wanted]) =>
      value === wanted ? [] : [`${key} (${JSON.stringify(value)}): the stack has ${JSON.stringify(wanted)}`],
    );
    if (problems.length > 0) throw new CalibrationError(file, problems);
    return { source: "calibration", ...stepTimesOf(measured) };
  }
  if (model === undefined) {
    throw new Error(`${modelId} is not in the catalogue: only a calibration file tells how fast it is`);
  }
  return { source: "roofline", ...rooflineStepTimes({ model, accelerator, gpus }) };
}

function stepTimesOf(calibration: Calibration): StepTimes {
  const { prefillBaseSeconds, prefillPerTokenSeconds } = calibration;
  const { decodeBaseSeconds, decodePerSequenceSeconds, decodePerKvTokenSeconds } = calibration;
  return {
    ...{ prefillBaseSeconds, prefillPerTokenSeconds },
    ...{ decodeBaseSeconds, decodePerSequenceSeconds, decodePerKvTokenSeconds },
  };
}
