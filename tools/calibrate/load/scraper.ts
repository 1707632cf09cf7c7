import type { ServerSample } from "../contract";
import type { Clock } from "./clock";
import { parseSample } from "./metricsText";

const PERIOD_SECONDS = 1;

/**
 * Reads a server's metrics about every second. A scrape that fails, or takes longer than the period, is left out: its
 * numbers are of no certain moment. None begins while one is under way, so that a server in trouble is not asked more.
 */
export class Scraper {
  private cancel: (() => void) | undefined;
  private isUnderWay = false;
  private isOver = false;

  /** @param get the text of `/metrics`; its failure is no failure of the scraper. */
  constructor(
    private readonly clock: Clock,
    private readonly get: () => Promise<string>,
    private readonly scraped: (sample: ServerSample) => void,
  ) {}

  start(): void {
    this.tick(this.clock.now());
  }

  stop(): void {
    this.isOver = true;
    this.cancel?.();
  }

  private tick(at: number): void {
    const next = Math.max(at, this.clock.now()) + PERIOD_SECONDS;
    this.cancel = this.clock.at(next, () => this.tick(next));
    if (!this.isUnderWay) void this.scrape();
  }

  private async scrape(): Promise<void> {
    this.isUnderWay = true;
    const sample = await this.sample();
    this.isUnderWay = false;
    if (sample !== undefined && !this.isOver) this.scraped(sample);
  }

  private async sample(): Promise<ServerSample | undefined> {
    const begin = this.clock.now();
    try {
      const text = await this.get();
      const at = this.clock.now();
      return at - begin > PERIOD_SECONDS ? undefined : parseSample(text, at);
    } catch {
      // A server under load may fail to answer: the next scrape says more than an error would.
      return undefined;
    }
  }
}
