import { OBSERVED, SERIES } from "../catalog/metrics";
import { TGI } from "../catalog/tgi";
import { type AlertRule, atLeast, availableReplicas, kubectl } from "./alertRule";
import type { ObservedStack } from "./observedStack";
import { byPlace, onPlace } from "./promql";
import type { AlertThresholds } from "./thresholds";
import { deploymentSeries, hpaSeries, podSeries, readySeries, refusedRequests } from "./watched";

export function replicasNotReady(stack: ObservedStack, { notReadySeconds }: AlertThresholds): AlertRule {
  const desired = hpaSeries(OBSERVED.hpaDesiredReplicas, stack);
  // The larger wish of both: an HPA that has never decided wants 0, and the Deployment what it began with.
  const wanted = byPlace("max", `${desired} or ${deploymentSeries(OBSERVED.deploymentReplicas, stack)}`);
  const available = (range: string) => deploymentSeries(OBSERVED.deploymentAvailable, stack, range);
  const before = `max_over_time(${available(`${notReadySeconds}s`)} offset ${STEP_RANGE})`;
  const more = `max_over_time(${available(STEP_RANGE)}) > ${before}`;
  const updated = deploymentSeries(OBSERVED.deploymentUpdated, stack, STEP_RANGE);
  const scaled = deploymentSeries(OBSERVED.deploymentReplicas, stack, "5m");
  // A rollout's step; the HPA's own steps change the number of updated replicas too, and the wanted one with it.
  const rollout = `changes(${updated}) > 0 unless changes(${scaled}) > 0`;
  return {
    id: "replicas-not-ready",
    title: "Replicas wanted are not ready",
    severity: "ERROR",
    // The time begins anew when more servers than lately are ready, and with every step of a rollout (the moment between
    // two steps, in which all are ready, falls between two samples): a long climb is none that got stuck.
    query: onPlace(
      onPlace(wanted, "!=", availableReplicas(stack)),
      "unless",
      byPlace("max", `${more} or (${rollout})`),
    ),
    forSeconds: notReadySeconds,
    meaning:
      "The number of ready servers differs from what the autoscaler wants, and there were not more of them, nor has a rollout made a step, for longer than a server may take to start. Usual reasons: no GPU to be had in the pool's zones (stock-out), no quota, a model or token that the server cannot load.",
    firstSteps: [
      `See which pods wait and why: \`${kubectl(stack)} describe pods -l ${SERVER_LABELS}\``,
      "Pending: look for scale-up errors, `kubectl get events -A --field-selector reason=FailedScaleUp`; GPU quota and stock are per region and zone (gpuZones, reservation)",
      `Running but not ready: \`${kubectl(stack)} logs -l ${SERVER_LABELS} --tail=50\``,
    ],
  };
}

export function serverNotScraped(stack: ObservedStack, { notScrapedSeconds }: AlertThresholds): AlertRule {
  // Both look back by themselves: Prometheus' own five minutes would hide a gap, and a pod that has gone.
  const readyPods = `${byPlace("max", `last_over_time(${readySeries(stack, SCRAPE_RANGE)})`, "pod")} == 1`;
  const scraped = `count_over_time(${podSeries(SERIES.tgiQueueSize, stack, {}, SCRAPE_RANGE)})`;
  const unscraped = onPlace(readyPods, "unless", scraped, "pod");
  return {
    id: "server-not-scraped",
    title: "Ready servers are not scraped",
    severity: "ERROR",
    query: `${byPlace("count", unscraped)} > 0`,
    forSeconds: notScrapedSeconds,
    meaning:
      "Servers are ready, but managed Prometheus has no recent sample of them. The autoscaler does not count their load, and no other alert about requests can see them.",
    firstSteps: [
      `See whether the PodMonitoring still selects them: \`${kubectl(stack)} describe podmonitoring ${TGI.podMonitoringName}\`; its labels are ${SERVER_LABELS}, its port ${TGI.portName}`,
      `See whether a server answers: \`${kubectl(stack)} port-forward deploy/${TGI.deploymentName} ${TGI.port}\`, then \`curl -s localhost:${TGI.port}${TGI.metricsPath} | grep ${SERIES.tgiQueueSize.name}\``,
      `See which: \`${unscraped}\` in Metrics Explorer (PromQL). Whether the collectors run: \`kubectl -n gmp-system get pods\``,
    ],
  };
}

export function clientsRefused(stack: ObservedStack, limits: AlertThresholds): AlertRule {
  return {
    id: "clients-refused",
    title: "Clients are refused",
    severity: "CRITICAL",
    query: `${byPlace("sum", `increase(${refusedRequests(stack, "5m")})`)} > ${atLeast(limits.refusedRequests)}`,
    forSeconds: limits.refusedSeconds,
    meaning:
      "Servers have answered HTTP 429 in the last five minutes: queue and running batch together reached maxConcurrentRequests. (Cloud Monitoring takes the first sample of a pod as the counter's start: what a new server refused before it is in no figure.)",
    firstSteps: [
      `See whether more replicas are on their way: \`${kubectl(stack)} get hpa ${TGI.hpaName}\``,
      'At the maximum: raise maxReplicas. Not there: follow "Replicas wanted are not ready" or "HPA cannot read its metric"',
      "If it comes with every burst, lower metricTarget or raise minReplicas, so that capacity is there before the burst",
    ],
  };
}

/** Four samples of Kubernetes' own state. */
const STEP_RANGE = "2m";
/** Eight scrapes. */
const SCRAPE_RANGE = "2m";
const SERVER_LABELS = Object.entries(TGI.podLabels)
  .map(([label, value]) => `${label}=${value}`)
  .join(",");
