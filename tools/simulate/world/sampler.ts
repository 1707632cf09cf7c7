import type { Replica } from "../server/replica";
import type { Agenda } from "./agenda";
import type { ServerShape } from "./fleet";
import type { Pod } from "./pod";
import type { Request } from "./request";
import type { SampledMetric } from "./scalers";
import { visibleAt } from "./signal";

/** Samples what the scaler reads of each pod, at the times and with the delays of the metrics' paths. */
export class Sampler {
  private readonly busyBefore = new WeakMap<Replica<Request>, number>();

  constructor(
    private readonly agenda: Agenda,
    private readonly metrics: readonly SampledMetric[],
    private readonly server: Pick<ServerShape, "gpus" | "warmsUp">,
    private readonly uniform: () => number,
  ) {}

  /** From now on, until the pod has gone; the phase is the pod's own. */
  watch(pod: Pod, at: number): void {
    this.metrics.forEach((metric, index) => {
      const { periodSeconds, averagedSeconds } = metric.path;
      const first = at + averagedSeconds + periodSeconds * this.uniform();
      this.agenda.add(first - averagedSeconds, (begin) => this.begin(pod, index, metric, begin));
    });
  }

  /** The first metric's average over servers as it is, without the delays of its path. */
  averageNow(pods: readonly Pod[], at: number, periodSeconds: number): number {
    const [metric] = this.metrics;
    if (metric === undefined || pods.length === 0) return 0;
    const path = { ...metric.path, averagedSeconds: periodSeconds };
    let sum = 0;
    for (const { replica } of pods) {
      if (replica === undefined) continue;
      replica.advance(at);
      const before = this.busyBefore.get(replica) ?? replica.busySeconds(at);
      this.busyBefore.set(replica, replica.busySeconds(at));
      sum += this.valueOf(replica, { ...metric, path }, at, before) ?? 0;
    }
    return sum / pods.length;
  }

  /** A sample's window begins. */
  private begin(pod: Pod, index: number, metric: SampledMetric, at: number): void {
    if (pod.state === "gone" || pod.replica === undefined) return;
    const { periodSeconds, averagedSeconds } = metric.path;
    pod.replica.advance(at);
    const busyBefore = pod.replica.busySeconds(at);
    this.agenda.add(at + periodSeconds, (next) => this.begin(pod, index, metric, next));
    if (averagedSeconds === 0) this.write(pod, index, metric, at, busyBefore);
    else this.agenda.add(at + averagedSeconds, (end) => this.write(pod, index, metric, end, busyBefore));
  }

  private write(pod: Pod, index: number, metric: SampledMetric, at: number, busyBefore: number): void {
    const { replica } = pod;
    if (pod.state === "gone" || replica === undefined) return;
    replica.advance(at);
    const value = this.valueOf(replica, metric, at, busyBefore);
    if (value !== undefined) pod.series[index]?.write(at, visibleAt(metric.path, at, this.uniform), value);
  }

  private hasGauges(replica: Replica<Request>): boolean {
    return this.server.warmsUp || replica.hasServed;
  }

  /** Undefined where the series does not exist yet. The GPUs of a server work together: each has its own series. */
  private valueOf(
    replica: Replica<Request>,
    { strategy, path }: SampledMetric,
    at: number,
    busyBefore: number,
  ): number | undefined {
    switch (strategy) {
      case "queue-size":
        return this.hasGauges(replica) ? replica.queueSize : undefined;
      case "batch-size":
        return this.hasGauges(replica) ? replica.batchSize : undefined;
      case "gke-duty-cycle":
      case "dcgm-gpu-util":
        return this.server.gpus * Math.round((100 * (replica.busySeconds(at) - busyBefore)) / path.averagedSeconds);
    }
  }
}
