import type { V1Pod } from "@kubernetes/client-node";

/** The part of a PodMonitoring that scraping follows. */
export interface PodMonitoring {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: {
    readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
    readonly endpoints: readonly Endpoint[];
  };
}

interface Endpoint {
  readonly port: string | number;
  readonly path?: string;
  readonly interval: string;
  readonly metricRelabeling?: readonly RelabelRule[];
}

interface RelabelRule {
  readonly action?: string;
  readonly sourceLabels?: readonly string[];
  readonly regex?: string;
  readonly targetLabel?: string;
  readonly replacement?: string;
}

/** A sample as a target gives it. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** What the target declares: `gauge`, `counter`; undefined without a declaration. */
  readonly type: string | undefined;
}

/** A sample as managed Prometheus writes it. */
export interface WrittenSample {
  /** `prometheus.googleapis.com/NAME/KIND`. */
  readonly metricType: string;
  readonly metricLabels: Readonly<Record<string, string>>;
  readonly namespace: string;
  readonly job: string;
  readonly instance: string;
  readonly value: number;
}

/** Where a pod is scraped by an endpoint. */
export interface Target {
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly intervalSeconds: number;
  /** The labels of the target: a named port says the container, a numeric one does not. */
  readonly labels: Readonly<Record<string, string>>;
}

/** The targets of a PodMonitoring among the pods of its own namespace that run. */
export function targetsOf(monitoring: PodMonitoring, endpoint: Endpoint, pods: readonly V1Pod[]): readonly Target[] {
  const { namespace, name } = monitoring.metadata;
  const wanted = Object.entries(monitoring.spec.selector.matchLabels ?? {});
  return pods.flatMap((pod) => {
    const { metadata, spec, status } = pod;
    if (metadata?.namespace !== namespace || status?.phase !== "Running" || status.podIP === undefined) return [];
    if (!wanted.every(([label, value]) => metadata.labels?.[label] === value)) return [];
    const named = spec?.containers
      .flatMap((container) => (container.ports ?? []).map((port) => ({ container, port })))
      .find(({ port }) => port.name === endpoint.port);
    const port = typeof endpoint.port === "number" ? endpoint.port : named?.port.containerPort;
    if (port === undefined) return [];
    return [
      {
        address: status.podIP,
        port,
        path: endpoint.path ?? "/metrics",
        intervalSeconds: secondsOf(endpoint.interval),
        labels: {
          pod: metadata.name ?? "",
          namespace,
          job: name,
          instance: `${metadata.name}:${endpoint.port}`,
          ...(named === undefined ? {} : { container: named.container.name }),
        },
      },
    ];
  });
}

/**
 * What becomes of a sample: its labels that the target has too are kept as `exported_…`, the rules change it or drop
 * it, and a name that a rule made has lost its type.
 *
 * @returns undefined for a sample that a rule drops.
 */
export function write(sample: Sample, target: Target, rules: readonly RelabelRule[] = []): WrittenSample | undefined {
  const own = Object.entries(sample.labels).map(([label, value]) => [
    Object.hasOwn(target.labels, label) ? `exported_${label}` : label,
    value,
  ]);
  let labels: Record<string, string> = { ...Object.fromEntries(own), ...target.labels, __name__: sample.name };
  for (const rule of rules) {
    const next = relabel(labels, rule);
    if (next === undefined) return undefined;
    labels = next;
  }
  const { __name__ = "", namespace = "", job = "", instance = "", ...metricLabels } = labels;
  const kind = __name__ === sample.name ? (sample.type ?? "unknown") : "unknown";
  return {
    metricType: `prometheus.googleapis.com/${__name__}/${kind}`,
    metricLabels,
    namespace,
    job,
    instance,
    value: sample.value,
  };
}

/** One rule, with Prometheus' defaults: `replace`, `(.*)`, `$1`, separator `;`. */
function relabel(labels: Record<string, string>, rule: RelabelRule): Record<string, string> | undefined {
  const { action = "replace", sourceLabels = [], regex = "(.*)", targetLabel, replacement = "$1" } = rule;
  const source = sourceLabels.map((label) => labels[label] ?? "").join(";");
  const match = new RegExp(`^(?:${regex})$`).exec(source);
  switch (action) {
    case "keep":
      return match === null ? undefined : labels;
    case "drop":
      return match === null ? labels : undefined;
    case "replace":
      if (match === null || targetLabel === undefined) return labels;
      return {
        ...labels,
        [targetLabel]: replacement.replaceAll(/\$(\d)/g, (_, group: string) => match[Number(group)] ?? ""),
      };
    default:
      throw new Error(`the operator of managed Prometheus refuses, or this rig does not know, action ${action}`);
  }
}

/** Reads the text format of Prometheus, as far as counters and gauges need it. */
export function parseMetrics(text: string): readonly Sample[] {
  const types = new Map<string, string>();
  return text.split("\n").flatMap((line) => {
    const declared = /^# TYPE (\S+) (\S+)$/.exec(line);
    if (declared !== null) types.set(declared[1] ?? "", declared[2] ?? "");
    const sample = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (sample === null) return [];
    const [, name = "", labels = "", value = ""] = sample;
    return [{ name, labels: labelsIn(labels), value: Number(value), type: types.get(name) }];
  });
}

function labelsIn(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)];
  return Object.fromEntries(pairs.map(([, label = "", value = ""]) => [label, value.replaceAll(/\\(.)/g, "$1")]));
}

function secondsOf(duration: string): number {
  const [, amount = "", unit = ""] = /^(\d+)(ms|s|m|h)$/.exec(duration) ?? [];
  const seconds: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600 };
  return Number(amount) * (seconds[unit] ?? Number.NaN);
}
