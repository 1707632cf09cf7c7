import type { Lengths, LoadObserver, Outcome, Stage } from "../../../tools/calibrate/contract";
import type { AnswerSink, Ending, Send } from "../../../tools/calibrate/load/sending";
import { StageRun } from "../../../tools/calibrate/load/stageRun";
import { always, NEVER, UNKNOWN, VirtualClock } from "./support";

export const LENGTHS: Lengths = { inputTokens: 100, outputTokens: 10 };

export type Answering = (sink: AnswerSink, planned: Lengths, clock: VirtualClock) => void;

/** Runs a stage on a server that answers so, in no time. */
export async function run(
  stage: Stage,
  answering: Answering,
  { observer = {}, lengths = always(LENGTHS), limits = UNKNOWN, signal = NEVER, clock = new VirtualClock() } = {} as {
    readonly observer?: LoadObserver;
    readonly lengths?: Iterator<Lengths>;
    readonly limits?: Pick<typeof UNKNOWN, "maxInputTokens" | "maxTotalTokens">;
    readonly signal?: AbortSignal;
    readonly clock?: VirtualClock;
  },
) {
  const outcomes: Outcome[] = [];
  let cancelled = 0;
  let open = 0;
  let mostOpen = 0;
  let id = 0;
  let sends = 0;
  const send: Send = (planned, sink) => {
    sends += 1;
    open += 1;
    mostOpen = Math.max(mostOpen, open);
    let isCancelled = false;
    const guarded: AnswerSink = {
      tokens: (count, at) => isCancelled || sink.tokens(count, at),
      ended: (ending) => {
        if (isCancelled) return;
        open -= 1;
        sink.ended(ending);
      },
    };
    answering(guarded, planned, clock);
    return () => {
      isCancelled = true;
      cancelled += 1;
    };
  };
  const stageRun = new StageRun(stage, {
    ...{ lengths, send, clock, limits, graceSeconds: 20 },
    nextId: () => ++id,
    observer: {
      ...observer,
      ended: (outcome) => {
        outcomes.push(outcome);
        observer.ended?.(outcome);
      },
    },
  });
  let error: unknown;
  await clock.until(stageRun.run(signal)).catch((reason) => {
    error = reason;
  });
  return { outcomes, measured: outcomes.filter((it) => it.isMeasured), cancelled, mostOpen, sends, error, clock };
}

function ending(at: number, rest: Partial<Ending> = {}): Ending {
  return { at, result: "served", inputTokens: 101, outputTokens: 10, ...rest };
}

/** The first token after a second, all of them after so many. */
export const answered =
  (seconds: number, rest: Partial<Ending> = {}): Answering =>
  (sink, _planned, clock) => {
    const now = clock.now();
    clock.at(now + 1, () => sink.tokens(1, now + 1));
    clock.at(now + seconds, () => {
      sink.tokens(9, now + seconds);
      sink.ended(ending(now + seconds, rest));
    });
  };

export const refused =
  (rest: Partial<Ending>): Answering =>
  (sink, _planned, clock) => {
    clock.at(clock.now() + 0.01, () => sink.ended(ending(clock.now(), { outputTokens: undefined, ...rest })));
  };

export function open(requestsPerSecond: number, stage: Partial<Stage> = {}): Stage {
  return { load: { kind: "open", requestsPerSecond }, warmUpSeconds: 10, seconds: 100, seed: 4, ...stage };
}
