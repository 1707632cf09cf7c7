import { z } from "zod";

/** Labels that managed Prometheus sets by itself; writing another value into them is refused. */
const PROTECTED_LABEL = /^(project_id|location|cluster|namespace|job|instance|__address__|top_level_controller.*)$/;

const writableLabel = z
  .string()
  .regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "not a Prometheus label name")
  .refine((label) => !PROTECTED_LABEL.test(label), "a protected label");

const MILLISECONDS = { y: 31_536_000_000, w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 };
const DURATION = /^(?!$)(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;

function milliseconds(duration: string): number {
  const counts = DURATION.exec(duration)?.slice(1) ?? [];
  return Object.values(MILLISECONDS).reduce((sum, unit, index) => sum + unit * Number(counts[index] ?? 0), 0);
}

// It aborts, so that nothing compares what is no duration.
const duration = z.string().regex(DURATION, { error: 'not a Prometheus duration such as "15s"', abort: true });
const count = z.int().nonnegative();

/**
 * Left out on purpose: `labelmap`, `lowercase`, `uppercase`, `keepequal` and `dropequal`. The operator refuses each of
 * them when it writes the scrape configuration, although its CRD lets most of them in.
 */
const ACTIONS = ["replace", "keep", "drop", "hashmod", "labeldrop", "labelkeep"] as const;

/** The default regex matches everything, so without one of their own these keep or drop all there is. */
const NEEDS_REGEX = new Set<string>(["keep", "drop", "labeldrop"]);

/** They write a label, so they must say which. */
const NEEDS_TARGET = new Set<string>(["replace", "hashmod"]);

const relabelRule = z
  .strictObject({
    action: z.enum(ACTIONS).optional(),
    sourceLabels: z.array(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, "not a Prometheus label name")).optional(),
    separator: z.string().optional(),
    targetLabel: writableLabel.optional(),
    regex: z.string().optional(),
    modulus: count.optional(),
    replacement: z.string().optional(),
  })
  .superRefine((rule, context) => {
    const action = rule.action ?? "replace";
    const require = (field: "regex" | "targetLabel" | "modulus", needed: boolean) => {
      // The operator treats an empty string, and a modulus of 0, as one that is not there.
      if (needed && !rule[field]) {
        context.addIssue({ code: "custom", path: [field], message: `required by action ${action}` });
      }
    };
    require("regex", NEEDS_REGEX.has(action));
    require("targetLabel", NEEDS_TARGET.has(action));
    require("modulus", action === "hashmod");
  });

const endpoint = z
  .strictObject({
    port: z.union([z.string().min(1).max(253), z.int().min(1).max(65_535)], "must be a port's name or number"),
    path: z.string().optional(),
    interval: duration,
    timeout: duration.optional(),
    scheme: z.enum(["http", "https"]).optional(),
    params: z.record(z.string(), z.array(z.string())).optional(),
    metricRelabeling: z.array(relabelRule).max(250).optional(),
  })
  .superRefine(({ interval, timeout }, context) => {
    if (timeout !== undefined && milliseconds(timeout) > milliseconds(interval)) {
      context.addIssue({ code: "custom", path: ["timeout"], message: `longer than the interval, ${interval}` });
    }
  });

const labelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.discriminatedUnion("operator", [
        z.strictObject({ key: z.string(), operator: z.enum(["In", "NotIn"]), values: z.array(z.string()).min(1) }),
        z.strictObject({ key: z.string(), operator: z.enum(["Exists", "DoesNotExist"]) }),
      ]),
    )
    .optional(),
});

const TARGET_METADATA = ["pod", "container", "node", "top_level_controller_name", "top_level_controller_type"] as const;

const fromPod = z
  .strictObject({ from: z.string().min(1), to: z.string().optional() })
  .superRefine((mapping, context) => {
    // Without `to` the pod's label keeps its name, which then has to be one that Prometheus can write.
    const written = writableLabel.safeParse(mapping.to ?? mapping.from);
    for (const { message } of written.error?.issues ?? []) {
      context.addIssue({ code: "custom", path: [mapping.to === undefined ? "from" : "to"], message });
    }
  });

const targetLabels = z.strictObject({
  metadata: z
    .array(z.enum(TARGET_METADATA))
    .refine((labels) => new Set(labels).size === labels.length, "lists a label twice")
    .optional(),
  fromPod: z.array(fromPod).max(100).optional(),
});

const limits = z.strictObject({
  samples: count.optional(),
  labels: count.optional(),
  labelNameLength: count.optional(),
  labelValueLength: count.optional(),
});

/**
 * A PodMonitoring of managed Prometheus, by its CRD and by what its operator refuses later on. No npm package carries
 * it. Of the metadata only what this project writes is known here, and no endpoint's TLS or authorization fields are.
 */
export const podMonitoringSchema = z.strictObject({
  apiVersion: z.literal("monitoring.googleapis.com/v1"),
  kind: z.literal("PodMonitoring"),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.strictObject({
    selector: labelSelector,
    endpoints: z.array(endpoint).min(1).max(10),
    targetLabels: targetLabels.optional(),
    limits: limits.optional(),
    filterRunning: z.boolean().optional(),
  }),
});
