import type { Sequence } from "./batch";
import type { Fifo } from "./fifo";
import type { ServerLimits } from "./limits";
import type { ServerRequest } from "./request";
import type { Stepper } from "./stepper";

/** Tokens of KV cache that TGI reserves for a request: the last token that it makes is never read. */
export function reservedTokens({ inputTokens, maxNewTokens }: ServerRequest): number {
  return inputTokens + maxNewTokens - 1;
}

/** Requests at the front of the queue that fit into what is free of the KV cache, and into one prefill. */
export function countFitting<R extends ServerRequest>(
  queue: Fifo<Sequence<R>>,
  { maxBatchTotalTokens, maxBatchPrefillTokens }: ServerLimits,
  reserved: number,
): number {
  let total = reserved;
  let prefill = 0;
  for (let count = 0; ; count += 1) {
    const next = queue.at(count);
    if (next === undefined) return count;
    total += reservedTokens(next.request);
    prefill += next.request.inputTokens;
    if (total > maxBatchTotalTokens || prefill > maxBatchPrefillTokens) return count;
  }
}

/** Takes the first whose client has left out of those at the front of the queue; undefined where none has. */
export function takeLeft<R extends ServerRequest>(
  queue: Fifo<Sequence<R>>,
  among: number,
  stepper: Pick<Stepper<R>, "hasLeft">,
): Sequence<R> | undefined {
  for (let place = 0; place < among; place += 1) {
    const sequence = queue.at(place);
    if (sequence === undefined) return undefined;
    if (stepper.hasLeft(sequence.request)) return queue.remove(place);
  }
  return undefined;
}
