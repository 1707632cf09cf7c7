import { ADAPTER_WINDOW_SECONDS, type MetricPath } from "../../../catalog/metricPath";

/** One time series of a pod as Cloud Monitoring has it: what was sampled, and from when on it can be read. */
export class PodSeries {
  private readonly at: number[] = [];
  private readonly visibleAt: number[] = [];
  private readonly values: number[] = [];

  /** Adds a sample, later than all before. */
  write(at: number, visibleAt: number, value: number): void {
    this.at.push(at);
    this.visibleAt.push(visibleAt);
    this.values.push(value);
  }

  /** The newest point that can be read and is not too old for the adapter; null without one. */
  read(now: number): number | null {
    const { at, visibleAt, values } = this;
    for (let index = at.length - 1; index >= 0; index -= 1) {
      const taken = at[index] ?? 0;
      if (taken <= now - ADAPTER_WINDOW_SECONDS) return null;
      if ((visibleAt[index] ?? 0) > now) continue;
      this.forget(index);
      return values[0] ?? null;
    }
    return null;
  }

  /** Whether every point is too old to be read. */
  isOver(now: number): boolean {
    return (this.at.at(-1) ?? Number.NEGATIVE_INFINITY) <= now - ADAPTER_WINDOW_SECONDS;
  }

  /** What is older than a point that can be read is never read again. */
  private forget(before: number): void {
    if (before === 0) return;
    this.at.splice(0, before);
    this.visibleAt.splice(0, before);
    this.values.splice(0, before);
  }
}

/** When a sample can be read. */
export function visibleAt(path: MetricPath, at: number, uniform: () => number): number {
  const { least, most } = path.visibleSeconds;
  return at + least + (most - least) * uniform();
}
