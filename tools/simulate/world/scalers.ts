import { HorizontalPodAutoscaler, type HpaSpec, type Reading } from "../../../autoscaling/hpa";
import { tolerancesOf } from "../../../autoscaling/hpa/behavior";
import type { MetricStrategy } from "../../../autoscaling/metricStrategy";
import { parseThousandths } from "../../../autoscaling/quantity";
import { HPA_DEFAULTS } from "../../../catalog/gke";
import type { MetricPath } from "../../../catalog/metricPath";
import type { Fleet } from "./fleet";
import type { Pod } from "./pod";

/** A metric that the fleet's pods are sampled for. */
export interface SampledMetric {
  readonly strategy: MetricStrategy;
  readonly path: MetricPath;
}

/** What decides how many servers there shall be. */
export interface Scaler {
  readonly metrics: readonly SampledMetric[];
  /** How far the moments at which it decides are apart, in seconds. */
  readonly everySeconds: number;
  /** The first of them; at random within a period where left out, as the controller does not wait for a run. */
  readonly firstAt?: number;
  /** Servers that shall be from now on. */
  decide(fleet: Fleet, at: number): number;
  /** Average per replica that it saw last, in the metric's unit; undefined for a scaler that reads none. */
  readonly average?: number | undefined;
  /** Average of its first metric above which it adds servers. */
  readonly high?: number | undefined;
}

/** The stack's HPA. */
export class HpaScaler implements Scaler {
  readonly everySeconds = HPA_DEFAULTS.syncPeriodSeconds;
  readonly high: number;
  private readonly hpa: HorizontalPodAutoscaler;

  constructor(
    readonly spec: HpaSpec,
    readonly metrics: readonly SampledMetric[],
    /** Series that others write into what an unscoped External metric adds up, in thousandths each. */
    private readonly foreignMilli: readonly number[] = [],
  ) {
    this.hpa = new HorizontalPodAutoscaler(spec);
    this.high = targetOf(spec) * (1 + tolerancesOf(spec.behavior).up);
  }

  get average(): number | undefined {
    const [milli] = this.hpa.status.averagesMilli;
    return milli === null || milli === undefined ? undefined : milli / 1000;
  }

  decide(fleet: Fleet, at: number): number {
    forgetGhosts(fleet, at);
    return this.hpa.sync({
      nowMs: Math.round(at * 1000),
      specReplicas: fleet.replicas,
      statusReplicas: fleet.statusReplicas,
      readings: this.spec.metrics.map((metric, index) =>
        metric.type === "Pods" ? podsReading(fleet, index, at) : this.externalReading(fleet, index, at),
      ),
    });
  }

  private externalReading(fleet: Fleet, metric: number, at: number): Reading {
    const seriesMilli = [...this.foreignMilli];
    for (const pods of [fleet.pods, fleet.ghosts]) {
      for (const pod of pods) {
        const { sampleMilli } = pod.sample(metric, at);
        if (sampleMilli !== null) seriesMilli.push(sampleMilli);
      }
    }
    return { seriesMilli };
  }
}

function podsReading(fleet: Fleet, metric: number, at: number): Reading {
  return { pods: fleet.pods.map((pod) => pod.sample(metric, at)) };
}

function forgetGhosts(fleet: Fleet, at: number): void {
  const over = (pod: Pod) => pod.series.every((series) => series.isOver(at));
  if (!fleet.ghosts.some(over)) return;
  const left = fleet.ghosts.filter((pod) => !over(pod));
  fleet.ghosts.splice(0, fleet.ghosts.length, ...left);
}

/** A fleet that somebody set. */
export class FixedScaler implements Scaler {
  readonly metrics = [];
  readonly everySeconds = Number.POSITIVE_INFINITY;
  readonly firstAt = 0;

  constructor(private readonly replicas: number) {}

  decide(): number {
    return this.replicas;
  }
}

/** A fleet that follows a plan made beforehand: so many servers shall be ready from each moment on. */
export class PlannedScaler implements Scaler {
  readonly metrics = [];
  readonly firstAt = 0;

  /**
   * @param needs servers that shall be ready in each of the plan's intervals.
   * @param everySeconds length of an interval; at the start of each it decides.
   * @param leadSeconds how long at least before it has to be ready a server is ordered; without end where servers once
   *   given back never come again.
   */
  constructor(
    private readonly needs: readonly number[],
    readonly everySeconds: number,
    private readonly leadSeconds: number,
  ) {}

  decide(_fleet: unknown, at: number): number {
    const first = Math.floor(at / this.everySeconds);
    // What would be late if it were only ordered at the next decision.
    const end = Math.ceil((at + this.everySeconds + this.leadSeconds) / this.everySeconds);
    return this.needs.slice(first, end).reduce((most, need) => Math.max(most, need), 1);
  }
}

/** What the HPA's spec says of a metric: its target per replica. */
export function targetOf({ metrics: [metric] }: HpaSpec): number {
  const target = metric?.type === "Pods" ? metric.pods.target : metric?.external.target;
  return (parseThousandths(target?.averageValue ?? "0") ?? 0) / 1000;
}
