/** Numbers of replicas, each with the moment in milliseconds at which it was noted. */
export interface Notes {
  readonly atMs: number[];
  readonly replicas: number[];
}

/**
 * What the controller remembers of one HPA, updated in place. A note that is too old to count gives its place to a
 * new one, as in the controller, so that there are never more than a window or a policy's period holds.
 */
export interface History {
  /** Proposals as they came from the metrics. */
  readonly recommendations: Notes;
  /** Replicas added by the controller; kept only for an HPA with a behavior, like the ones below. */
  readonly scaleUps: Notes;
  /** Replicas taken away by the controller, as a positive number. */
  readonly scaleDowns: Notes;
}

export function newHistory(): History {
  return { recommendations: newNotes(), scaleUps: newNotes(), scaleDowns: newNotes() };
}

function newNotes(): Notes {
  return { atMs: [], replicas: [] };
}

/** Notes a number in the place of the last note from before `staleMs`, else in a new place. */
export function note(notes: Notes, nowMs: number, replicas: number, staleMs: number): void {
  const { atMs } = notes;
  let place = atMs.length;
  for (let index = atMs.length - 1; index >= 0; index -= 1) {
    if ((atMs[index] ?? nowMs) < staleMs) {
      place = index;
      break;
    }
  }
  atMs[place] = nowMs;
  notes.replicas[place] = replicas;
}

/** Sum of what was noted after `sinceMs`. */
export function sumSince({ atMs, replicas }: Notes, sinceMs: number): number {
  let sum = 0;
  for (let index = 0; index < atMs.length; index += 1) {
    if ((atMs[index] ?? sinceMs) > sinceMs) sum += replicas[index] ?? 0;
  }
  return sum;
}

/** Largest of `least` and what was noted after `sinceMs`. */
export function maxSince({ atMs, replicas }: Notes, sinceMs: number, least: number): number {
  let max = least;
  for (let index = 0; index < atMs.length; index += 1) {
    const value = replicas[index] ?? least;
    if (value > max && (atMs[index] ?? sinceMs) > sinceMs) max = value;
  }
  return max;
}

/** Like `maxSince`, with what was noted at `fromMs` itself. */
export function maxFrom({ atMs, replicas }: Notes, fromMs: number, least: number): number {
  let max = least;
  for (let index = 0; index < atMs.length; index += 1) {
    const value = replicas[index] ?? least;
    if (value > max && (atMs[index] ?? 0) >= fromMs) max = value;
  }
  return max;
}

/** Smallest of `most` and what was noted after `sinceMs`. */
export function minSince({ atMs, replicas }: Notes, sinceMs: number, most: number): number {
  let min = most;
  for (let index = 0; index < atMs.length; index += 1) {
    const value = replicas[index] ?? most;
    if (value < min && (atMs[index] ?? sinceMs) > sinceMs) min = value;
  }
  return min;
}
