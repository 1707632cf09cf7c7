import type { MetricStrategy } from "../autoscaling/metricStrategy";
import { ADAPTER } from "../catalog/adapter";
import { DCGM } from "../catalog/dcgm";
import { OBSERVED } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import { type AlertRule, availableReplicas, hpaReplicas, kubectl } from "./alertRule";
import type { ObservedStack } from "./observedStack";
import { byPlace, onPlace, withPlaceLabels } from "./promql";
import { signalSeries } from "./signals";
import { type AlertThresholds, IDLE_WINDOW_SECONDS } from "./thresholds";
import { dutyCycleSeries, hpaSeries, podSeries, readySeries } from "./watched";

export function hpaCannotRead(stack: ObservedStack, { cannotReadSeconds }: AlertThresholds): AlertRule {
  const inactive = hpaSeries(OBSERVED.hpaCondition, stack, { condition: "ScalingActive", status: "false" });
  return {
    id: "hpa-cannot-read-metric",
    title: "HPA cannot read its metric",
    severity: "CRITICAL",
    // Before the first server runs there is nothing to read, and nothing wrong.
    query: onPlace(`${byPlace("max", inactive)} == 1`, "and", `${availableReplicas(stack)} > 0`),
    forSeconds: cannotReadSeconds,
    meaning:
      "The autoscaler is blind: its condition ScalingActive is false although servers run, so it keeps the number of replicas whatever the load does.",
    firstSteps: [
      `Read the reason: \`${kubectl(stack)} describe hpa ${TGI.hpaName}\``,
      "See whether the metrics APIs answer: `kubectl get apiservices | grep metrics.k8s.io`; False means that what serves them is down",
      stack.adapter
        ? `"could not find the descriptor": nobody has written the metric yet, or the adapter's grant of ${ADAPTER.role} has gone. A 403 at its start is in \`kubectl -n ${ADAPTER.namespace} logs deploy/${ADAPTER.name} --previous --tail=50\``
        : "Ask who runs the adapter of this cluster (`metricsAdapter: existing`): it must read Cloud Monitoring under these names",
    ],
  };
}

export function hpaAtMaximum(stack: ObservedStack, { atMaximumSeconds }: AlertThresholds): AlertRule {
  const maximum = hpaReplicas(OBSERVED.hpaMaxReplicas, stack);
  const minimum = hpaReplicas(OBSERVED.hpaMinReplicas, stack);
  const wanted = hpaReplicas(OBSERVED.hpaDesiredReplicas, stack);
  return {
    id: "hpa-at-maximum",
    title: "HPA is at its maximum",
    severity: "WARNING",
    // A stack of a fixed size is always there.
    query: onPlace(onPlace(wanted, ">=", maximum), "and", `(${onPlace(maximum, ">", minimum)})`),
    forSeconds: atMaximumSeconds,
    meaning:
      "The autoscaler has wanted maxReplicas for longer than new replicas need to start and bring the load down. More load finds no more capacity: queues grow, then clients are refused.",
    firstSteps: [
      "Look at the dashboard: is the signal still above its target, and are requests refused?",
      `See whether all replicas serve: \`${kubectl(stack)} get deploy ${TGI.deploymentName}\`; if not, follow "Replicas wanted are not ready"`,
      "If the load is real, raise maxReplicas (`npm start -- --set maxReplicas=N --diff` says what it needs), after checking the GPU quota",
    ],
  };
}

export function signalMissing(stack: ObservedStack, { signalSeconds }: AlertThresholds): AlertRule {
  const strategies = stack.metrics.map((metric) => metric.strategy);
  const present = strategies.map((strategy) => `count(${signalSeries(strategy, stack)})`).join(" and ");
  const requests = byPlace("sum", `rate(${podSeries(OBSERVED.tgiRequestCount, stack, {}, "15m")})`);
  const serving = onPlace(`${requests} > 0`, "and", `${availableReplicas(stack)} > 0`);
  return {
    id: "scaling-signal-missing",
    title: `Scaling signal is missing (${strategies.join(", ")})`,
    severity: "ERROR",
    query: `(${serving}) unless on () (${present})`,
    forSeconds: signalSeconds,
    meaning: `Requests arrive, but ${strategies.length > 1 ? "one of the signals that" : "the signal that"} the HPA scales on (${strategies.join(", ")}) has had no new point for more than five minutes, which is as far as the adapter looks back. (When no server is scraped at all, this ends after a while, because requests are not seen any more either; "Ready servers are not scraped" goes on.)`,
    firstSteps: [
      `See what the HPA makes of it: \`${kubectl(stack)} describe hpa ${TGI.hpaName}\``,
      `Query it in Metrics Explorer (PromQL): ${strategies.map((strategy) => `\`${signalSeries(strategy, stack)}\``).join(" and ")}`,
      `See to its source: ${strategies.map((strategy) => sourceOf(strategy, stack)).join("; ")}`,
    ],
  };
}

/** Who writes a signal, and the command that shows whether he does. */
function sourceOf(strategy: MetricStrategy, stack: ObservedStack): string {
  switch (strategy) {
    case "queue-size":
    case "batch-size":
      return `TGI's PodMonitoring, \`${kubectl(stack)} describe podmonitoring ${TGI.podMonitoringName}\``;
    case "gke-duty-cycle":
      return `system metrics, \`gcloud container clusters describe ${stack.cluster} --location ${stack.location} --format="value(monitoringConfig)"\``;
    case "dcgm-gpu-util": {
      const namespace = stack.dcgmExporter === "gke-managed" ? "gke-managed-system" : DCGM.namespace;
      return `the DCGM exporter on the GPU nodes, \`kubectl -n ${namespace} get pods -o wide\``;
    }
  }
}

export function gpuIdle(stack: ObservedStack, { idleSeconds, idlePercent }: AlertThresholds): AlertRule {
  const idlePods = `avg by (cluster_name, location, namespace_name, pod_name) (avg_over_time(${dutyCycleSeries(stack, WINDOW)})) < ${idlePercent}`;
  // A server that loads computes nothing, and during a rollout one always does.
  const readyPods = `${byPlace("max", `min_over_time(${readySeries(stack, WINDOW)})`, "pod")} == 1`;
  const idle = onPlace(withPlaceLabels(`(${idlePods})`), "and", `(${readyPods})`, "pod");
  const wanted = hpaReplicas(OBSERVED.hpaDesiredReplicas, stack);
  const minimum = hpaReplicas(OBSERVED.hpaMinReplicas, stack);
  return {
    id: "gpu-idle",
    title: "GPUs are allocated and idle",
    severity: "WARNING",
    query: onPlace(
      `${byPlace("count", idle)} > 0`,
      "and",
      // Wanted, not running: a rollout runs one more than anybody wants.
      `(${onPlace(wanted, ">", minimum)})`,
    ),
    forSeconds: idleSeconds,
    meaning: `The autoscaler wants more replicas than minReplicas, and the GPUs of at least one have been busy for less than ${idlePercent} % of the time, for longer than the HPA needs to scale down. They are paid for and do nothing.`,
    firstSteps: [
      `See what keeps the replicas: \`${kubectl(stack)} describe hpa ${TGI.hpaName}\`; a blind HPA does not scale down either`,
      "See whether the target is too low for the traffic: on the dashboard, the signal against its band",
      `See which are idle: \`${idlePods}\` in Metrics Explorer (PromQL). One that is idle beside busy ones may not be in the Service: \`${kubectl(stack)} get endpointslices -l kubernetes.io/service-name=${TGI.serviceName}\``,
    ],
  };
}

const WINDOW = `${IDLE_WINDOW_SECONDS / 60}m`;
