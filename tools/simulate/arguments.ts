import { InvalidArgumentError, Option } from "commander";
import { upTo, whole } from "../arguments";
import { DurationError, formatDuration, parseDuration } from "./duration";
import { MAX_SEED } from "./traffic/random";
import { FASTEST, LONGEST_RUN_SECONDS, MOST_REQUESTS_PER_SECOND } from "./traffic/resolve";
import { DEFAULT_SLO, type Slo } from "./world/figures";

/** A length of time such as `90s`, in seconds. */
export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof DurationError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** The length of a run, in seconds. */
export function runLength(text: string): number {
  const seconds = duration(text);
  if (seconds > LONGEST_RUN_SECONDS) {
    throw new InvalidArgumentError(`It must be at most ${formatDuration(LONGEST_RUN_SECONDS)}.`);
  }
  return seconds;
}

/** Requests per second. */
export const rate = upTo(MOST_REQUESTS_PER_SECOND);

export const speed = upTo(FASTEST);

export const seed = whole(0, MAX_SEED);

/** The options of the SLO, the same wherever there are some. */
export const SLO_OPTIONS = {
  ttft: () => limit("--slo-ttft <t>", "longest time to first token", DEFAULT_SLO.ttftSeconds),
  tpot: () => limit("--slo-tpot <t>", "longest time per token after it", DEFAULT_SLO.tpotSeconds),
} as const;

function limit(flags: string, description: string, seconds: number): Option {
  return new Option(flags, `${description}, such as 100ms, 2s, 1m`)
    .argParser(duration)
    .default(seconds, formatDuration(seconds));
}

/** The SLO of `--slo-ttft` and `--slo-tpot`, in seconds. */
export function sloOf({ sloTtft, sloTpot }: { readonly sloTtft: number; readonly sloTpot: number }): Slo {
  return { ttftSeconds: sloTtft, tpotSeconds: sloTpot };
}
