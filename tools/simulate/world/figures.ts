import { DDSketch } from "@datadog/sketches-js";
import type { ReplicaSink } from "../server/replica";
import { type Served, tpotSeconds } from "../server/request";
import type { Request } from "./request";

/** What a client must not wait longer for, in seconds. */
export interface Slo {
  /** Time to first token, from sending the request. */
  readonly ttftSeconds: number;
  /** Time per output token after the first. */
  readonly tpotSeconds: number;
}

/** What is promised unless somebody says otherwise: the default targets are for it. */
export const DEFAULT_SLO: Slo = { ttftSeconds: 2, tpotSeconds: 0.1 };

/** @param tpot undefined for an answer of one token, which nobody waits for any further. */
export function meetsSlo({ ttftSeconds, tpotSeconds: limit }: Slo, ttft: number, tpot: number | undefined): boolean {
  return ttft <= ttftSeconds && (tpot ?? 0) <= limit;
}

export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** What became of the requests of a run. */
export interface RequestFigures {
  /** Requests that the server's limits admit; what follows but `rejected` is a part of them. */
  readonly admissible: number;
  /** Served within both limits of the SLO. */
  readonly met: number;
  /** Answered with HTTP 429. */
  readonly refused: number;
  /** Sent while no server was ready. */
  readonly unserved: number;
  /** Accepted and never answered: the server ended first. */
  readonly dropped: number;
  /** Longer than the server's limits, answered with HTTP 422. */
  readonly rejected: number;
  /** Seconds, within 1 %; not a number where nothing was served. */
  readonly ttft: Quantiles;
  readonly tpot: Quantiles;
}

const RELATIVE_ACCURACY = 0.01;

/** Counts what becomes of requests, in memory that does not grow with their number. */
export class Figures implements ReplicaSink<Request> {
  admissible = 0;
  met = 0;
  refused = 0;
  unserved = 0;
  private droppedRequests = 0;
  rejected = 0;
  /** Requests that missed the SLO, by the interval in which they were sent. */
  readonly misses: number[] = [];
  private readonly ttft = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
  private readonly tpot = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });

  constructor(
    private readonly slo: Slo,
    private readonly intervalSeconds: number,
  ) {}

  finished(served: Served<Request>): void {
    const ttft = served.firstTokenAt - served.request.at;
    const tpot = tpotSeconds(served);
    this.ttft.accept(ttft);
    if (tpot !== undefined) this.tpot.accept(tpot);
    if (meetsSlo(this.slo, ttft, tpot)) this.met += 1;
    else this.miss(served.request.at);
  }

  overloaded({ at }: Request): void {
    this.refused += 1;
    this.miss(at);
  }

  noServer({ at }: Request): void {
    this.unserved += 1;
    this.miss(at);
  }

  dropped({ at }: Request): void {
    this.droppedRequests += 1;
    this.miss(at);
  }

  summary(): RequestFigures {
    const { admissible, met, refused, unserved, rejected } = this;
    return {
      ...{ admissible, met, refused, unserved, rejected },
      dropped: this.droppedRequests,
      ttft: quantiles(this.ttft),
      tpot: quantiles(this.tpot),
    };
  }

  private miss(at: number): void {
    const interval = Math.floor(at / this.intervalSeconds);
    this.misses[interval] = (this.misses[interval] ?? 0) + 1;
  }
}

function quantiles(sketch: DDSketch): Quantiles {
  const at = (quantile: number) => (sketch.count === 0 ? Number.NaN : sketch.getValueAtQuantile(quantile));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
