import type { ServerSample } from "../contract";
import type { DecodeCheck, Overhead, PrefillSpan } from "./observations";

/** What the client has seen so far, since it began. */
export interface Seen {
  readonly prefills: number;
  readonly promptTokens: number;
  /** Requests that found the server idle, and the seconds from sending them to their first token. */
  readonly idle: number;
  readonly idleSeconds: number;
  readonly decodeSteps: number;
  readonly sequences: number;
  readonly kvTokens: number;
}

interface Point {
  readonly prefills: number;
  readonly prefillSeconds: number;
  readonly decodeSteps: number;
  readonly decodeSeconds: number;
  readonly seen: Seen;
}

/** After so many scrapes without agreement, server and client have not seen the same, and begin anew. */
const LONGEST_DISAGREEMENT = 15;

/**
 * Cuts a run into windows in which the server counts as many prefills as the client has seen: then they are the same
 * ones, and the tokens that the client knows of belong to the seconds that the server took.
 */
export class ServerWindows {
  private first: Point | undefined;
  private last: Point | undefined;
  private from: Point | undefined;
  private tries = 0;
  private readonly beyond = { requests: 0, seconds: 0 };

  constructor(private readonly add: (span: PrefillSpan) => void) {}

  sample({ prefill, decode }: ServerSample, seen: Seen): void {
    if (prefill === undefined || decode === undefined) return;
    const point = {
      ...{ prefills: prefill.count, prefillSeconds: prefill.sum },
      ...{ decodeSteps: decode.count, decodeSeconds: decode.sum, seen },
    };
    // Counts that fall are another server's: the old one has been started anew.
    if (this.last !== undefined && point.decodeSteps < this.last.decodeSteps) {
      this.first = undefined;
      this.from = undefined;
    }
    this.first ??= point;
    this.last = point;
    const { from } = this;
    if (from === undefined) {
      this.restart(point);
      return;
    }
    const prefills = point.prefills - from.prefills;
    if (prefills === seen.prefills - from.seen.prefills) {
      if (prefills === 0) return;
      const seconds = point.prefillSeconds - from.prefillSeconds;
      this.add({ kind: "server", prefills, tokens: seen.promptTokens - from.seen.promptTokens, seconds });
      if (seen.idle - from.seen.idle === prefills) {
        this.beyond.requests += prefills;
        this.beyond.seconds += seen.idleSeconds - from.seen.idleSeconds - seconds;
      }
      this.restart(point);
    } else {
      this.tries += 1;
      if (this.tries > LONGEST_DISAGREEMENT) this.restart(point);
    }
  }

  /** From windows all of whose prefills were of requests that found the server idle. */
  get overhead(): Overhead | undefined {
    return this.beyond.requests === 0 ? undefined : { ...this.beyond };
  }

  /** All decode steps between the first scrape and the last. */
  get decodeCheck(): DecodeCheck | undefined {
    const { first, last } = this;
    if (first === undefined || last === undefined || last.decodeSteps === first.decodeSteps) return undefined;
    return {
      serverSteps: last.decodeSteps - first.decodeSteps,
      serverSeconds: last.decodeSeconds - first.decodeSeconds,
      steps: last.seen.decodeSteps - first.seen.decodeSteps,
      sequences: last.seen.sequences - first.seen.sequences,
      kvTokens: last.seen.kvTokens - first.seen.kvTokens,
    };
  }

  private restart(point: Point): void {
    this.from = point;
    this.tries = 0;
  }
}
