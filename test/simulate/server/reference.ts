import type { StepTimes } from "../../../autoscaling/roofline";
import type { ServerLimits } from "../../../tools/simulate/server/limits";
import type { ServerRequest } from "../../../tools/simulate/server/request";

export interface Arrival {
  readonly at: number;
  readonly request: ServerRequest;
}

export interface Fate {
  offered: "accepted" | "overloaded" | "refused";
  firstTokenAt?: number;
  finishedAt?: number;
  droppedAt?: number;
}

/** What a scrape sees from a moment on, until the next entry. */
export interface Reading {
  readonly at: number;
  readonly queue: number;
  readonly batch: number;
  readonly isBusy: boolean;
}

interface Running {
  readonly arrival: Arrival;
  readonly fate: Fate;
  generated: number;
}

/**
 * The same server again, as slow and plain as can be: TGI's `batching_task` read as a program, one decode step at a
 * time, one token at a time, nothing kept but what the router keeps.
 *
 * @param drainAt when SIGTERM comes; infinite for never.
 */
export function referenceServer(limits: ServerLimits, times: StepTimes, arrivals: readonly Arrival[], drainAt: number) {
  const fates = arrivals.map((): Fate => ({ offered: "accepted" }));
  const readings: Reading[] = [];
  let now = 0;
  let arrived = 0;
  let queue: Running[] = [];
  let batch: Running[] = [];
  let newcomers: Running[] = [];
  let gauge = 0;
  let dropAt = Number.POSITIVE_INFINITY;
  const ended = new Error("the server has ended");

  const note = (isBusy: boolean) => readings.push({ at: now, queue: queue.length, batch: gauge, isBusy });
  const open = () => queue.length + batch.length + newcomers.length;

  function passUntil(moment: number, isBusy: boolean): void {
    while (true) {
      const arrival = arrivals[arrived];
      if (drainAt < Math.min(moment, arrival?.at ?? moment) && dropAt === Number.POSITIVE_INFINITY && open() > 0) {
        dropAt = drainAt + limits.drainSeconds;
      }
      if (arrival === undefined || arrival.at > moment) break;
      if (dropAt < arrival.at) break;
      const fate = fates[arrived];
      arrived += 1;
      if (fate === undefined) break;
      now = arrival.at;
      if (arrival.at > drainAt) fate.offered = "refused";
      else if (open() >= limits.maxConcurrentRequests) fate.offered = "overloaded";
      else queue.push({ arrival, fate, generated: 0 });
      note(isBusy);
    }
    if (dropAt < moment) {
      now = dropAt;
      for (const it of [...batch, ...newcomers, ...queue]) it.fate.droppedAt = dropAt;
      for (const rest of fates.slice(arrived)) rest.offered = "refused";
      [queue, batch, newcomers, gauge] = [[], [], [], 0];
      note(false);
      throw ended;
    }
    now = moment;
  }

  function nextBatch(fewest: number | undefined): Running[] | undefined {
    if (queue.length === 0 || (fewest !== undefined && queue.length < fewest)) return undefined;
    let reserved = batch.reduce((sum, it) => sum + reservation(it), 0);
    let prefill = 0;
    const chosen: Running[] = [];
    for (const it of queue) {
      reserved += reservation(it);
      prefill += it.arrival.request.inputTokens;
      if (reserved > limits.maxBatchTotalTokens || prefill > limits.maxBatchPrefillTokens) break;
      chosen.push(it);
    }
    if (chosen.length === 0 || (fewest !== undefined && chosen.length < fewest)) return undefined;
    queue = queue.slice(chosen.length);
    return chosen;
  }

  function prefill(chosen: Running[]): void {
    newcomers = chosen;
    note(true);
    const tokens = chosen.reduce((sum, it) => sum + it.arrival.request.inputTokens, 0);
    passUntil(now + times.prefillBaseSeconds + times.prefillPerTokenSeconds * tokens, true);
    for (const it of chosen) {
      it.generated = 1;
      it.fate.firstTokenAt = now;
    }
    batch.push(...chosen);
    newcomers = [];
    leave();
  }

  function decode(): void {
    const kv = batch.reduce((sum, it) => sum + it.arrival.request.inputTokens + it.generated, 0);
    const { decodeBaseSeconds, decodePerSequenceSeconds, decodePerKvTokenSeconds } = times;
    passUntil(now + decodeBaseSeconds + batch.length * decodePerSequenceSeconds + kv * decodePerKvTokenSeconds, true);
    for (const it of batch) it.generated += 1;
    leave();
  }

  function leave(): void {
    for (const it of batch) if (it.generated === it.arrival.request.outputTokens) it.fate.finishedAt = now;
    batch = batch.filter((it) => it.generated < it.arrival.request.outputTokens);
  }

  try {
    while (queue.length > 0 || arrived < arrivals.length) {
      if (queue.length === 0) passUntil(arrivals[arrived]?.at ?? now, false);
      for (let chosen = nextBatch(undefined); chosen !== undefined; chosen = nextBatch(undefined)) {
        prefill(chosen);
        let waitingTokens = 1;
        while (batch.length > 0) {
          gauge = batch.length;
          note(true);
          const isPatient = waitingTokens < limits.maxWaitingTokens;
          const joining = nextBatch(isPatient ? Math.floor(batch.length * limits.waitingServedRatio) : undefined);
          if (joining !== undefined) {
            prefill(joining);
            waitingTokens = 1;
          }
          decode();
          waitingTokens += 1;
        }
        gauge = 0;
        note(queue.length > 0);
      }
    }
  } catch (error) {
    if (error !== ended) throw error;
  }
  return { fates, readings };
}

function reservation({ arrival: { request } }: Running): number {
  return request.inputTokens + request.maxNewTokens - 1;
}
