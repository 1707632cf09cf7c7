import { Heap } from "heap-js";

interface Entry {
  readonly at: number;
  /** Breaks ties, so that a run can be repeated. */
  readonly order: number;
  readonly act: (at: number) => void;
}

/** What is to happen, in the order of time. Times in seconds. */
export class Agenda {
  private readonly heap = new Heap<Entry>((a, b) => a.at - b.at || a.order - b.order);
  private orders = 0;

  /** Infinite when nothing is to come. */
  get nextAt(): number {
    return this.heap.peek()?.at ?? Number.POSITIVE_INFINITY;
  }

  /** What has an infinite time never happens. */
  add(at: number, act: (at: number) => void): void {
    if (at === Number.POSITIVE_INFINITY) return;
    this.heap.push({ at, order: this.orders, act });
    this.orders += 1;
  }

  /** Does everything that is due before a moment, and at it. */
  run(until: number): void {
    for (let next = this.heap.peek(); next !== undefined && next.at <= until; next = this.heap.peek()) {
      this.heap.pop();
      next.act(next.at);
    }
  }
}
