/** A part this long that has been taken from the front is given back. */
const LONGEST_TAKEN = 1024;

/** A queue whose both ends are cheap: an array's `shift` moves everything. */
export class Fifo<T> {
  private items: T[] = [];
  private taken = 0;

  get length(): number {
    return this.items.length - this.taken;
  }

  push(item: T): void {
    this.items.push(item);
  }

  /** The item at a place counted from the front; undefined beyond the end. */
  at(place: number): T | undefined {
    return this.items[this.taken + place];
  }

  /** Takes out the item at a place counted from the front. */
  remove(place: number): T | undefined {
    return this.items.splice(this.taken + place, 1)[0];
  }

  /** Moves items from the front to the end of an array, and gives that array. */
  take(count: number, into: T[]): T[] {
    const end = Math.min(this.taken + count, this.items.length);
    for (; this.taken < end; this.taken += 1) {
      const item = this.items[this.taken];
      if (item !== undefined) into.push(item);
    }
    if (this.taken === this.items.length) {
      this.items.length = 0;
      this.taken = 0;
    } else if (this.taken >= LONGEST_TAKEN && this.taken * 2 >= this.items.length) {
      this.items = this.items.slice(this.taken);
      this.taken = 0;
    }
    return into;
  }

  /** Empties it. */
  takeAll(): T[] {
    return this.take(this.length, []);
  }
}
