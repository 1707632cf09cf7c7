import type { StepTimes } from "../../../autoscaling/roofline";
import type { ServerLimits } from "../../../tools/simulate/server/limits";
import { Replica } from "../../../tools/simulate/server/replica";
import type { Served, ServerRequest } from "../../../tools/simulate/server/request";

/** Limits that nothing in a test runs into, but what it sets itself. */
export function limits(some: Partial<ServerLimits> = {}): ServerLimits {
  return {
    maxInputTokens: 1000,
    maxTotalTokens: 2000,
    maxBatchPrefillTokens: 1000,
    maxConcurrentRequests: 1000,
    maxBatchTotalTokens: 100_000,
    waitingServedRatio: 0.3,
    maxWaitingTokens: 20,
    drainSeconds: 90,
    ...some,
  };
}

/** A prefill takes 2 s and 0.1 s a token; a step takes 1 s, whoever is in it. */
export const PLAIN: StepTimes = {
  prefillBaseSeconds: 2,
  prefillPerTokenSeconds: 0.1,
  decodeBaseSeconds: 1,
  decodePerSequenceSeconds: 0,
  decodePerKvTokenSeconds: 0,
};

export interface Named extends ServerRequest {
  readonly name: string;
}

/** A request that generates all that it may, unless `maxNewTokens` is more. */
export function request(name: string, inputTokens: number, outputTokens: number, maxNewTokens = outputTokens): Named {
  return { name, inputTokens, outputTokens, maxNewTokens };
}

export interface Rig {
  readonly replica: Replica<Named>;
  readonly served: Served<Named>[];
  /** What happened, in order: `a first 3`, `a finished 8`, `b dropped 90`. */
  readonly log: string[];
}

export function rig(some: Partial<ServerLimits> = {}, times: StepTimes = PLAIN): Rig {
  const served: Served<Named>[] = [];
  const log: string[] = [];
  const replica = new Replica<Named>(limits(some), times, {
    firstToken: (it) => log.push(`${it.request.name} first ${seconds(it.firstTokenAt)}`),
    finished: (it) => {
      served.push({ ...it });
      log.push(`${it.request.name} finished ${seconds(it.finishedAt)}`);
    },
    dropped: (it, at) => log.push(`${it.name} dropped ${seconds(at)}`),
  });
  return { replica, served, log };
}

/** Lets a server do all that it has to do. */
export function finish(replica: Replica<Named>): void {
  while (replica.nextEventAt < Number.POSITIVE_INFINITY) replica.advance(replica.nextEventAt);
}

function seconds(value: number): string {
  return String(Number(value.toFixed(6)));
}
