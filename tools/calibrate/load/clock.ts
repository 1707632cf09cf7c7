/** Time as the load generator sees it. Tests put a virtual one in its place. */
export interface Clock {
  /** Seconds, monotonic, from any origin. */
  now(): number;
  /**
   * Calls back once, at a moment of this clock or a little later, never within the call.
   *
   * @returns what cancels it.
   */
  at(seconds: number, callback: () => void): () => void;
}

/** The clock of this process. Timers have whole milliseconds, so that a call comes up to one late. */
export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now() / 1000,
  at(seconds, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.ceil(seconds * 1000 - performance.now())));
    return () => clearTimeout(timer);
  },
};
