import type { MetricDescriptor } from "../monitoring/store";
import { EXTERNAL_KEYS, equals, notAllowed, oneOf, POD_KEYS, selected } from "./clauses";
import type { Requirement } from "./selector";
import { badRequest } from "./status";

/** A question to Cloud Monitoring. */
export interface MonitoringRequest {
  /** Below the address of the API: `v3/projects/…`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
}

/** The project and the cluster that the adapter runs in, which the metadata server tells it. */
export interface AdapterHome {
  readonly project: string;
  readonly cluster: string;
  readonly location: string;
}

/** The interval that is asked for, in milliseconds since the epoch. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** What a descriptor says of a metric; it decides how its points are aligned. */
export type MetricForm = Pick<MetricDescriptor, "metricKind"> & { readonly valueType: string };

/** How far the adapter looks back, in seconds. */
export const WINDOW_SECONDS = 300;
/** The period for metrics that are turned into rates, in seconds. */
const RATE_PERIOD_SECONDS = 60;
/** Cloud Monitoring's limit on the alternatives of one filter: more pods are asked for in several requests. */
const MOST_PODS = 100;

/** Names in Kubernetes APIs may not contain slashes: `a|b` asks for the metric type `a/b`. */
export function metricTypeOf(name: string): string {
  return name.replaceAll("|", "/");
}

/** The same for metrics of pods, where a name without `|` is that of a custom metric. */
export function podsMetricTypeOf(name: string): string {
  return name.includes("|") ? metricTypeOf(name) : `custom.googleapis.com/${name}`;
}

/**
 * The last five minutes, in whole seconds, which is how the adapter writes times.
 *
 * @param now milliseconds since the epoch.
 * @param scale how many times faster than real time is played: the window, and what it is rounded to, shrink with it.
 */
export function windowAt(now: number, scale = 1): Window {
  const grain = 1000 / scale;
  const end = Math.floor(now / grain) * grain;
  return { start: end - (WINDOW_SECONDS * 1000) / scale, end };
}

/** What the adapter asks once when it starts; it ends when this is refused. */
export function startRequest({ project, cluster, location }: AdapterHome): MonitoringRequest {
  const filter = [
    equals("resource.labels.project_id", project),
    equals("resource.labels.cluster_name", cluster),
    equals("resource.labels.location", location),
    `resource.type = ${oneOf(["k8s_pod", "k8s_node", "k8s_container"])}`,
  ].join(" AND ");
  return { path: `v3/projects/${project}/metricDescriptors`, query: { filter } };
}

/** What it asks before every query: without a cache, each time anew. */
export function descriptorRequest(project: string, type: string): MonitoringRequest {
  return { path: `v3/projects/${project}/metricDescriptors/${type}`, query: {} };
}

/** How the series of pods are labelled. */
export type ResourceModel = "prometheus_target" | "k8s_pod" | "k8s_container";

/** What an HPA wants to know of pods. */
export interface PodsQuestion {
  readonly namespace: string;
  /** By name; none makes no request. */
  readonly pods: readonly string[];
  readonly type: string;
  /** The HPA's selector on the metric itself. */
  readonly metricSelector?: readonly Requirement[];
}

const LABELS = {
  prometheus_target: { cluster: "cluster", namespace: "namespace", pod: "metric.labels.pod" },
  k8s_pod: { cluster: "cluster_name", namespace: "namespace_name", pod: "resource.labels.pod_name" },
  k8s_container: { cluster: "cluster_name", namespace: "namespace_name", pod: "resource.labels.pod_name" },
} as const satisfies Record<ResourceModel, object>;

/** The resource models in which the adapter looks for a metric of pods, one after the other while it finds nothing. */
export function modelsOf(type: string): readonly ResourceModel[] {
  return [type.startsWith("prometheus.googleapis.com") ? "prometheus_target" : "k8s_pod", "k8s_container"];
}

/**
 * A Pods metric: the newest point of each of the pods, in this cluster and namespace.
 *
 * @throws StatusError for a metric of distributions and for what may not be selected by.
 */
export function podsRequests(
  { project, cluster, location }: AdapterHome,
  { namespace, pods, type, metricSelector = [] }: PodsQuestion,
  model: ResourceModel,
  form: MetricForm,
  window: Window,
): readonly MonitoringRequest[] {
  if (form.valueType === "DISTRIBUTION") throw badRequest("distributions are not supported");
  const labels = LABELS[model];
  const { clauses, reducer } = selected(metricSelector, POD_KEYS);
  return Array.from({ length: Math.ceil(pods.length / MOST_PODS) }, (_, batch) => {
    const names = pods.slice(batch * MOST_PODS, (batch + 1) * MOST_PODS);
    const scope = [
      equals("resource.type", model),
      equals("metric.type", type),
      equals("resource.labels.project_id", project),
      equals(`resource.labels.${labels.cluster}`, cluster),
      equals("resource.labels.location", location),
      equals(`resource.labels.${labels.namespace}`, namespace),
      `${labels.pod} = ${oneOf(names)}`,
    ].sort();
    return timeSeries(project, [...clauses, ...scope], form, window, reducer);
  });
}

/**
 * An External metric: the selector's requirements and nothing else. No project, cluster or location is added.
 *
 * @throws StatusError for a metric of distributions and for what may not be selected by.
 */
export function externalRequest(
  home: AdapterHome,
  type: string,
  selector: readonly Requirement[],
  form: MetricForm,
  window: Window,
): MonitoringRequest {
  if (form.valueType === "DISTRIBUTION") throw badRequest("Distributions are not supported");
  const { clauses, reducer } = selected(selector, EXTERNAL_KEYS);
  return timeSeries(projectOf(home, selector), [equals("metric.type", type), ...clauses], form, window, reducer);
}

/**
 * The project that is asked: the adapter's own, unless the selector demands another.
 *
 * @throws StatusError for a demand that allows several, which the adapter notices before it asks anything.
 */
export function projectOf({ project }: AdapterHome, selector: readonly Requirement[]): string {
  const demand = selector.find(({ key }) => key === "resource.labels.project_id");
  if (demand === undefined) return project;
  const { operator, values } = demand;
  if (operator === "=" || operator === "==") return values[0] ?? project;
  throw notAllowed(`Project selector must use '=' or '==': You used ${operator}`);
}

function timeSeries(
  project: string,
  clauses: readonly string[],
  { metricKind }: MetricForm,
  { start, end }: Window,
  reducer: string | undefined,
): MonitoringRequest {
  const gauge = metricKind === "GAUGE";
  return {
    path: `v3/projects/${project}/timeSeries`,
    query: {
      "aggregation.alignmentPeriod": `${gauge ? WINDOW_SECONDS : RATE_PERIOD_SECONDS}s`,
      "aggregation.perSeriesAligner": gauge ? "ALIGN_NEXT_OLDER" : "ALIGN_RATE",
      ...(reducer === undefined ? {} : { "aggregation.crossSeriesReducer": reducer }),
      "interval.startTime": rfc3339(start),
      "interval.endTime": rfc3339(end),
      filter: clauses.join(" AND "),
    },
  };
}

function rfc3339(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}
