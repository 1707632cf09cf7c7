import * as gcp from "@pulumi/gcp/monitoring/alertPolicy";
import * as pulumi from "@pulumi/pulumi";
import { type AlertRule, documentationOf, durationOf } from "../observability/alertRule";
import { alertRules } from "../observability/alerts";
import type { ObservedStack } from "../observability/observedStack";
import type { AlertThresholds } from "../observability/thresholds";
import { childOptions, componentType } from "./component";

export interface AlertsArgs {
  readonly project: string;
  /** What is watched. */
  readonly stack: ObservedStack;
  /** Names of the notification channels that hear of it; with none, incidents are opened and nobody is told. */
  readonly notificationChannels: readonly string[];
  /** Instead of the thresholds and durations that follow from the stack. */
  readonly thresholds?: Partial<AlertThresholds>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The shortest that Google allows. */
const AUTO_CLOSE_SECONDS = 1800;
const EVALUATION_SECONDS = 30;

/** Alert policies that watch the autoscaler, what feeds it, and what its clients get. */
export class Alerts extends pulumi.ComponentResource {
  constructor(name: string, args: AlertsArgs, opts: pulumi.ComponentResourceOptions = {}) {
    super(componentType("Alerts"), name, {}, opts);
    for (const rule of alertRules(args.stack, args.thresholds)) {
      new gcp.AlertPolicy(`${name}-${rule.id}`, alertPolicy(rule, args), childOptions(this, opts));
    }
    this.registerOutputs({});
  }
}

function alertPolicy(rule: AlertRule, args: AlertsArgs): gcp.AlertPolicyArgs {
  const { cluster, namespace } = args.stack;
  return {
    project: args.project,
    displayName: `${cluster}/${namespace}: ${rule.title} (${durationOf(rule)})`,
    severity: rule.severity,
    combiner: "OR",
    conditions: [
      {
        displayName: rule.title,
        conditionPrometheusQueryLanguage: {
          query: rule.query,
          duration: `${rule.forSeconds}s`,
          evaluationInterval: `${EVALUATION_SECONDS}s`,
          alertRule: alertName(rule),
          ruleGroup: "gke-llm-autoscaling",
          // A project that has never seen a series of TGI would refuse the policy.
          disableMetricValidation: true,
        },
      },
    ],
    alertStrategy: { autoClose: `${AUTO_CLOSE_SECONDS}s` },
    documentation: { content: documentationOf(rule, args.stack), mimeType: "text/markdown" },
    ...(args.notificationChannels.length === 0 ? {} : { notificationChannels: [...args.notificationChannels] }),
    userLabels: args.labels,
  };
}

/** Prometheus' name of an alert: `hpa-at-maximum` → `HpaAtMaximum`. */
function alertName({ id }: AlertRule): string {
  return id.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
