import { validate } from "../../simulate/server/limits";
import { type Random, streams } from "../../simulate/traffic/random";
import { type Lengths, type LoadObserver, type ServerInfo, ServerLost, type Stage } from "../contract";
import type { Clock } from "./clock";
import { ServerFault } from "./faults";
import { Flight } from "./flight";
import type { Ending, Send } from "./sending";

/** What a stage needs beside its load. */
export interface StageSurroundings {
  readonly lengths: Iterator<Lengths>;
  readonly observer: LoadObserver;
  readonly send: Send;
  readonly clock: Clock;
  readonly limits: Pick<ServerInfo, "maxInputTokens" | "maxTotalTokens">;
  readonly nextId: () => number;
  /** Seconds after the measured time for which answers to measured requests are waited for. */
  readonly graceSeconds: number;
}

/**
 * Seconds, on average, that a client of a closed loop waits after a request that was not served, somewhere from half
 * to one and a half of them: a full server is asked about twice a second by each client, instead of as fast as it can
 * refuse. That is a load of its own, so a client that is refused is not the same as one that waits in the queue.
 */
export const BACK_OFF_SECONDS = 0.5;

/**
 * A server is lost after so many requests in a row that found none, over so many seconds at least: one reset
 * connection is no death, nor is a burst of requests that meets the moment of a hiccup.
 */
const LOST = { inRow: 5, seconds: 3 } as const;

/** Requests longer than the limits, in a row, after which nothing else is to be expected. */
const MOST_REJECTED_IN_ROW = 1000;

/** One stage under way. It keeps what is in flight, and nothing of what has ended. */
export class StageRun {
  private readonly inFlight = new Set<Flight>();
  private readonly timers = new Set<() => void>();
  private readonly random: Random;
  private readonly measuredFrom: number;
  private readonly measuredTo: number;
  /** Measured requests that have not ended. */
  private awaited = 0;
  private nextArrival: number;
  private rejectedInRow = 0;
  private unreachableInRow = 0;
  private unreachableSince = 0;
  private isOver = false;
  private conclude: (error?: unknown) => void = () => {};

  constructor(
    private readonly stage: Stage,
    private readonly around: StageSurroundings,
  ) {
    const begin = around.clock.now();
    this.random = streams(stage.seed).arrivals;
    this.measuredFrom = begin + stage.warmUpSeconds;
    this.measuredTo = this.measuredFrom + stage.seconds;
    this.nextArrival = begin;
  }

  /**
   * Runs the stage. At its end, and when it fails, whatever is still in flight is cancelled, and ends `unfinished`.
   *
   * @throws the signal's reason, when it is aborted; ServerLost; ServerFault for what ends any load.
   */
  async run(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const abort = () => this.finish({ error: signal.reason });
    signal.addEventListener("abort", abort, { once: true });
    try {
      await new Promise<void>((resolve, reject) => {
        this.conclude = (error) => (error === undefined ? resolve() : reject(error));
        this.begin();
      });
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  private begin(): void {
    const { load, warmUpSeconds } = this.stage;
    this.schedule(this.measuredTo, () => this.finishIfDone());
    this.schedule(this.measuredTo + this.around.graceSeconds, () => this.finish());
    switch (load.kind) {
      case "open":
        this.nextArrival += this.random.exponential() / load.requestsPerSecond;
        this.schedule(this.nextArrival, () => this.arrive(load.requestsPerSecond));
        return;
      case "closed": {
        // Spread over the first half of the warm-up, so that clients do not march in step.
        const spacing = warmUpSeconds / 2 / load.concurrency;
        const begin = this.nextArrival;
        for (let client = 0; client < load.concurrency; client += 1) {
          const at = begin + client * spacing;
          this.schedule(at, () => this.launch(at));
        }
      }
    }
  }

  /** Sends all that is due. The schedule is absolute: being late once makes no later request late. */
  private arrive(requestsPerSecond: number): void {
    const now = this.around.clock.now();
    while (this.nextArrival <= now && !this.isOver) {
      const at = this.nextArrival;
      this.nextArrival += this.random.exponential() / requestsPerSecond;
      this.launch(at);
    }
    this.schedule(this.nextArrival, () => this.arrive(requestsPerSecond));
  }

  private launch(intendedAt: number): void {
    if (this.isOver) return;
    const { lengths, observer, clock, nextId, send } = this.around;
    const { done, value: planned } = lengths.next();
    if (done) throw new Error("the lengths of requests have come to an end");
    const isMeasured = intendedAt >= this.measuredFrom && intendedAt < this.measuredTo;
    const request = { id: nextId(), isMeasured, planned, intendedAt, sentAt: clock.now() };
    const flight = new Flight(request, observer, {
      ended: (ending) => this.land(flight, ending),
      failed: (error) => this.finish({ error }),
      reached: () => this.reached(),
    });
    if (isMeasured) this.awaited += 1;
    this.inFlight.add(flight);
    if (this.isTooLong(planned)) {
      const error = "longer than the server's limits: not sent";
      flight.wasSent = false;
      const tokens = { inputTokens: undefined, outputTokens: undefined };
      this.land(flight, { at: request.sentAt, result: "rejected", error, ...tokens });
      return;
    }
    observer.sent?.(request.id, planned, request.sentAt);
    // The observer may have ended it all.
    if (!this.isOver) flight.cancel = send(planned, flight);
  }

  private isTooLong({ inputTokens, outputTokens }: Lengths): boolean {
    const { maxInputTokens = Number.POSITIVE_INFINITY, maxTotalTokens = Number.POSITIVE_INFINITY } = this.around.limits;
    return validate({ maxInputTokens, maxTotalTokens }, inputTokens, outputTokens) !== undefined;
  }

  private land(flight: Flight, ending: Ending): void {
    if (this.isOver) return;
    const { result, at, fault } = ending;
    this.inFlight.delete(flight);
    if (flight.request.isMeasured) this.awaited -= 1;
    this.around.observer.ended?.(flight.outcome(ending));
    const error = fault ?? (flight.wasSent ? this.lost(ending) : undefined) ?? this.hopeless(result === "rejected");
    if (error !== undefined) {
      this.finish({ error });
      return;
    }
    this.finishIfDone();
    if (this.stage.load.kind !== "closed" || this.isOver) return;
    if (result === "served") {
      this.launch(at);
    } else {
      // What was not sent costs nobody anything: the client takes the next one, but not within this call.
      const next = flight.wasSent ? at + BACK_OFF_SECONDS * (0.5 + this.random.uniform()) : at;
      this.schedule(next, () => this.launch(next));
    }
  }

  private reached(): void {
    this.unreachableInRow = 0;
  }

  private lost({ isUnreachable = false, error, at }: Ending): ServerLost | undefined {
    if (!isUnreachable) {
      this.reached();
      return undefined;
    }
    if (this.unreachableInRow === 0) this.unreachableSince = at;
    this.unreachableInRow += 1;
    const seconds = at - this.unreachableSince;
    if (this.unreachableInRow < LOST.inRow || seconds < LOST.seconds) return undefined;
    return new ServerLost(
      `the server is gone: ${this.unreachableInRow} requests in a row, over ${seconds.toFixed(0)} s, found none; the last: ${error}. It must answer for the whole of the run: see whether its pod has restarted (kubectl get pods), and whether kubectl port-forward still runs.`,
    );
  }

  private hopeless(isRejected: boolean): ServerFault | undefined {
    this.rejectedInRow = isRejected ? this.rejectedInRow + 1 : 0;
    if (this.rejectedInRow < MOST_REJECTED_IN_ROW) return undefined;
    const { maxInputTokens = "any", maxTotalTokens = "any" } = this.around.limits;
    return new ServerFault(
      "limits",
      `${MOST_REJECTED_IN_ROW} planned requests in a row were longer than the server's limits (${maxInputTokens} tokens of input, ${maxTotalTokens} in all). Requests must fit them: plan shorter ones, or raise maxInputTokens and maxTotalTokens of the stack.`,
    );
  }

  private schedule(at: number, callback: () => void): void {
    if (this.isOver) return;
    const cancel = this.around.clock.at(at, () => {
      this.timers.delete(cancel);
      try {
        callback();
      } catch (error) {
        this.finish({ error });
      }
    });
    this.timers.add(cancel);
  }

  private finishIfDone(): void {
    if (this.awaited === 0 && this.around.clock.now() >= this.measuredTo) this.finish();
  }

  /** Ends the stage, once. */
  private finish(failure?: { readonly error: unknown }): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
    const { clock, observer } = this.around;
    const at = clock.now();
    try {
      for (const flight of this.inFlight) {
        flight.cancel();
        observer.ended?.(flight.outcome({ at, result: "unfinished", inputTokens: undefined, outputTokens: undefined }));
      }
      this.inFlight.clear();
      this.conclude(failure?.error);
    } catch (error) {
      this.conclude(failure?.error ?? error);
    }
  }
}
