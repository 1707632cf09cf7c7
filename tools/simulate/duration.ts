/** A duration that cannot be read; its message names the text and the accepted forms. */
export class DurationError extends Error {}

const SECONDS_OF_UNIT = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;

const FORMS = "100ms, 2s, 15m, 24h or 7d";

/**
 * Reads a duration as the command line takes it: a plain decimal number and its unit, as in `100ms` or `24h`.
 *
 * A number alone is refused rather than guessed: for `--slo-ttft 2` seconds and milliseconds are equally likely.
 *
 * @returns seconds, above zero
 * @throws DurationError
 */
export function parseDuration(text: string): number {
  const match = /^(?<amount>\d+(?:\.\d+)?)(?<unit>ms|s|m|h|d)$/.exec(text.trim());
  if (match?.groups === undefined)
    throw new DurationError(`${JSON.stringify(text)} ${complaint(text.trim())}: ${FORMS}`);
  const { amount, unit } = match.groups;
  const seconds = Number(amount) * SECONDS_OF_UNIT[unit as keyof typeof SECONDS_OF_UNIT];
  if (!(seconds > 0)) throw new DurationError(`${JSON.stringify(text)} is no time at all: a duration is above zero`);
  return seconds;
}

function complaint(text: string): string {
  if (/^\d+(?:\.\d+)?$/.test(text)) return "has no unit: a duration is a number and its unit, like";
  if (text.startsWith("-")) return "is negative: a duration is above zero, like";
  return "is not a duration: it takes a number and its unit, like";
}

/** A duration as {@link parseDuration} reads it, in the largest unit that shows at most one decimal exactly. */
export function formatDuration(seconds: number): string {
  for (const unit of ["d", "h", "m", "s"] as const) {
    const amount = seconds / SECONDS_OF_UNIT[unit];
    if (amount >= 1 && Math.abs(amount * 10 - Math.round(amount * 10)) < 1e-9)
      return `${Math.round(amount * 10) / 10}${unit}`;
  }
  return seconds < 1 ? `${Math.round(seconds * 1000)}ms` : `${Math.round(seconds)}s`;
}
