/** How many streams wait for their first token, and how many have it: means over the measured time. */
export class StreamCount {
  /** Whether each open stream has its first token. */
  private readonly open = new Map<number, boolean>();
  private waiting = 0;
  private decoding = 0;
  private waitingSeconds = 0;
  private decodingSeconds = 0;
  private seconds = 0;
  private from = 0;
  private to = 0;
  private now = 0;

  /** Another measured time. Streams that are still open are not of it. */
  begin(from: number, to: number): void {
    this.close();
    this.open.clear();
    this.waiting = 0;
    this.decoding = 0;
    this.from = from;
    this.to = to;
    this.now = from;
    this.seconds += to - from;
  }

  /** The measured time is over, whoever is still there. */
  close(): void {
    this.pass(this.to);
  }

  get queue(): number {
    return this.waitingSeconds / this.seconds;
  }

  get batch(): number {
    return this.decodingSeconds / this.seconds;
  }

  sent(id: number, at: number): void {
    this.pass(at);
    this.open.set(id, false);
    this.waiting += 1;
  }

  tokens(id: number, at: number): void {
    if (this.open.get(id) !== false) return;
    this.pass(at);
    this.open.set(id, true);
    this.waiting -= 1;
    this.decoding += 1;
  }

  ended(id: number, at: number): void {
    const hasTokens = this.open.get(id);
    if (hasTokens === undefined) return;
    this.pass(at);
    this.open.delete(id);
    if (hasTokens) this.decoding -= 1;
    else this.waiting -= 1;
  }

  private pass(at: number): void {
    const seconds = Math.min(at, this.to) - Math.max(this.now, this.from);
    if (seconds > 0) {
      this.waitingSeconds += this.waiting * seconds;
      this.decodingSeconds += this.decoding * seconds;
    }
    this.now = Math.max(this.now, at);
  }
}
