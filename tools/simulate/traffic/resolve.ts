import { existsSync } from "node:fs";
import { closest, distance } from "fastest-levenshtein";
import { show } from "../../../config/problem";
import { formatDuration } from "../duration";
import { type Traffic, TrafficError } from "./arrival";
import { isProfileName, PROFILE_NAMES, profileTraffic } from "./profiles";
import { type Playback, recordedTraffic } from "./recorded";
import { readTrace } from "./trace";

/** Which traffic, and how it departs from what it is by itself. */
export interface TrafficRequest extends Playback {
  /** A profile, or the path of a trace; a profile's name is the profile even where a file has that name. */
  readonly traffic: string;
}

/** More than the largest pool serves, and an hour of it is simulated in less than a minute. */
export const MOST_REQUESTS_PER_SECOND = 10_000;
export const LONGEST_RUN_SECONDS = 31 * 86_400;
export const FASTEST = 1000;

/**
 * The traffic that a command line asks for.
 *
 * @throws TrafficError for an unknown profile, a trace that cannot be used, or a rate, length or speed out of range
 */
export async function resolveTraffic({ traffic, ...options }: TrafficRequest): Promise<Traffic> {
  checkRange("rate", options.rate, MOST_REQUESTS_PER_SECOND, `${MOST_REQUESTS_PER_SECOND} requests/s`);
  checkRange("duration in seconds", options.durationSeconds, LONGEST_RUN_SECONDS, formatDuration(LONGEST_RUN_SECONDS));
  checkRange("speed", options.speed, FASTEST, `${FASTEST} times as fast`);
  if (isProfileName(traffic)) {
    if (options.speed !== undefined) throw new TrafficError(`speed: only a trace has one, and ${traffic} is a profile`);
    return profileTraffic(traffic, options);
  }
  if (!looksLikeFile(traffic)) throw unknownProfile(traffic);
  return recordedTraffic(await readTrace(traffic), options);
}

function checkRange(what: string, value: number | undefined, most: number, end: string): void {
  if (value !== undefined && !(value > 0 && value <= most)) {
    throw new TrafficError(`${what} ${value}: must be above 0 and at most ${end}`);
  }
}

function looksLikeFile(traffic: string): boolean {
  return /[/\\]|\.\w+$/.test(traffic) || existsSync(traffic);
}

/** So many edits still make a typing error of a profile's name. */
const MOST_EDITS = 3;

function unknownProfile(traffic: string): TrafficError {
  const nearest = closest(traffic.toLowerCase(), PROFILE_NAMES);
  const hint = distance(traffic.toLowerCase(), nearest) <= MOST_EDITS ? ` Did you mean ${nearest}?` : "";
  return new TrafficError(
    `${show(traffic)} is neither a profile nor a file.${hint} Choose ${PROFILE_NAMES.join(", ")}, or a CSV file`,
    PROFILE_NAMES,
  );
}
