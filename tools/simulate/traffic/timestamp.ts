const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:(Z)|([+-])(\d\d):?(\d\d))?$/;
const NUMBER = /^\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?$/;

/** Seconds above this are later than the year 5000: milliseconds, more likely. */
const LATEST_SECONDS = 1e11;

/** A time in whole seconds and a fraction: one double would round the seven digits that Azure gives. */
export interface Timestamp {
  readonly form: "date" | "seconds";
  readonly seconds: number;
  readonly fraction: number;
}

/**
 * Reads a time as traces give it: `2023-11-16 18:15:46.6805900` (UTC where no zone is said), ISO 8601 or plain seconds.
 *
 * @returns the time, or what is wrong with the text
 */
export function parseTimestamp(text: string): Timestamp | string {
  return NUMBER.test(text) ? parseSeconds(text) : parseDate(text);
}

function parseSeconds(text: string): Timestamp | string {
  const value = Number(text);
  if (value > LATEST_SECONDS) return "is too large for seconds; divide milliseconds by 1000";
  const seconds = Math.floor(value);
  return { form: "seconds", seconds, fraction: value - seconds };
}

function parseDate(text: string): Timestamp | string {
  const match = DATE_TIME.exec(text);
  if (match === null) return /^-\s*[\d.]/.test(text) ? "is negative" : "is no time";
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHours, zoneMinutes] = match;
  const milliseconds = Date.UTC(+`${year}`, +`${month}` - 1, +`${day}`, +`${hour}`, +`${minute}`, +`${second}`);
  // Date.UTC takes the 31st of February for a day in March.
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (new Date(milliseconds).toISOString().slice(0, 19) !== written) return "is no date that exists";
  const zone = sign === undefined ? 0 : (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === "-" ? -60 : 60);
  return { form: "date", seconds: milliseconds / 1000 - zone, fraction: Number(fraction ?? 0) };
}
