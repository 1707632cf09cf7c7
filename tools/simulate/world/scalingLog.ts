import { HPA_DEFAULTS } from "../../../catalog/gke";
import type { Fleet } from "./fleet";
import type { Sampler } from "./sampler";
import type { Scaler } from "./scalers";

/** How the fleet changed in a run. Times in seconds. */
export interface ScalingFigures {
  /** From each node's creation to its deletion, or the run's end, times its GPUs. */
  readonly gpuHours: number;
  /** Changes of the number of wanted servers. */
  readonly changes: number;
  /** Changes that take back the one before within ten minutes. */
  readonly flaps: number;
  /** While as many servers were wanted as there may be at most. */
  readonly atMaximumSeconds: number;
  /** Longest time for which fewer servers were ready than wanted. */
  readonly longestWaitSeconds: number;
  /**
   * Longest time from the signal's passing of the band, as the servers have it, until one more server was ready, or
   * until the run's end; undefined for a scaler that has no signal.
   */
  readonly longestReactionSeconds: number | undefined;
  readonly mostReplicas: number;
}

/** What a run looked like over time: one entry for each interval of 15 s, at its end. */
export interface ScalingSeries {
  readonly at: readonly number[];
  /** Requests per second. */
  readonly load: readonly number[];
  readonly wanted: readonly number[];
  readonly ready: readonly number[];
  /** As the scaler saw it; not a number where it saw none. */
  readonly average: readonly number[];
  /** Requests sent in the interval that missed the SLO. */
  readonly misses: readonly number[];
}

const INTERVAL_SECONDS = HPA_DEFAULTS.syncPeriodSeconds;
const FLAP_SECONDS = 600;

/** Looks at a fleet every 15 s. */
export class ScalingLog {
  private readonly at: number[] = [];
  private readonly load: number[] = [];
  private readonly wanted: number[] = [];
  private readonly ready: number[] = [];
  private readonly average: number[] = [];
  private arrivals = 0;
  private changes = 0;
  private flaps = 0;
  private atMaximum = 0;
  private longestWait = 0;
  private shortSince: number | undefined;
  private reaction: { readonly since: number; readonly ready: number } | undefined;
  private longestReaction = 0;
  private lastChange: { readonly at: number; readonly up: boolean } | undefined;

  constructor(
    private readonly options: {
      readonly scaler: Scaler;
      readonly maxReplicas: number;
      readonly initialReplicas: number;
    },
    private readonly fleet: Fleet,
    private readonly sampler: Sampler,
  ) {}

  arrived(): void {
    this.arrivals += 1;
  }

  observe(at: number): void {
    const { fleet } = this;
    const wanted = fleet.replicas;
    this.noteChange(wanted - (this.wanted.at(-1) ?? this.options.initialReplicas), at);
    this.at.push(at);
    this.load.push(this.arrivals / INTERVAL_SECONDS);
    this.wanted.push(wanted);
    this.ready.push(fleet.ready.length);
    this.average.push(this.options.scaler.average ?? Number.NaN);
    this.arrivals = 0;
    if (wanted >= this.options.maxReplicas) this.atMaximum += INTERVAL_SECONDS;
    if (fleet.ready.length >= wanted) this.shortSince = undefined;
    else this.shortSince ??= at;
    this.longestWait = Math.max(this.longestWait, at - (this.shortSince ?? at));
    this.noteReaction(at);
  }

  summary(durationSeconds: number): ScalingFigures {
    const { reaction } = this;
    const unanswered = reaction === undefined ? 0 : durationSeconds - reaction.since;
    return {
      gpuHours: this.fleet.pool.gpuSeconds(durationSeconds) / 3600,
      changes: this.changes,
      flaps: this.flaps,
      atMaximumSeconds: this.atMaximum,
      longestWaitSeconds: this.longestWait,
      longestReactionSeconds:
        this.options.scaler.high === undefined ? undefined : Math.max(this.longestReaction, unanswered),
      mostReplicas: this.wanted.reduce((most, count) => Math.max(most, count), this.options.initialReplicas),
    };
  }

  series(misses: readonly (number | undefined)[]): ScalingSeries {
    const { at, load, wanted, ready, average } = this;
    return { at, load, wanted, ready, average, misses: at.map((_, interval) => misses[interval] ?? 0) };
  }

  private noteReaction(at: number): void {
    const { high } = this.options.scaler;
    const ready = this.fleet.ready.length;
    if (high === undefined || ready === 0) return;
    const { reaction } = this;
    if (reaction !== undefined && ready > reaction.ready) {
      this.longestReaction = Math.max(this.longestReaction, at - reaction.since);
      this.reaction = undefined;
    }
    const truth = this.sampler.averageNow(this.fleet.ready, at, INTERVAL_SECONDS);
    if (truth <= high || ready >= this.options.maxReplicas) this.reaction = undefined;
    else this.reaction ??= { since: at, ready };
  }

  private noteChange(by: number, at: number): void {
    if (by === 0) return;
    const up = by > 0;
    this.changes += 1;
    if (this.lastChange !== undefined && this.lastChange.up !== up && at - this.lastChange.at <= FLAP_SECONDS) {
      this.flaps += 1;
    }
    this.lastChange = { at, up };
  }
}
