import { TGI } from "../../../catalog/tgi";

/** A request may be on its way for so many decode steps before the server can be blamed for its waiting. */
const STEPS_ON_THE_WAY = 10;
/** TGI counts the last prefill in, and the client may be a step behind. */
const MARGIN_STEPS = 2;

/**
 * Notices when the KV cache is full. A request waits for other reasons, too: until the newcomers are a share of the
 * batch, or `max_waiting_tokens` decode steps have passed. One that still waits after those does not fit: the limit lies
 * between what is reserved (`input + max_new_tokens − 1` of each running request) and that plus the request's own need.
 * So the largest reservation is a lower bound; it is short of the limit by at most one request, and with many such
 * moments by a small part of one.
 */
export class KvLimit {
  private stepsSincePrefill = 0;
  private stepCount = 0;
  private reservedBefore = Number.NaN;
  /** Largest reservation with a full cache, as the client counts; undefined where it was never full. */
  highest: number | undefined;
  /** Largest reservation of all, as the client counts; undefined before the first decode step. */
  largest: number | undefined;
  /** Whether it was full at the last decode step. */
  isFull = false;

  get steps(): number {
    return this.stepCount;
  }

  prefill(): void {
    this.stepsSincePrefill = 0;
    this.isFull = false;
    this.reservedBefore = Number.NaN;
  }

  /**
   * A decode step.
   *
   * @param oldestWaiting `steps` at the moment when the request was sent that waits the longest; undefined without one.
   */
  step(reserved: number, oldestWaiting: number | undefined): void {
    this.stepCount += 1;
    this.stepsSincePrefill += 1;
    const isPatienceOver = this.stepsSincePrefill > TGI.maxWaitingTokens + MARGIN_STEPS;
    const hasWaited = oldestWaiting !== undefined && this.stepCount - oldestWaiting > STEPS_ON_THE_WAY;
    const wasFull = this.isFull;
    this.isFull = isPatienceOver && hasWaited;
    // Two steps in a row: one that has just ended may be counted for a moment longer than it is there.
    const held = Math.min(reserved, this.reservedBefore);
    if (this.isFull && wasFull) this.highest = Math.max(this.highest ?? 0, held);
    if (held > (this.largest ?? 0)) this.largest = held;
    this.reservedBefore = reserved;
  }
}
