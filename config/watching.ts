import { dashboardDocument } from "../observability/dashboard";
import { exceededLimits } from "../observability/dashboardDocument";
import { observedStack } from "./observe";
import type { StackConfig } from "./stackConfig";
import { type Verdict, when } from "./verdict";

/** What is to be said about dashboard and alerts. */
export function checkWatching(config: StackConfig): Partial<Verdict> {
  return { problems: dashboardProblems(config), warnings: channelWarnings(config) };
}

/** A dashboard grows with the metrics of the HPA. */
function dashboardProblems(config: StackConfig): Verdict["problems"] {
  if (!config.dashboard) return [];
  return exceededLimits(dashboardDocument(observedStack(config))).map((rule) => ({
    keys: ["extraMetrics", "dashboard"],
    value: `${config.autoscaler.metrics.length - 1} metrics`,
    rule: `Google would refuse the dashboard: ${rule}`,
    fix: "fewer extraMetrics, or pulumi config set dashboard false",
  }));
}

function channelWarnings({ alerts, notificationChannels, project }: StackConfig): readonly string[] {
  // Google looks for a channel in the project of the policy; one that is named by a number may be of that project.
  const foreign = notificationChannels.filter(
    (channel) => !channel.startsWith(`projects/${project}/`) && !/^projects\/\d+\//.test(channel),
  );
  return [
    ...when(
      alerts && notificationChannels.length === 0,
      "Alerts open incidents in Cloud Monitoring and tell nobody: notificationChannels is empty.",
    ),
    ...when(!alerts && notificationChannels.length > 0, "notificationChannels is not used: alerts is false."),
    ...foreign.map((channel) => `${channel} is not of project ${project}, where alerts look for their channels.`),
  ];
}
