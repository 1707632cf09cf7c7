import { Heap } from "heap-js";
import type { Clock } from "../../tools/calibrate/load/clock";

interface Timer {
  readonly at: number;
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Time in which nothing lasts but waiting: for the load generator and the stand-in in one process, without HTTP. */
export class VirtualTime implements Clock {
  private readonly timers = new Heap<Timer>((a, b) => a.at - b.at || a.order - b.order);
  private order = 0;
  private time = 0;

  now(): number {
    return this.time;
  }

  at(seconds: number, callback: () => void): () => void {
    const timer: Timer = { at: Math.max(seconds, this.time), order: this.order, callback };
    this.order += 1;
    this.timers.push(timer);
    return () => {
      timer.callback = undefined;
    };
  }

  /** Lets time pass until a promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    // What a timer has promised must be kept before the next one comes.
    for (await turn(); !isSettled; await turn()) {
      const timer = this.timers.pop();
      if (timer === undefined) throw new Error("nothing will happen any more");
      this.time = timer.at;
      timer.callback?.();
    }
    return settled;
  }
}

/** As many turns of the queue of promises as a chain of them takes here. */
async function turn(): Promise<void> {
  for (let link = 0; link < 8; link += 1) await undefined;
}
