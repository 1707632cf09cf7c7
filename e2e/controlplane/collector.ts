import type { V1Pod } from "@kubernetes/client-node";
import type { AdapterHome } from "../../standins/adapter/requests";
import { LOOPBACK } from "../../standins/loopback";
import type { SeriesStore } from "../../standins/monitoring/store";
import { prometheusTarget } from "./monitoredResource";
import { type PodMonitoring, parseMetrics, type Target, targetsOf, write } from "./podMonitoring";
import type { PodNetwork } from "./podNetwork";
import { type Profile, played } from "./profile";
import type { Watched } from "./watched";

/**
 * Plays managed Prometheus' collectors: scrapes what the PodMonitorings of the API server select, at their interval,
 * and writes it into Cloud Monitoring under the names and labels that managed Prometheus gives it.
 */
export class PlayedCollector {
  private timer: NodeJS.Timeout | undefined;
  private readonly last = new Map<string, number>();

  constructor(
    private readonly monitorings: Watched<PodMonitoring>,
    private readonly network: PodNetwork,
    private readonly identity: AdapterHome,
    private readonly sink: SeriesStore,
    private readonly profile: Profile,
    private readonly pods: () => readonly V1Pod[],
    private readonly failed: (error: unknown) => void,
  ) {}

  start(): void {
    this.timer = setInterval(() => {
      try {
        this.round();
      } catch (error) {
        this.failed(error);
      }
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private round(): void {
    for (const monitoring of this.monitorings.all()) {
      for (const endpoint of monitoring.spec.endpoints) {
        for (const target of targetsOf(monitoring, endpoint, this.pods())) {
          const key = `${monitoring.metadata.namespace}/${monitoring.metadata.name} ${target.labels.instance}`;
          const due = (this.last.get(key) ?? 0) + (target.intervalSeconds * 1000) / this.profile.scale;
          if (Date.now() < due) continue;
          this.last.set(key, Date.now());
          this.scrape(target, endpoint.metricRelabeling).catch(this.failed);
        }
      }
    }
  }

  private async scrape(target: Target, rules: Parameters<typeof write>[2]): Promise<void> {
    const local = this.network.localPort(target.address, target.port);
    // A pod that has just gone is not scraped any more, as anywhere.
    const text = local === undefined ? undefined : await fetchText(local, target.path).catch(() => undefined);
    if (text === undefined) return;
    const at = Date.now();
    for (const sample of parseMetrics(text)) {
      const written = write(sample, target, rules);
      if (written === undefined) continue;
      const { metricType, metricLabels, namespace, job, instance, value } = written;
      this.sink.write(
        {
          project: this.identity.project,
          metric: { type: metricType, labels: metricLabels },
          resource: prometheusTarget(this.identity, { namespace, job, instance }),
        },
        { value, at, visibleAt: at + played(this.profile, "scrapeVisible") },
      );
    }
  }
}

const LOOK_MS = 50;

async function fetchText(port: number, path: string): Promise<string> {
  const answer = await fetch(`http://${LOOPBACK}:${port}${path}`, { signal: AbortSignal.timeout(2000) });
  return answer.text();
}
