import { badRequest, internalError } from "./status";

/** A series as Cloud Monitoring answers it. */
export interface AnsweredSeries {
  readonly metric: { readonly type: string; readonly labels?: Readonly<Record<string, string>> };
  readonly resource: { readonly type: string; readonly labels?: Readonly<Record<string, string>> };
  /** The newest first. */
  readonly points?: readonly {
    readonly interval: { readonly endTime: string };
    readonly value: { readonly doubleValue?: number; readonly int64Value?: string };
  }[];
}

/** The newest point of a series. */
export interface Newest {
  /** In thousandths, in which Kubernetes computes; what is finer is cut off, not rounded. */
  readonly thousandths: number;
  /** RFC 3339. */
  readonly endTime: string;
}

/** @throws StatusError for a series without points, or whose values are not numbers. */
export function newestOf({ points }: AnsweredSeries): Newest {
  const [point] = points ?? [];
  if (point === undefined) throw internalError("Empty time series returned from Stackdriver");
  const { interval, value } = point;
  const thousandths =
    value.int64Value === undefined
      ? Math.trunc((value.doubleValue ?? Number.NaN) * 1000)
      : Number(value.int64Value) * 1000;
  if (Number.isNaN(thousandths)) {
    const received = JSON.stringify(value);
    throw badRequest(`Expected metric of type DoubleValue or Int64Value, but received TypedValue: ${received}`);
  }
  return { thousandths, endTime: interval.endTime };
}

/**
 * Thousandths by pod of a namespace: several series of one pod, such as one of each GPU, are added up.
 *
 * @throws StatusError for series of anything else than pods.
 */
export function thousandthsByPod(namespace: string, series: readonly AnsweredSeries[]): ReadonlyMap<string, number> {
  const byPod = new Map<string, number>();
  for (const one of series) {
    const owner = podOf(one);
    if (owner.namespace !== namespace) continue;
    byPod.set(owner.pod, newestOf(one).thousandths + (byPod.get(owner.pod) ?? 0));
  }
  return byPod;
}

/** @throws StatusError where two containers of one pod have the metric: the adapter cannot tell which is meant. */
export function requireOneContainer(name: string, series: readonly AnsweredSeries[]): void {
  const containers = new Map<string, string>();
  for (const one of series) {
    const { namespace, pod } = podOf(one);
    const container = one.resource.labels?.container_name;
    if (container === undefined) throw internalError("container_name is missing");
    const key = `${namespace}:${pod}`;
    const other = containers.get(key) ?? container;
    containers.set(key, other);
    if (other === container) continue;
    // The adapter prints names as hexadecimal bytes.
    const [first, second, metric, owner] = [other, container, name, key].map((it) => Buffer.from(it).toString("hex"));
    throw badRequest(
      `Only one container in pod can have specific metric. Containers ${first} ${second} have the same metric ${metric} in pod ${owner}`,
    );
  }
}

function podOf({ metric, resource }: AnsweredSeries): { readonly namespace: string; readonly pod: string } {
  const labels = resource.labels ?? {};
  switch (resource.type) {
    case "prometheus_target":
      return { namespace: labels.namespace ?? "", pod: metric.labels?.pod ?? "" };
    case "k8s_pod":
    case "k8s_container":
      return { namespace: labels.namespace_name ?? "", pod: labels.pod_name ?? "" };
    default:
      throw internalError(`Stackdriver returned incorrect resource type "${resource.type}"`);
  }
}

const SUFFIXES = ["m", "", "k", "M", "G", "T", "P", "E"] as const;

/** A Kubernetes quantity in its canonical form: `1500` → "1500m", `10000` → "10", `10000000` → "10k". */
export function quantity(thousandths: number): string {
  let [number, suffix] = [thousandths, 0];
  while (number !== 0 && number % 1000 === 0 && suffix < SUFFIXES.length - 1) {
    number /= 1000;
    suffix += 1;
  }
  return `${number}${number === 0 ? "" : SUFFIXES[suffix]}`;
}
