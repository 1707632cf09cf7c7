import { z } from "zod";
import { parseThousandths } from "../../autoscaling/quantity";
import { scaleBehaviorSchema } from "../../config/scaleBehavior";
import { conform, MalformedRow } from "./rows";

const averageValue = z.string().refine((text) => (parseThousandths(text) ?? 0) > 0, "must be a positive quantity");
const target = z.object({ type: z.literal("AverageValue"), averageValue });
const metric = z.discriminatedUnion("type", [
  z.object({ type: z.literal("Pods"), pods: z.object({ metric: z.object({ name: z.string() }), target }) }),
  z.object({ type: z.literal("External"), external: z.object({ metric: z.object({ name: z.string() }), target }) }),
]);
export type TimelineMetric = z.infer<typeof metric>;

const moment = z.object({
  at: z.number(),
  metrics: z.array(z.number().nullable()),
  current: z.int(),
  wanted: z.int(),
});
export type Moment = z.infer<typeof moment>;

/** What the end-to-end run saw of an autoscaler of the real controller. */
const timeline = z.object({
  version: z.literal(1),
  controllerFlags: z.array(z.string()),
  hpa: z.object({
    minReplicas: z.int().optional(),
    maxReplicas: z.int(),
    metrics: z.array(metric).min(1, "must have at least one metric"),
    behavior: scaleBehaviorSchema(z).optional(),
  }),
  moments: z.array(moment).min(1, "must have at least one moment"),
});
export type Timeline = z.infer<typeof timeline>;

/** @throws {MalformedRow} */
export function parseTimeline(value: unknown): Timeline {
  if (typeof value !== "object" || value === null || !("moments" in value)) {
    throw new MalformedRow("has an unknown shape: a .json file is a timeline, with moments");
  }
  const parsed = conform(timeline, value);
  const uneven = parsed.moments.findIndex(({ metrics }) => metrics.length !== parsed.hpa.metrics.length);
  if (uneven >= 0) throw new MalformedRow(`moments.${uneven}.metrics: must be one for each metric of the HPA`);
  return parsed;
}

/** Seconds of a controller flag such as `--horizontal-pod-autoscaler-sync-period=750ms`. @throws {MalformedRow} */
export function flagSeconds({ controllerFlags }: Timeline, flag: string, defaultSeconds: number): number {
  const text = controllerFlags.find((given) => given.startsWith(`--${flag}=`))?.slice(flag.length + 3);
  return text === undefined ? defaultSeconds : durationSeconds(text);
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { ms: 1e-3, s: 1, m: 60, h: 3600 };

/** Seconds of a duration as Go writes it: `750ms`, `5m0s`. */
function durationSeconds(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) throw new MalformedRow(`controllerFlags: ${text} is not a duration`);
  let seconds = 0;
  for (const [, value, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    seconds += Number(value) * (UNIT_SECONDS[unit ?? ""] ?? Number.NaN);
  }
  return seconds;
}
