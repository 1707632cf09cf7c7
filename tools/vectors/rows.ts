import { z } from "zod";
import { scaleBehaviorSchema } from "../../config/scaleBehavior";

const whole = z.number().refine(Number.isInteger, "must be a whole number");

const pod = z.object({
  phase: z.enum(["Pending", "Running", "Succeeded", "Failed", "Unknown"]),
  deleted: z.boolean(),
  sampleMilli: whole.nullable(),
});

/** One call of the replica calculator. */
const calculatorRow = z.object({
  kind: z.enum(["pods_avg", "external_avg"]),
  currentReplicas: whole,
  targetMilli: whole,
  tolUp: z.number(),
  tolDown: z.number(),
  pods: z.array(pod),
  seriesMilli: z.array(whole),
  fetchError: z.string().optional(),
  out: z.object({ replicas: whole, usageMilli: whole.optional(), error: z.string().optional() }),
});
export type CalculatorRow = z.infer<typeof calculatorRow>;

/** One HPA through many syncs. */
const normalisationRow = z.object({
  min: whole,
  max: whole,
  behavior: scaleBehaviorSchema(z).nullish(),
  steps: z
    .array(
      z.object({ atSec: z.number(), current: whole, raw: whole, out: whole, able: z.string(), limited: z.string() }),
    )
    .min(1, "must have at least one step"),
});
export type NormalisationRow = z.infer<typeof normalisationRow>;

/** Why a text is not a row. */
export class MalformedRow extends Error {}

/** @throws {MalformedRow} */
export function parseRow(text: string): CalculatorRow | NormalisationRow {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new MalformedRow("is not an object");
  if ("kind" in value) return conform(calculatorRow, value);
  if ("steps" in value) return conform(normalisationRow, value);
  throw new MalformedRow("has an unknown shape: neither kind (replica calculator) nor steps (normalisation)");
}

/** @throws {MalformedRow} */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new MalformedRow(`is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws {MalformedRow} naming the first field that does not conform. */
export function conform<Schema extends z.ZodType>(schema: Schema, value: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MalformedRow(`${issue?.path.join(".") || "the whole"}: ${issue?.message}`);
}
