interface Entry {
  readonly at: number;
  readonly call: (at: number) => void;
}

/** Things to be done at moments to come. */
export class Agenda {
  /** The last is due first. */
  private readonly entries: Entry[] = [];

  /** When the next is due; infinite when there is nothing. */
  get nextAt(): number {
    return this.entries.at(-1)?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Of two for the same moment, the one that was added first is done first. */
  add(at: number, call: (at: number) => void): void {
    const place = this.entries.findLastIndex((it) => it.at > at);
    this.entries.splice(place + 1, 0, { at, call });
  }

  /** Does what is due until a moment, that moment included. */
  advance(to: number): void {
    while (this.nextAt <= to) {
      const entry = this.entries.pop();
      entry?.call(entry.at);
    }
  }
}
