/**
 * One thing that the server did for a batch: a prefill, which makes the newcomers' first tokens, or a decode step, which
 * makes one token for everybody. A client that is alone on a server sees them as bunches of tokens.
 */
export interface Beat {
  /** Counted up, prefills and decode steps together. */
  readonly index: number;
  readonly kind: "prefill" | "decode";
  readonly firstAt: number;
  /** Tokens that came on their own, and the sum of their times. */
  arrivals: number;
  sumAt: number;
  /** Newcomers of a prefill, or sequences that took part in a decode step. */
  sequences: number;
  /** Tokens of the newcomers' prompts, or of the contexts that were read. */
  tokens: number;
  /** Of a prefill: somebody has waited for it who had tokens before and after, so the server was never idle. */
  isBetween: boolean;
  /** Something is wrong with it: its time is not to be used. */
  isTainted: boolean;
}

/** First tokens that are further apart are of two prefills: one takes longer than this, and sending its tokens does not. */
const ONE_PREFILL_SECONDS = 0.005;
/** So many beats are open for tokens that come late; a burst of prefills between two decode steps is shorter. */
const OPEN_BEATS = 6;

/** Sorts tokens into beats. Hears of them in the order in which they come. */
export class Beats {
  private readonly open: Beat[] = [];
  private count = 0;

  /** @param closed hears of neighbours, in order, when no token of them is to be expected any more. */
  constructor(private readonly closed: (before: Beat, beat: Beat) => void) {}

  /** The first token of a stream has come. */
  first(at: number, promptTokens: number): Beat {
    const last = this.open.at(-1);
    const isSame = last?.kind === "prefill" && at - last.firstAt < ONE_PREFILL_SECONDS;
    const beat = isSame ? last : this.begin("prefill", at);
    beat.tokens += promptTokens;
    beat.sequences += 1;
    beat.arrivals += 1;
    beat.sumAt += at;
    return beat;
  }

  /**
   * A later token of a stream has come: it is of the first decode step after the stream's last beat.
   *
   * @param isOnTime whether it came by itself, and not because a later one was sent along with it.
   */
  next(after: Beat, at: number, contextTokens: number, isOnTime: boolean): Beat {
    const oldest = this.open[0];
    const isLost = oldest === undefined || after.index < oldest.index - 1;
    let beat = isLost ? undefined : this.open.find((it) => it.kind === "decode" && it.index > after.index);
    if (beat === undefined) {
      beat = this.begin("decode", at);
      // A stream that has fallen behind is taken along again, and the beat that it comes back with is not believed.
      if (isLost) beat.isTainted = true;
    }
    for (const between of this.open) {
      if (between.index > after.index && between.index < beat.index) between.isBetween = true;
    }
    beat.sequences += 1;
    beat.tokens += contextTokens;
    if (isOnTime) {
      beat.arrivals += 1;
      beat.sumAt += at;
    }
    return beat;
  }

  /** Nothing more comes for the beats so far. */
  flush(): void {
    while (this.open.length > 0) this.shift();
  }

  private begin(kind: Beat["kind"], at: number): Beat {
    const counts = { arrivals: 0, sumAt: 0, sequences: 0, tokens: 0 };
    const beat = { index: this.count, kind, firstAt: at, ...counts, isBetween: false, isTainted: false };
    this.count += 1;
    this.open.push(beat);
    if (this.open.length > OPEN_BEATS) this.shift();
    return beat;
  }

  private shift(): void {
    const [before, beat] = [this.open.shift(), this.open[0]];
    if (before !== undefined && beat !== undefined) this.closed(before, beat);
  }
}

/** Seconds from one beat to the next; not a number where one of them has no time. */
export function secondsBetween(before: Beat, beat: Beat): number {
  if (before.isTainted || beat.isTainted) return Number.NaN;
  return beat.sumAt / beat.arrivals - before.sumAt / before.arrivals;
}
