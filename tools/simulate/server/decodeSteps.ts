/**
 * Decode steps in which nobody joins or leaves: every sequence gains a token a step, so that each step takes longer
 * than the one before by the same time, and any number of them is an arithmetic series.
 */
export class DecodeSteps {
  private startedAt = 0;
  private first = 0;
  private growth = 0;
  /** Steps until something is to be decided. */
  count = 0;

  /** @param first seconds of the first step. @param growth seconds that each takes longer than the one before. */
  start(at: number, count: number, first: number, growth: number): void {
    this.startedAt = at;
    this.first = first;
    this.growth = growth;
    this.count = count;
  }

  /** When they are all done. */
  get endAt(): number {
    return this.startedAt + this.seconds(this.count);
  }

  get firstEndsAt(): number {
    return this.startedAt + this.first;
  }

  /** The step, counted from 1, in which a moment falls. Its end belongs to it. */
  stepAt(moment: number): number {
    const elapsed = moment - this.startedAt;
    // Where growth/2 × n² + (first − growth/2) × n reaches the moment, in the form that also holds for no growth.
    const linear = this.first - this.growth / 2;
    const root = (2 * elapsed) / (linear + Math.sqrt(linear * linear + 2 * this.growth * elapsed));
    const step = Math.ceil(root);
    if (step <= 1) return 1;
    // The root is rounded: whether it is this step or a neighbour, the series itself says.
    if (this.seconds(step - 1) >= elapsed) return step - 1;
    return this.seconds(step) < elapsed ? step + 1 : step;
  }

  private seconds(steps: number): number {
    return steps * (this.first + (this.growth * (steps - 1)) / 2);
  }
}
