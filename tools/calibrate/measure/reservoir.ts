import type { Random } from "../../simulate/traffic/random";

/** A fair sample of so many items, of any number that pass (Vitter's algorithm R). */
export class Reservoir<T> {
  readonly items: T[] = [];
  /** Items that have passed. */
  seen = 0;

  constructor(
    private readonly capacity: number,
    private readonly random: Random,
  ) {}

  add(item: T): void {
    this.seen += 1;
    if (this.items.length < this.capacity) {
      this.items.push(item);
      return;
    }
    const place = Math.floor(this.random.uniform() * this.seen);
    if (place < this.capacity) this.items[place] = item;
  }
}
