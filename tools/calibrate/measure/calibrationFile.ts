import type { AcceleratorName } from "../../../catalog/accelerators";
import { type Calibration, parseCalibration } from "../../simulate/server/calibration";
import type { Fit } from "../contract";

/** What was calibrated, and when. */
export interface Calibrated {
  readonly fit: Pick<Fit, "times" | "maxBatchTotalTokens">;
  /** Hugging Face id, as in the stack file. */
  readonly model: string;
  readonly accelerator: AcceleratorName;
  /** Of a replica. */
  readonly gpus: number;
  readonly measuredAt: Date;
  readonly notes?: string | undefined;
}

/** Digits of a constant: more than a measurement is worth, and no noise of the arithmetic. */
const DIGITS = 5;

/**
 * The text of a calibration file, as `simulate --calibration` reads it.
 *
 * @throws CalibrationError when the file would be refused, as with a decode step that takes no time.
 */
export function calibrationOf({ fit, model, accelerator, gpus, measuredAt, notes }: Calibrated): string {
  const { maxBatchTotalTokens } = fit;
  const rounded = (value: number) => Number(value.toPrecision(DIGITS));
  const calibration: Calibration & { readonly version: 1 } = {
    ...{ version: 1, model, accelerator, gpus },
    prefillBaseSeconds: rounded(fit.times.prefillBaseSeconds),
    prefillPerTokenSeconds: rounded(fit.times.prefillPerTokenSeconds),
    decodeBaseSeconds: rounded(fit.times.decodeBaseSeconds),
    decodePerSequenceSeconds: rounded(fit.times.decodePerSequenceSeconds),
    decodePerKvTokenSeconds: rounded(fit.times.decodePerKvTokenSeconds),
    ...(maxBatchTotalTokens === undefined ? {} : { maxBatchTotalTokens }),
    measuredAt: measuredAt.toISOString(),
    ...(notes === undefined ? {} : { notes }),
  };
  const text = `${JSON.stringify(calibration, null, 2)}\n`;
  parseCalibration(text, "the calibration");
  return text;
}
