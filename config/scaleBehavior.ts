import type { z } from "zod";
import { quantityOf } from "../autoscaling/quantity";
import type { Zod } from "./read";

const TOLERANCE = "must be a share from 0 to 1, such as 0.05";

/**
 * The `behavior` of an `autoscaling/v2` HorizontalPodAutoscaler, with the bounds that the API server enforces.
 * Source: kubernetes `pkg/apis/autoscaling/validation/validation.go`, 1.35.
 */
export function scaleBehaviorSchema(z: Zod) {
  const wholeNumber = (min: number, max: number) => {
    const rule = `must be a whole number from ${min} to ${max}`;
    return z.number(rule).int(rule).min(min, rule).max(max, rule);
  };
  const policy = z.strictObject({
    type: z.enum(["Pods", "Percent"]),
    value: wholeNumber(1, 2_147_483_647),
    periodSeconds: wholeNumber(1, 1800),
  });
  // A share: 0.05 is 5 %. Kubernetes takes a quantity, which is what comes out.
  const tolerance = z
    .union([z.number(), z.string().regex(/^\d(\.\d{1,3})?$/, TOLERANCE)], TOLERANCE)
    .transform(Number)
    .refine((share) => share >= 0 && share <= 1, TOLERANCE)
    .transform(quantityOf);
  const rules = z.strictObject({
    stabilizationWindowSeconds: wholeNumber(0, 3600).optional(),
    selectPolicy: z.enum(["Max", "Min", "Disabled"]).optional(),
    policies: z.array(policy).min(1, "must have at least one policy").optional(),
    tolerance: tolerance.optional(),
  });
  return z.strictObject({ scaleUp: rules.optional(), scaleDown: rules.optional() });
}

export type ScaleBehavior = z.infer<ReturnType<typeof scaleBehaviorSchema>>;
