import { ADAPTER } from "../catalog/adapter";
import { OBSERVED, SERIES } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import type { ObservedStack } from "./observedStack";
import { byPlace, onPlace, select, withPlaceLabels } from "./promql";
import { SERVER_POD, signalSeries } from "./signals";
import { type AlertThresholds, defaultThresholds, IDLE_WINDOW_SECONDS } from "./thresholds";

/** A PromQL alert, as Prometheus and Cloud Monitoring know them. */
export interface AlertRule {
  /** For resource names: `hpa-at-maximum`. */
  readonly id: string;
  /** What it is about, for people: `HPA is at its maximum`. */
  readonly title: string;
  readonly severity: "CRITICAL" | "ERROR" | "WARNING";
  readonly query: string;
  /** How long the query must have a result. */
  readonly forSeconds: number;
  readonly meaning: string;
  /** The first three things to do, in order; commands in backquotes. */
  readonly firstSteps: readonly [string, string, string];
}

/**
 * The alerts of a stack. Each is silent during an ordinary cold start, a scale-down and a rollout.
 *
 * @param thresholds instead of those that follow from the stack.
 */
export function alertRules(stack: ObservedStack, thresholds: Partial<AlertThresholds> = {}): readonly AlertRule[] {
  const limits = { ...defaultThresholds(stack), ...thresholds };
  return [
    hpaCannotRead(stack, limits),
    hpaAtMaximum(stack, limits),
    replicasNotReady(stack, limits),
    serverNotScraped(stack, limits),
    clientsRefused(stack, limits),
    ...(stack.adapter ? [adapterUnhealthy(stack, limits)] : []),
    signalMissing(stack, limits),
    // Who forbids the HPA to scale down has asked for idle GPUs.
    ...(stack.scaleDown.disabled ? [] : [gpuIdle(stack, limits)]),
  ];
}

/** What people read in an incident, in Markdown: Google allows 8,192 characters. */
export function documentationOf(rule: AlertRule, { cluster, location, project }: ObservedStack): string {
  return [
    rule.meaning,
    "",
    `First: \`gcloud container clusters get-credentials ${cluster} --location ${location} --project ${project}\`, then`,
    "",
    ...rule.firstSteps.map((step, index) => `${index + 1}. ${step}`),
    "",
    `It fires after ${durationOf(rule)}. More: docs/operations.md.`,
  ].join("\n");
}

/** How long the condition must hold, for people: `5 min`, `1 h 30 min`. */
export function durationOf({ forSeconds }: Pick<AlertRule, "forSeconds">): string {
  const parts = [
    { count: Math.floor(forSeconds / 3600), unit: "h" },
    { count: Math.floor((forSeconds % 3600) / 60), unit: "min" },
    { count: forSeconds % 60, unit: "s" },
  ];
  return parts.flatMap(({ count, unit }) => (count === 0 ? [] : [`${count} ${unit}`])).join(" ");
}

function hpaCannotRead(stack: ObservedStack, { cannotReadSeconds }: AlertThresholds): AlertRule {
  const inactive = select(OBSERVED.hpaCondition, stack, { ...HPA, condition: "ScalingActive", status: "false" });
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
      "See whether the metrics APIs answer: `kubectl get apiservices | grep metrics.k8s.io`; False means that the adapter is down",
      `"could not find the descriptor": nobody has written the metric yet, or the adapter's grant of ${ADAPTER.role} has gone. A 403 at its start is in \`kubectl -n ${ADAPTER.namespace} logs deploy/${ADAPTER.name} --previous --tail=50\``,
    ],
  };
}

function hpaAtMaximum(stack: ObservedStack, { atMaximumSeconds }: AlertThresholds): AlertRule {
  const maximum = byPlace("max", select(OBSERVED.hpaMaxReplicas, stack, HPA));
  const minimum = byPlace("max", select(OBSERVED.hpaMinReplicas, stack, HPA));
  const wanted = byPlace("max", select(OBSERVED.hpaDesiredReplicas, stack, HPA));
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

function replicasNotReady(stack: ObservedStack, { notReadySeconds }: AlertThresholds): AlertRule {
  const deployment = { deployment: TGI.deploymentName };
  const desired = select(OBSERVED.hpaDesiredReplicas, stack, HPA);
  // The larger wish of both: an HPA that has never decided wants 0, and the Deployment what it began with.
  const wanted = byPlace("max", `${desired} or ${select(OBSERVED.deploymentReplicas, stack, deployment)}`);
  const steps = [OBSERVED.deploymentAvailable, OBSERVED.deploymentUpdated].map(
    (series) => `changes(${select(series, stack, deployment, "2m")})`,
  );
  return {
    id: "replicas-not-ready",
    title: "Replicas wanted are not ready",
    severity: "ERROR",
    // The time begins anew with every server that gets ready, and with every step of a rollout (the moment between two
    // steps, in which all are ready, falls between two samples): a long climb is none that got stuck.
    query: onPlace(
      onPlace(wanted, "!=", availableReplicas(stack)),
      "unless",
      `${byPlace("max", steps.join(" + "))} > 0`,
    ),
    forSeconds: notReadySeconds,
    meaning:
      "The number of ready servers differs from what the autoscaler wants, and none has got ready, nor has a rollout made a step, for longer than a server may take to start. Usual reasons: no GPU to be had in the pool's zones (stock-out), no quota, a model or token that the server cannot load.",
    firstSteps: [
      `See which pods wait and why: \`${kubectl(stack)} describe pods -l ${SERVER_LABELS}\``,
      "Pending: look for scale-up errors, `kubectl get events -A --field-selector reason=FailedScaleUp`; GPU quota and stock are per region and zone (gpuZones, reservation)",
      `Running but not ready: \`${kubectl(stack)} logs -l ${SERVER_LABELS} --tail=50\``,
    ],
  };
}

function serverNotScraped(stack: ObservedStack, { notScrapedSeconds }: AlertThresholds): AlertRule {
  const ready = select(OBSERVED.containerReady, stack, { container: TGI.containerName, pod: SERVER_POD });
  const scraped = select(SERIES.tgiQueueSize, stack, { pod: SERVER_POD });
  const readyPods = `${byPlace("max", ready, "pod")} == 1`;
  return {
    id: "server-not-scraped",
    title: "Ready servers are not scraped",
    severity: "ERROR",
    query: `${byPlace("count", `${readyPods} unless on (cluster, location, namespace, pod) ${scraped}`)} > 0`,
    forSeconds: notScrapedSeconds,
    meaning:
      "Servers are ready, but managed Prometheus has no recent sample of them. The autoscaler does not count their load, and no other alert about requests can see them.",
    firstSteps: [
      `See whether the PodMonitoring still selects them: \`${kubectl(stack)} describe podmonitoring ${TGI.podMonitoringName}\`; its labels are ${SERVER_LABELS}, its port ${TGI.portName}`,
      `See whether a server answers: \`${kubectl(stack)} port-forward deploy/${TGI.deploymentName} ${TGI.port}\`, then \`curl -s localhost:${TGI.port}${TGI.metricsPath} | grep ${SERIES.tgiQueueSize.name}\``,
      "See whether the collectors run: `kubectl -n gmp-system get pods`",
    ],
  };
}

function clientsRefused(stack: ObservedStack, { refusedSeconds }: AlertThresholds): AlertRule {
  const refused = select(OBSERVED.tgiRequestFailure, stack, { err: "overloaded", pod: SERVER_POD }, "2m");
  return {
    id: "clients-refused",
    title: "Clients are refused",
    severity: "CRITICAL",
    query: `${byPlace("sum", `rate(${refused})`)} > 0`,
    forSeconds: refusedSeconds,
    meaning:
      "Servers answer HTTP 429: queue and running batch together have reached maxConcurrentRequests. (The first refusal of a pod is not counted: Cloud Monitoring takes it as the counter's start.)",
    firstSteps: [
      `See whether more replicas are on their way: \`${kubectl(stack)} get hpa ${TGI.hpaName}\``,
      'At the maximum: raise maxReplicas. Not there: follow "Replicas wanted are not ready" or "HPA cannot read its metric"',
      "If it comes with every burst, lower metricTarget or raise minReplicas, so that capacity is there before the burst",
    ],
  };
}

function adapterUnhealthy(stack: ObservedStack, limits: AlertThresholds): AlertRule {
  const place = { ...stack, namespace: ADAPTER.namespace };
  const deployment = { deployment: ADAPTER.name };
  const wanted = byPlace("max", select(OBSERVED.deploymentReplicas, place, deployment));
  const available = byPlace("max", select(OBSERVED.deploymentAvailable, place, deployment));
  const restarts = select(OBSERVED.containerRestarts, place, { container_name: ADAPTER.containerName }, "15m");
  // An increase is extrapolated to the window's ends: two restarts may read as 1.9 or 2.1.
  const tooMany = limits.adapterRestarts - 0.5;
  return {
    id: "metrics-adapter-unhealthy",
    title: "Metrics adapter is down or restarts",
    severity: "ERROR",
    query: `${onPlace(available, "<", wanted)} or ${byPlace("sum", withPlaceLabels(`increase(${restarts})`))} > ${tooMany}`,
    forSeconds: limits.adapterSeconds,
    meaning:
      "The Custom Metrics Stackdriver Adapter, through which every HPA of the cluster reads Cloud Monitoring, has lost replicas or restarts again and again. While none is up, nothing scales.",
    firstSteps: [
      `See its pods: \`kubectl -n ${ADAPTER.namespace} get pods\`; OOMKilled means that it needs more memory`,
      `Read why it stopped: \`kubectl -n ${ADAPTER.namespace} logs deploy/${ADAPTER.name} --previous --tail=50\`; it exits when it may not list metric descriptors (${ADAPTER.role})`,
      "See whether system nodes are there for it: `kubectl get nodes`",
    ],
  };
}

function signalMissing(stack: ObservedStack, { signalSeconds }: AlertThresholds): AlertRule {
  const strategies = stack.metrics.map((metric) => metric.strategy);
  const present = strategies.map((strategy) => `count(${signalSeries(strategy, stack)})`).join(" and ");
  const requests = byPlace("sum", `rate(${select(OBSERVED.tgiRequestCount, stack, { pod: SERVER_POD }, "15m")})`);
  const serving = onPlace(`${requests} > 0`, "and", `${availableReplicas(stack)} > 0`);
  return {
    id: "scaling-signal-missing",
    title: `Scaling signal is missing (${strategies.join(", ")})`,
    severity: "ERROR",
    query: `(${serving}) unless on () (${present})`,
    forSeconds: signalSeconds,
    meaning: `Requests arrive, but ${strategies.length > 1 ? "one of the signals that" : "the signal that"} the HPA scales on (${strategies.join(", ")}) has had no new point for more than five minutes, which is as far as the adapter looks back.`,
    firstSteps: [
      `See what the HPA makes of it: \`${kubectl(stack)} describe hpa ${TGI.hpaName}\``,
      `Query it in Metrics Explorer (PromQL): \`${signalSeries(strategies[0] ?? "queue-size", stack)}\``,
      "No series at all: its exporter. queue-size, batch-size: TGI's PodMonitoring; gke-duty-cycle: system metrics of the cluster; dcgm-gpu-util: the DCGM exporter's pods on the GPU nodes",
    ],
  };
}

function gpuIdle(stack: ObservedStack, { idleSeconds, idlePercent }: AlertThresholds): AlertRule {
  const busy = select(SERIES.gpuDutyCycle, stack, { container_name: TGI.containerName, pod_name: SERVER_POD }, WINDOW);
  const idlePods = `avg by (cluster_name, location, namespace_name, pod_name) (avg_over_time(${busy})) < ${idlePercent}`;
  const wanted = byPlace("max", select(OBSERVED.hpaDesiredReplicas, stack, HPA));
  const minimum = byPlace("max", select(OBSERVED.hpaMinReplicas, stack, HPA));
  return {
    id: "gpu-idle",
    title: "GPUs are allocated and idle",
    severity: "WARNING",
    query: onPlace(
      `${byPlace("count", withPlaceLabels(`(${idlePods})`))} > 0`,
      "and",
      // Wanted, not running: a rollout runs one more than anybody wants.
      `(${onPlace(wanted, ">", minimum)})`,
    ),
    forSeconds: idleSeconds,
    meaning: `The autoscaler wants more replicas than minReplicas, and the GPUs of at least one have been busy for less than ${idlePercent} % of the time, for longer than the HPA needs to scale down. They are paid for and do nothing.`,
    firstSteps: [
      `See what keeps the replicas: \`${kubectl(stack)} describe hpa ${TGI.hpaName}\`; a blind HPA does not scale down either`,
      "See whether the target is too low for the traffic: on the dashboard, the signal against its band",
      `See whether an idle replica gets requests at all: \`${kubectl(stack)} get endpointslices -l kubernetes.io/service-name=${TGI.serviceName}\``,
    ],
  };
}

const HPA = { horizontalpodautoscaler: TGI.hpaName };
const WINDOW = `${IDLE_WINDOW_SECONDS / 60}m`;
const SERVER_LABELS = Object.entries(TGI.podLabels)
  .map(([label, value]) => `${label}=${value}`)
  .join(",");

function availableReplicas(stack: ObservedStack): string {
  return byPlace("max", select(OBSERVED.deploymentAvailable, stack, { deployment: TGI.deploymentName }));
}

function kubectl({ namespace }: ObservedStack): string {
  return `kubectl -n ${namespace}`;
}
