import { MonitoringClient } from "./monitoringClient";
import {
  type AdapterHome,
  descriptorRequest,
  externalRequest,
  type MetricForm,
  type MonitoringRequest,
  metricTypeOf,
  modelsOf,
  type PodsQuestion,
  podsMetricTypeOf,
  podsRequests,
  projectOf,
  startRequest,
  type Window,
  windowAt,
} from "./requests";
import type { Requirement } from "./selector";
import { notFound } from "./status";
import { type AnsweredSeries, newestOf, requireOneContainer, thousandthsByPod } from "./values";

/** Where the values come from. */
export interface ProviderOptions {
  readonly home: AdapterHome;
  /** Address of Cloud Monitoring, ending in `/`. */
  readonly monitoring: string;
  /** How many times faster than real time is played: the five minutes of a query shrink with it. 1 without it. */
  readonly scale?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** What a pod is worth. */
export interface PodValue {
  readonly pod: string;
  readonly thousandths: number;
}

/** What one series is worth. */
export interface ExternalValue {
  /** Its labels, called as selectors call them. */
  readonly labels: Readonly<Record<string, string>>;
  readonly thousandths: number;
  /** RFC 3339. */
  readonly endTime: string;
}

/** Turns questions about metrics into questions to Cloud Monitoring, and its answers into values. */
export class MetricProvider {
  readonly now: () => number;
  private readonly client: MonitoringClient;

  constructor(private readonly options: ProviderOptions) {
    this.now = options.now ?? Date.now;
    this.client = new MonitoringClient(options.monitoring);
  }

  /**
   * What the adapter does when it starts.
   *
   * @returns the one metric that its discovery names, where there is one.
   * @throws MonitoringError: the adapter ends then.
   */
  async start(): Promise<string | undefined> {
    const answer = await this.client.get<{ metricDescriptors?: readonly { type: string; valueType: string }[] }>(
      startRequest(this.options.home),
    );
    return answer.metricDescriptors?.find(({ valueType }) => ["INT64", "DOUBLE"].includes(valueType))?.type;
  }

  /** The pods that have a value, in the order in which they were given. */
  async pods(name: string, question: Omit<PodsQuestion, "type">): Promise<readonly PodValue[]> {
    const { home } = this.options;
    const type = podsMetricTypeOf(name);
    const { namespace, pods, metricSelector = [] } = question;
    const form = await this.form(projectOf(home, metricSelector), type);
    for (const model of modelsOf(type)) {
      const values = new Map<string, number>();
      for (const request of podsRequests(home, { ...question, type }, model, form, this.window())) {
        const series = await this.series(request);
        if (model === "k8s_container") requireOneContainer(name, series);
        for (const [pod, value] of thousandthsByPod(namespace, series)) values.set(pod, value);
      }
      const found = pods.flatMap((pod) => {
        const thousandths = values.get(pod);
        return thousandths === undefined ? [] : [{ pod, thousandths }];
      });
      if (found.length > 0) return found;
    }
    return [];
  }

  /** One value for every series. */
  async external(name: string, selector: readonly Requirement[]): Promise<readonly ExternalValue[]> {
    const { home } = this.options;
    const type = metricTypeOf(name);
    const form = await this.form(projectOf(home, selector), type);
    const series = await this.series(externalRequest(home, type, selector, form, this.window()));
    return series.map((one) => ({ labels: selectorLabels(one), ...newestOf(one) }));
  }

  /** A refusal looks like a metric that nobody ever wrote. */
  private async form(project: string, type: string): Promise<MetricForm> {
    try {
      return await this.client.get<MetricForm>(descriptorRequest(project, type));
    } catch {
      throw notFound(`the server could not find the descriptor for metric ${JSON.stringify(type)}`);
    }
  }

  private async series(request: MonitoringRequest): Promise<readonly AnsweredSeries[]> {
    const { timeSeries = [] } = await this.client.get<{ timeSeries?: readonly AnsweredSeries[] }>(request);
    return timeSeries;
  }

  private window(): Window {
    return windowAt(this.now(), this.options.scale);
  }
}

function selectorLabels({ metric, resource }: AnsweredSeries): Readonly<Record<string, string>> {
  const prefixed = (prefix: string, labels: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(labels).map(([name, value]) => [`${prefix}.labels.${name}`, value]));
  return {
    ...prefixed("metric", metric.labels),
    "resource.type": resource.type,
    ...prefixed("resource", resource.labels),
  };
}
