import assert from "node:assert/strict";
import { join } from "node:path";
import type { V2HorizontalPodAutoscaler } from "@kubernetes/client-node";
import { makeDirectory } from "../../tools/makeDirectory";
import { replay } from "../../tools/vectors/replay";
import { parseJson } from "../../tools/vectors/rows";
import { parseTimeline } from "../../tools/vectors/timeline";
import { writeWhole } from "../../tools/writeWhole";
import type { Profile } from "./profile";

/** Timelines are for the simulator to replay; they are no part of the repository. */
const TIMELINES = join(__dirname, "..", "..", "out", "timelines");
/** Seen where the machine had nine times as much to do as it can: syncs more than a second after their time. */
const LATE_MS = 3000;

/** What was seen of an autoscaler at some moment. */
export interface Moment {
  /** Milliseconds since the timeline began. */
  readonly at: number;
  /** The average of each metric as the HPA's status has it; null before it has one. */
  readonly metrics: readonly (number | null)[];
  readonly current: number;
  readonly wanted: number;
  readonly ready: number;
}

/** A run of the real controller that a simulator can replay: what it saw, and what it made of it. */
export interface TimelineDocument {
  readonly version: 1;
  readonly scenario: string;
  readonly profile: Profile;
  readonly controllerFlags: readonly string[];
  readonly hpa: unknown;
  /** A moment for each change. */
  readonly moments: readonly Moment[];
}

/** Collects moments; one that repeats the last is left out. */
export class Timeline {
  readonly moments: Moment[] = [];
  private readonly begin = Date.now();

  add(hpa: V2HorizontalPodAutoscaler, ready: number): void {
    const { status } = hpa;
    const moment = {
      metrics: (hpa.spec?.metrics ?? []).map((_, index) => averageOf(status?.currentMetrics?.[index])),
      current: status?.currentReplicas ?? 0,
      wanted: status?.desiredReplicas ?? 0,
      ready,
    };
    const { at: _, ...last } = this.moments.at(-1) ?? { at: 0 };
    if (JSON.stringify(last) !== JSON.stringify(moment)) this.moments.push({ at: Date.now() - this.begin, ...moment });
  }
}

/**
 * Keeps a timeline, and holds the HPA arithmetic of `autoscaling/` against what the real controller did in it:
 * `npm run -s vectors` does so too, without the room for syncs that a busy machine has late. Runs beside each other
 * keep theirs in the same place: one of them is there, whole.
 */
export function keepTimeline(document: TimelineDocument): void {
  const text = `${JSON.stringify(document, null, 2)}\n`;
  const file = join(TIMELINES, `${document.scenario}.json`);
  makeDirectory(TIMELINES);
  writeWhole(file, text);
  const differences = replay(parseTimeline(parseJson(text)), LATE_MS);
  assert.deepEqual(differences, [], `the HPA arithmetic differs from the real controller's in ${file}`);
}

type MetricStatus = NonNullable<NonNullable<V2HorizontalPodAutoscaler["status"]>["currentMetrics"]>[number];

function averageOf(status: MetricStatus | undefined): number | null {
  const text = (status?.pods ?? status?.external)?.current.averageValue;
  if (text === undefined) return null;
  return text.endsWith("m") ? Number(text.slice(0, -1)) / 1000 : Number(text);
}
