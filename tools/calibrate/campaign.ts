import type { Slo } from "../simulate/world/figures";
import {
  type Lengths,
  type LoadedServer,
  type LoadObserver,
  type Outcome,
  ServerLost,
  type ServerSample,
  type StageFigures,
} from "./contract";
import { expectedStay } from "./lengthsOf";
import { ServerFault } from "./load/faults";
import type { DutySample } from "./measure/dutyCycle";
import { type LadderOptions, type NextStage, nextStage, secondsLeft, stagesLeft } from "./measure/ladder";
import type { Observations } from "./measure/observations";
import { StageMeter } from "./measure/stageMeter";
import { StepObserver } from "./measure/stepObserver";

/** What is measured, of whom. */
export interface Campaign {
  readonly server: LoadedServer;
  readonly ladder: LadderOptions;
  readonly slo: Slo;
  /** The traffic's own lengths, without end. @param seed another sample of them. */
  readonly lengths: (seed: number) => Iterator<Lengths, never>;
  /** Seconds on the client's clock, monotonic. */
  readonly now: () => number;
  /** Seconds since 1970 at which that clock stood at 0. */
  readonly epochOffset: number;
  /** Hears about once a second how far it is, and of the end of every stage. */
  readonly heard?: (state: CampaignState) => void;
  /** Ends it early; what was measured before still counts. */
  readonly signal: AbortSignal;
}

/** How far a campaign is. */
export interface CampaignState {
  readonly next: NextStage;
  /** Counted from 1; of how many, as far as can be said. */
  readonly stage: number;
  readonly stages: number;
  /** Seconds that are over, and that are left as far as can be said. */
  readonly secondsDone: number;
  readonly secondsLeft: number;
  /** 95th percentile of the time to first token in this load so far, in seconds; NaN before anything was answered. */
  readonly ttftP95: number;
  /** Set when the stage is over. */
  readonly finished?: StageFigures;
}

/** What came of a campaign. */
export interface Measured {
  /** One entry for each load, in the order in which they were begun. */
  figures(dutyCycle?: readonly DutySample[]): readonly StageFigures[];
  readonly observations: Observations;
  /** What client and server do not agree on. */
  readonly disagreements: readonly string[];
  /** Why it ended before its plan did. */
  readonly partialBecause: string | undefined;
}

/** As often as the state is told. */
const TELL_EVERY_SECONDS = 1;

/**
 * Climbs the ladder of loads: one stage after the other, each planned on what was measured before.
 *
 * @throws ServerFault when the server's answers are of no use.
 */
export async function measure(campaign: Campaign): Promise<Measured> {
  const { server, ladder, slo, lengths, now, epochOffset, signal, heard } = campaign;
  const steps = new StepObserver(ladder.seed);
  const meters = new Map<string, StageMeter>();
  const figures = (dutyCycle?: readonly DutySample[]) => [...meters.values()].map((meter) => meter.figures(dutyCycle));
  const expected = expectedStay(lengths(ladder.seed), slo);
  const begin = now();
  let partialBecause: string | undefined;
  let stage = 0;
  for (;;) {
    const done = figures();
    const next = nextStage(done, ladder);
    if (next === undefined) break;
    stage += 1;
    const key = JSON.stringify(next.stage.load);
    const before = meters.get(key);
    // A stage that does not come to its end counts for nothing: only then is its load without the figures of before.
    const meter = before ?? new StageMeter(slo, epochOffset);
    const stageBegin = now();
    const left = secondsLeft(done, ladder, expected);
    const stages = stage - 1 + stagesLeft(done, ladder);
    const tell = (finished?: StageFigures) => {
      const at = now();
      heard?.({
        ...{ next, stage, stages, secondsDone: at - begin, secondsLeft: Math.max(0, left - (at - stageBegin)) },
        ttftP95: meter.ttftP95,
        ...(finished === undefined ? {} : { finished }),
      });
    };
    meter.begin(next.stage, stageBegin);
    try {
      await server.run(next.stage, lengths(next.stage.seed), everySecond(both(meter, steps), now, tell), signal);
    } catch (error) {
      partialBecause = reasonToEnd(error, signal);
      if (partialBecause === undefined) throw error;
    }
    if (signal.aborted) partialBecause ??= INTERRUPTED;
    if (partialBecause !== undefined) {
      if (before !== undefined) meter.abandon();
      break;
    }
    meters.set(key, meter);
    tell(meter.figures());
  }
  return {
    figures,
    observations: steps.observations(),
    disagreements: [...meters.values()].flatMap((meter) => meter.disagreements()),
    partialBecause,
  };
}

const INTERRUPTED = "it was interrupted.";

/** Why a run ends early, with what it has; undefined for what makes it worthless. */
function reasonToEnd(error: unknown, { aborted }: AbortSignal): string | undefined {
  if (error instanceof ServerLost) return error.message;
  if (error instanceof ServerFault) return undefined;
  return aborted ? INTERRUPTED : undefined;
}

function both(one: LoadObserver, other: LoadObserver): LoadObserver {
  return {
    sent: (id: number, planned: Lengths, at: number) => {
      one.sent?.(id, planned, at);
      other.sent?.(id, planned, at);
    },
    tokens: (id: number, count: number, at: number) => {
      one.tokens?.(id, count, at);
      other.tokens?.(id, count, at);
    },
    ended: (outcome: Outcome) => {
      one.ended?.(outcome);
      other.ended?.(outcome);
    },
    scraped: (sample: ServerSample) => {
      one.scraped?.(sample);
      other.scraped?.(sample);
    },
  };
}

/** Tells whenever something has ended and a second has passed: that needs no timer of its own. */
function everySecond(observer: LoadObserver, now: () => number, tell: () => void): LoadObserver {
  let told = now();
  const look = () => {
    if (now() - told < TELL_EVERY_SECONDS) return;
    told = now();
    tell();
  };
  return {
    ...observer,
    ended: (outcome) => {
      observer.ended?.(outcome);
      look();
    },
    scraped: (sample) => {
      observer.scraped?.(sample);
      look();
    },
  };
}
