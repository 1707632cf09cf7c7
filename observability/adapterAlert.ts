import { ADAPTER } from "../catalog/adapter";
import { OBSERVED } from "../catalog/metrics";
import { type AlertRule, atLeast } from "./alertRule";
import type { ObservedStack } from "./observedStack";
import { byPlace, onPlace, withPlaceLabels } from "./promql";
import type { AlertThresholds } from "./thresholds";
import { adapterRestarts, adapterSeries } from "./watched";

/** An adapter that is older than this has had the time that its Deployment gives it to start. */
const STARTED = `${ADAPTER.startMinutes}m`;

export function adapterUnhealthy(stack: ObservedStack, limits: AlertThresholds): AlertRule {
  const wanted = adapterSeries(OBSERVED.deploymentReplicas, stack);
  const available = byPlace("max", adapterSeries(OBSERVED.deploymentAvailable, stack));
  // Until its grant holds, a new adapter exits again and again: that is a start, not a fault.
  const restarts = `(increase(${adapterRestarts(stack, "15m")}) and ${adapterRestarts(stack)} offset ${STARTED})`;
  return {
    id: "metrics-adapter-unhealthy",
    title: "Metrics adapter is down or restarts",
    severity: "ERROR",
    query: [
      onPlace(onPlace(available, "<", byPlace("max", wanted)), "and", `${wanted} offset ${STARTED}`),
      `${byPlace("max", withPlaceLabels(restarts))} > ${atLeast(limits.adapterRestarts)}`,
    ].join(" or "),
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
