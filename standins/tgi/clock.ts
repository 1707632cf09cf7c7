/** What a stand-in's time is told by; a test has its own. */
export interface Clock {
  /** Seconds on a clock that never goes back. */
  now(): number;
  /** Calls once, not before so many seconds are over; what was to be called before is not any more. */
  wake(seconds: number, call: () => void): void;
  stop(): void;
}

/** Longest time that a timer of Node can be set to. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The real time. Node's timers are up to some milliseconds late: who uses it reads `now` and catches up. */
export function realClock(): Clock {
  let timer: NodeJS.Timeout | undefined;
  return {
    now: () => performance.now() / 1000,
    wake: (seconds, call) => {
      clearTimeout(timer);
      timer = setTimeout(call, Math.min(Math.ceil(Math.max(0, seconds) * 1000), LONGEST_TIMER_MS));
    },
    stop: () => clearTimeout(timer),
  };
}
