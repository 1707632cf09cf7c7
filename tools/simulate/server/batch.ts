import type { Served, ServerRequest } from "./request";

/** A request inside the server. */
export interface Sequence<R extends ServerRequest> extends Served<R> {
  firstTokenAt: number;
  finishedAt: number;
  /** Decode step of the server, counted from its start, that makes the last token. */
  lastStep: number;
  /** Place in the order of arrival: it breaks ties, so that a run can be repeated. */
  readonly order: number;
}

/** The sequences that decode together: a heap, the one that finishes first on top. */
export class Batch<R extends ServerRequest> {
  private readonly heap: Sequence<R>[] = [];
  /** Decode steps that the server has done. */
  private step = 0;
  /** Tokens whose keys and values the next decode step reads. */
  contextTokens = 0;

  get size(): number {
    return this.heap.length;
  }

  /** Takes in a sequence whose prefill has made its first token, of several. */
  add(sequence: Sequence<R>): void {
    const { inputTokens, outputTokens } = sequence.request;
    sequence.lastStep = this.step + outputTokens - 1;
    this.contextTokens += inputTokens + 1;
    this.heap.push(sequence);
    this.rise(this.heap.length - 1);
  }

  /** Decode steps until a sequence finishes; infinite without one. */
  get stepsToNextFinish(): number {
    const next = this.heap[0];
    return next === undefined ? Number.POSITIVE_INFINITY : next.lastStep - this.step;
  }

  /** Gives every sequence so many tokens. No more than `stepsToNextFinish`. */
  decode(steps: number): void {
    this.step += steps;
    this.contextTokens += steps * this.heap.length;
  }

  /** Takes out a sequence that has all its tokens; undefined where there is none. */
  takeFinished(): Sequence<R> | undefined {
    const finished = this.heap[0];
    if (finished === undefined || finished.lastStep > this.step) return undefined;
    const last = this.heap.pop();
    if (last !== undefined && last !== finished) {
      this.heap[0] = last;
      this.sink();
    }
    this.contextTokens -= finished.request.inputTokens + finished.request.outputTokens;
    return finished;
  }

  /** In no order that means anything. */
  get sequences(): readonly Sequence<R>[] {
    return this.heap;
  }

  /** Takes out sequences that have not got all their tokens, or just have. */
  takeOut(isUnwanted: (sequence: Sequence<R>) => boolean): readonly Sequence<R>[] {
    const out = this.heap.filter(isUnwanted);
    if (out.length === 0) return out;
    for (const { request, lastStep } of out) {
      this.contextTokens -= request.inputTokens + request.outputTokens - (lastStep - this.step);
    }
    const kept = this.heap.filter((it) => !isUnwanted(it));
    this.heap.length = 0;
    for (const sequence of kept) {
      this.heap.push(sequence);
      this.rise(this.heap.length - 1);
    }
    return out;
  }

  /** Empties the batch, in the order of arrival. */
  takeAll(): Sequence<R>[] {
    this.contextTokens = 0;
    return this.heap.splice(0).sort((a, b) => a.order - b.order);
  }

  private rise(from: number): void {
    const heap = this.heap;
    const sequence = heap[from];
    let place = from;
    while (sequence !== undefined && place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(sequence, parent)) break;
      heap[place] = parent;
      heap[above] = sequence;
      place = above;
    }
  }

  private sink(): void {
    const heap = this.heap;
    const sequence = heap[0];
    let place = 0;
    while (sequence !== undefined) {
      let below = 2 * place + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (!isBefore(child, sequence)) break;
      heap[place] = child;
      heap[below] = sequence;
      place = below;
    }
  }
}

function isBefore(a: Sequence<ServerRequest>, b: Sequence<ServerRequest>): boolean {
  return a.lastStep === b.lastStep ? a.order < b.order : a.lastStep < b.lastStep;
}
