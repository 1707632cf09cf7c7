import { DCGM_EXPORTERS, METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { LIMITS } from "../../catalog/gke";
import { key } from "../key";
import { flag, oneOf, positiveNumber, structured, text, wholeNumber } from "../read";
import { scaleBehaviorSchema } from "../scaleBehavior";

/** The autoscaler, what feeds it, and what concerns the whole stack. */
export const scalingKeys = {
  metricStrategy: key(oneOf(METRIC_STRATEGIES), "`queue-size`", "**the signal that the HPA scales on**"),
  metricTarget: key(
    positiveNumber(),
    "by strategy × model × accelerator",
    "target per replica for queue and batch; **percent of one GPU** for the two GPU signals",
  ),
  extraMetrics: key(
    structured(
      (z) =>
        z.array(
          z.strictObject({
            strategy: z.enum(METRIC_STRATEGIES),
            target: z
              .number("must be a number above 0 with at most three decimals")
              .refine(
                (target) => target > 0 && target <= 1e9 && Math.abs(target * 1000 - Math.round(target * 1000)) < 1e-6,
                "must be a number above 0 with at most three decimals",
              ),
          }),
        ),
      "list of {strategy, target}",
      "a list of {strategy, target}",
      '[{"strategy":"batch-size","target":40}]',
    ),
    "none",
    "further metrics in the same HPA; the one that asks for the most replicas wins",
  ),
  minReplicas: key(
    wholeNumber(1, LIMITS.nodesPerPool),
    "1",
    "fewest server pods; 0 is impossible, no signal exists without a pod",
  ),
  maxReplicas: key(wholeNumber(1, LIMITS.nodesPerPool), "5", "most server pods"),
  scaleBehavior: key(
    structured(
      scaleBehaviorSchema,
      "object",
      "an object with scaleUp and scaleDown",
      '{"scaleDown":{"stabilizationWindowSeconds":600}}',
    ),
    "Kubernetes' own",
    "`behavior` of the HPA (autoscaling/v2); `tolerance` needs Kubernetes 1.35",
  ),
  dcgmExporter: key(
    oneOf(DCGM_EXPORTERS),
    "`gke-managed`",
    "whose exporter measures `dcgm-gpu-util`: GKE's own, or one that the stack installs",
  ),
  metricsAdapter: key(
    oneOf(["install", "existing"]),
    "`install`",
    "`existing`: something else already serves the metrics APIs of the cluster",
  ),
  enableApis: key(flag(), "`true`", "turn on the Google APIs that the stack uses (they stay on after destroy)"),
  dashboard: key(flag(), "`true`", "a Cloud Monitoring dashboard, fitted to the strategies in use"),
  alerts: key(flag(), "`true`", "alert policies that watch the autoscaler and the server"),
  notificationChannels: key(
    structured(
      (z) =>
        z
          .array(
            z
              .string()
              .regex(
                /^projects\/[a-z0-9.:-]{4,}\/notificationChannels\/[A-Za-z0-9_-]+$/,
                "must be projects/PROJECT/notificationChannels/ID; gcloud beta monitoring channels list shows them",
              ),
          )
          .refine(
            (channels) => channels.length <= LIMITS.notificationChannels,
            `must be at most ${LIMITS.notificationChannels} channels`,
          )
          .refine((channels) => new Set(channels).size === channels.length, "must not name a channel twice"),
      "list of channels",
      "a list of notification channels",
      '["projects/my-project/notificationChannels/1234567890"]',
    ),
    "none",
    "who hears of the alerts; none: incidents are opened in Cloud Monitoring, and nobody is told",
  ),
  calibration: key(
    text(
      /^sha256:[0-9a-f]{64}$/,
      "the digest of a calibration file: sha256: and 64 hexadecimal digits",
      `sha256:${"0".repeat(64)}`,
    ),
    "–",
    "digest of the calibration behind `metricTarget`; `npm run calibrate -- --write` sets both",
  ),
  labels: key(
    structured(
      (z) =>
        z.record(
          z
            .string()
            .regex(
              /^[a-z][a-z0-9_-]{0,62}$/,
              "must begin with a lower-case letter and hold at most 63 lower-case letters, digits, _ and -",
            ),
          z.string().regex(/^[a-z0-9_-]{0,63}$/, "must hold at most 63 lower-case letters, digits, _ and -"),
        ),
      "map",
      "a map of labels",
      '{"team":"ml"}',
    ),
    "none",
    "labels on the cloud resources that can carry them",
  ),
} as const;
