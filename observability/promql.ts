import { promqlName, type ScrapedCumulative, type Series } from "../catalog/metrics";

/** Where a series is. */
export interface Place {
  readonly cluster: string;
  readonly location: string;
  readonly namespace: string;
}

/** What a label must be: a value, or what it must match or not be. */
export type Matcher = string | { readonly like: string } | { readonly not: string };

/** The labels that every alert keeps, so that an incident says where it is. */
const PLACE_LABELS = "cluster, location, namespace";

/**
 * A vector selector, scoped to one namespace of one cluster: metrics of all clusters of a project are in one place.
 * Series of GKE's system metrics are written against another monitored resource, whose labels have other names.
 *
 * @param range such as `5m`, for a range vector.
 */
export function select(
  series: Series | ScrapedCumulative,
  place: Place,
  matchers: Readonly<Record<string, Matcher>> = {},
  range?: string,
): string {
  const { cluster, location, namespace } = place;
  const scope: Readonly<Record<string, string>> =
    series.origin === "gke-system"
      ? { monitored_resource: "k8s_container", cluster_name: cluster, location, namespace_name: namespace }
      : { cluster, location, namespace };
  const labels = Object.entries<Matcher>({ ...scope, ...matchers }).map(([label, matcher]) => {
    if (typeof matcher === "string") return `${label}="${quoted(matcher)}"`;
    return "like" in matcher ? `${label}=~"${quoted(matcher.like)}"` : `${label}!="${quoted(matcher.not)}"`;
  });
  const suffix = series.origin === "scraped-histogram" ? "_bucket" : "";
  return `${promqlName(series)}${suffix}{${labels.join(",")}}${range === undefined ? "" : `[${range}]`}`;
}

function quoted(value: string): string {
  return value.replaceAll(/["\\]/g, "\\$&").replaceAll("\n", "\\n");
}

type Aggregation = "sum" | "max" | "avg" | "count";

/** An aggregation that keeps the place, and what else is named. */
export function byPlace(aggregation: Aggregation, vector: string, ...labels: readonly string[]): string {
  return `${aggregation} by (${[PLACE_LABELS, ...labels].join(", ")}) (${vector})`;
}

/** A binary operation between vectors that were aggregated by place, and what else is named. */
export function onPlace(left: string, operator: string, right: string, ...labels: readonly string[]): string {
  return `${left} ${operator} on (${[PLACE_LABELS, ...labels].join(", ")}) ${right}`;
}

/** Labels of system metrics, and what scraped series call them. */
const NAMES = { cluster_name: "cluster", namespace_name: "namespace", pod_name: "pod" } as const;

/** A vector of a system metric with the label names of scraped series, so that both can be joined. */
export function withPlaceLabels(vector: string): string {
  return Object.entries(NAMES).reduce(
    (renamed, [from, to]) => `label_replace(${renamed}, "${to}", "$1", "${from}", "(.*)")`,
    vector,
  );
}

/** A quantile of what all buckets of a range vector count. */
export function quantile(q: number, buckets: string): string {
  return `histogram_quantile(${q}, sum by (le) (rate(${buckets})))`;
}
