import type { ExternalValue, PodValue } from "./provider";
import type { Requirement } from "./selector";
import { quantity } from "./values";

/** The metrics APIs that are served, and their versions, the preferred one first. */
export const API_GROUPS = {
  "custom.metrics.k8s.io": ["v1beta2", "v1beta1"],
  "external.metrics.k8s.io": ["v1beta1"],
} as const;
export type ApiGroup = keyof typeof API_GROUPS;

export const CUSTOM = "custom.metrics.k8s.io";
export const EXTERNAL = "external.metrics.k8s.io";

/**
 * The discovery document of all groups. The aggregator asks for a newer form of it first; of this one it takes the
 * hint to ask for each version by itself.
 */
export function groupList(): object {
  const groups = [CUSTOM, EXTERNAL] as const;
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(groupJson) };
}

export function groupDocument(group: ApiGroup): object {
  return { kind: "APIGroup", apiVersion: "v1", ...groupJson(group) };
}

function groupJson(name: ApiGroup) {
  const versions = API_GROUPS[name].map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions, preferredVersion: versions[0] };
}

/**
 * The discovery document of a version. It names one metric at most, to save memory; the HPA controller does not look
 * here, it asks for what it wants by name.
 */
export function resourceList(group: ApiGroup, version: string, metric: string | undefined): object {
  const external = [{ name: "externalmetrics", singularName: "", namespaced: true, kind: "ExternalMetricValueList" }];
  const custom =
    metric === undefined
      ? []
      : [
          {
            name: `*/${metric.replaceAll("/", "|")}`,
            singularName: "",
            namespaced: true,
            kind: "MetricValueList",
          },
        ];
  const resources = (group === EXTERNAL ? external : custom).map((resource) => ({ ...resource, verbs: ["get"] }));
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: `${group}/${version}`, resources };
}

/** What a list of values of pods says beside them. */
export interface PodsListing {
  readonly version: string;
  readonly namespace: string;
  /** The metric as it was asked for. */
  readonly name: string;
  readonly metricSelector: readonly Requirement[];
  /** Milliseconds since the epoch: the adapter gives the time of its answer, not that of the point. */
  readonly now: number;
}

/** Source: k8s.io/metrics v0.35 `custom_metrics/v1beta1` and `v1beta2`, which name the metric differently. */
export function metricValueList(listing: PodsListing, values: readonly PodValue[]): object {
  const { version, namespace, name, metricSelector, now } = listing;
  const selector = metricSelector.length === 0 || values.length === 0 ? null : labelSelector(metricSelector);
  const items = values.map(({ pod, thousandths }) => ({
    describedObject: { kind: "Pod", namespace, name: pod, apiVersion: "/__internal" },
    ...(version === "v1beta1" ? { metricName: name, selector } : { metric: { name, selector } }),
    timestamp: wholeSeconds(now),
    value: quantity(thousandths),
  }));
  return { kind: "MetricValueList", apiVersion: `${CUSTOM}/${version}`, metadata: {}, items };
}

/** Source: k8s.io/metrics v0.35 `external_metrics/v1beta1`. */
export function externalMetricValueList(name: string, values: readonly ExternalValue[]): object {
  const items = values.map(({ labels, thousandths, endTime }) => ({
    metricName: name,
    metricLabels: labels,
    timestamp: wholeSeconds(Date.parse(endTime)),
    value: quantity(thousandths),
  }));
  return { kind: "ExternalMetricValueList", apiVersion: `${EXTERNAL}/v1beta1`, metadata: {}, items };
}

/** Kubernetes' times have no fractions of seconds. */
function wholeSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}

const OPERATORS: ReadonlyMap<string, string> = new Map([
  ["in", "In"],
  ["notin", "NotIn"],
  ["exists", "Exists"],
]);

/** @throws for operators that selectors of API objects do not have: the adapter fails then, after having asked. */
function labelSelector(requirements: readonly Requirement[]): object {
  const matchLabels: Record<string, string> = {};
  const matchExpressions: object[] = [];
  for (const { key, operator, values } of requirements) {
    if (operator === "=" || operator === "==") {
      matchLabels[key] = values[0] ?? "";
      continue;
    }
    const name = OPERATORS.get(operator);
    if (name === undefined) throw new Error(`"${operator}" is not a valid label selector operator`);
    matchExpressions.push(values.length === 0 ? { key, operator: name } : { key, operator: name, values });
  }
  return {
    ...(Object.keys(matchLabels).length === 0 ? {} : { matchLabels }),
    ...(matchExpressions.length === 0 ? {} : { matchExpressions }),
  };
}
