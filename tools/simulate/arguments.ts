import { InvalidArgumentError } from "commander";
import { whole } from "../arguments";
import { DurationError, parseDuration } from "./duration";
import { MAX_SEED } from "./traffic/random";
import type { Slo } from "./world/figures";

/** A length of time such as `90s`, in seconds. */
export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

export const seed = whole(0, MAX_SEED);

/** The SLO of `--slo-ttft` and `--slo-tpot`, in seconds. */
export function sloOf({ sloTtft, sloTpot }: { readonly sloTtft: number; readonly sloTpot: number }): Slo {
  return { ttftSeconds: sloTtft, tpotSeconds: sloTpot };
}
