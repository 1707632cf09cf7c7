import { rateOf, staySecondsOf } from "../../report/calibrationText";
import { OBJECTIVE } from "../../simulate/contend";
import type { Load, Stage, StageFigures } from "../contract";
import { byLoad, findKnee, hasRefused, sizeOf } from "./knee";

/** How long and how far a calibration goes. */
export interface LadderOptions {
  /** Measured seconds of a stage; at least half as many pass before, until the batch is what it will be. */
  readonly stepSeconds: number;
  /** Most clients at once. */
  readonly maxConcurrency: number;
  /** Of each open-loop rate, each with arrivals of its own. */
  readonly repetitions: number;
  /** Of the first stage; the others follow. */
  readonly seed: number;
}

/** A stage to come, and what it is for. */
export interface NextStage {
  readonly stage: Stage;
  readonly purpose: "climb" | "narrow" | "rate";
  /** Counted from 1; of how many. */
  readonly repetition: number;
  readonly repetitions: number;
}

/** The least warm-up, of the measured time. */
const WARM_UP_SHARE = 0.5;
/**
 * And of the time that a request stays at the knee: an open load begins with an empty server, and after this the batch
 * is within 5 % of what it will be (1 − e⁻³). Judged earlier, a load that the server does not hold looks held.
 */
const WARM_UP_STAYS = 3;
/** Halvings of the range between the last load that holds and the first that does not. */
const HALVINGS = 2;
/** A range so narrow is not halved. */
const NARROW = 1.15;
/** Of the throughput at the closed-loop knee. */
export const RATES = [0.7, 0.85, 1, 1.15] as const;
/** Where none of them holds, or all do. */
const LOWER_RATES = [0.5, 0.35, 0.25] as const;
const HIGHER_RATES = [1.3, 1.5] as const;

/**
 * What to measure next, seeing what was measured so far: so many clients, doubled from 1 until the SLO is missed, the
 * server refuses, or there are no more to be had; one or two numbers in between; then Poisson arrivals at rates around
 * the throughput at that knee. The same figures give the same next stage.
 *
 * @param done one entry for each load, with the number of its repetitions.
 * @returns undefined when all is done.
 */
export function nextStage(done: readonly StageFigures[], options: LadderOptions): NextStage | undefined {
  const climb = nextClimb(done, options);
  if (climb !== undefined) return once(climb, "climb", done, options);
  const between = nextBetween(done);
  if (between !== undefined) return once(between, "narrow", done, options);
  for (const load of ratesOf(done)) {
    const repeated = repetitionsOf(done, load);
    if (repeated < options.repetitions) {
      const stage = { ...stageOf(load, repeated, options), warmUpSeconds: openWarmUp(kneeStay(done) ?? 0, options) };
      return { stage, purpose: "rate", repetition: repeated + 1, repetitions: options.repetitions };
    }
  }
  return undefined;
}

/**
 * Seconds that are left, as far as can be said: the climb may end earlier. After each stage the last answers are waited
 * for.
 *
 * @param expectedStaySeconds that a request stays at the knee, until that is measured
 */
export function secondsLeft(
  done: readonly StageFigures[],
  options: LadderOptions,
  expectedStaySeconds: number,
): number {
  const { stepSeconds } = options;
  const measured = kneeStay(done) ?? 0;
  const isClimbing = nextClimb(done, options) !== undefined;
  const stay = isClimbing ? Math.max(measured, expectedStaySeconds) : measured;
  const closed = climbLeft(done, options) + narrowLeft(done, options);
  return (
    closed * (stepSeconds * (1 + WARM_UP_SHARE) + stay) +
    ratesLeft(done, options) * (openWarmUp(stay, options) + stepSeconds + stay)
  );
}

/** Stages that are left, the next one included, as far as can be said. */
export function stagesLeft(done: readonly StageFigures[], options: LadderOptions): number {
  return climbLeft(done, options) + narrowLeft(done, options) + ratesLeft(done, options);
}

/** The closed-loop knee; where not even the lightest load is held, that. */
function nearestToKnee(done: readonly StageFigures[]): StageFigures | undefined {
  const knee = findKnee(done, "closed");
  return knee?.kind === "none" ? knee.above : knee?.at;
}

/** Seconds that a request stays at the closed-loop knee, or at what is nearest to it so far. */
function kneeStay(done: readonly StageFigures[]): number | undefined {
  const stage = nearestToKnee(done);
  if (stage === undefined) return undefined;
  const staySeconds = staySecondsOf(stage);
  return Number.isFinite(staySeconds) ? staySeconds : undefined;
}

function openWarmUp(staySeconds: number, { stepSeconds }: LadderOptions): number {
  return Math.max(stepSeconds * WARM_UP_SHARE, WARM_UP_STAYS * staySeconds);
}

function once(load: Load, purpose: NextStage["purpose"], done: readonly StageFigures[], options: LadderOptions) {
  return { stage: stageOf(load, done.length, options), purpose, repetition: 1, repetitions: 1 };
}

function stageOf(load: Load, offset: number, { stepSeconds, seed }: LadderOptions): Stage {
  return { load, warmUpSeconds: stepSeconds * WARM_UP_SHARE, seconds: stepSeconds, seed: seed + offset };
}

function closedOf(done: readonly StageFigures[]): readonly StageFigures[] {
  return done.filter(({ load }) => load.kind === "closed").toSorted(byLoad);
}

function nextClimb(done: readonly StageFigures[], { maxConcurrency }: LadderOptions): Load | undefined {
  const closed = closedOf(done);
  if (closed.some((_, index) => isPast(closed.slice(0, index + 1)))) return undefined;
  const highest = closed.at(-1);
  if (highest === undefined) return { kind: "closed", concurrency: 1 };
  const reached = sizeOf(highest.load);
  if (reached >= maxConcurrency) return undefined;
  return { kind: "closed", concurrency: Math.min(maxConcurrency, reached * 2) };
}

/** One stage that misses the objective by chance is no knee: it must be clear, or the next one must miss it, too. */
function isPast(stages: readonly StageFigures[]): boolean {
  const [last, before] = [stages.at(-1), stages.at(-2)];
  if (last === undefined) return false;
  if (hasRefused(last) || last.attainment.high < OBJECTIVE) return true;
  return before !== undefined && last.attainment.mean < OBJECTIVE && before.attainment.mean < OBJECTIVE;
}

function nextBetween(done: readonly StageFigures[]): Load | undefined {
  const knee = findKnee(done, "closed");
  if (knee?.kind !== "found") return undefined;
  const [low, high] = [sizeOf(knee.at.load), sizeOf(knee.above.load)];
  const halved = halvingsOf(done);
  const middle = Math.round((low + high) / 2);
  if (halved >= HALVINGS || high / low <= NARROW || middle <= low || middle >= high) return undefined;
  return { kind: "closed", concurrency: middle };
}

/** Numbers of clients that lie between two steps of the climb; its last step may be the most that there may be. */
function halvingsOf(done: readonly StageFigures[]): number {
  const numbers = closedOf(done).map(({ load }) => sizeOf(load));
  return numbers.filter((it) => !Number.isInteger(Math.log2(it)) && it < Math.max(...numbers)).length;
}

/** Between the last two steps of a climb to there: none between 1 and 2, one between 2 and 4. */
function halvingsBelow(most: number): number {
  return Math.max(0, Math.floor(Math.log2(most)) - 1);
}

/** The open-loop rates, in the order in which they are measured. */
function ratesOf(done: readonly StageFigures[]): readonly Load[] {
  const stage = nearestToKnee(done);
  if (stage === undefined) return [];
  const { requests, results } = stage;
  // Requests that are too long for the server come on top of those that it serves.
  const throughput = (rateOf(stage) * requests) / (requests - results.rejected);
  if (!(throughput > 0)) return [];
  const loads = (shares: readonly number[]): readonly Load[] =>
    shares.map((share) => ({ kind: "open", requestsPerSecond: Number((share * throughput).toPrecision(3)) }));
  const first = loads(RATES);
  if (first.some((load) => repetitionsOf(done, load) === 0)) return first;
  // More, one by one, as long as they are all on the same side of the knee.
  const more: Load[] = [];
  const side = findKnee(
    done.filter(({ load }) => has(first, load)),
    "open",
  )?.kind;
  const further = side === "none" ? LOWER_RATES : side === "beyond" ? HIGHER_RATES : [];
  for (const load of loads(further)) {
    more.push(load);
    const seen = findKnee(
      done.filter((it) => has([...first, ...more], it.load)),
      "open",
    )?.kind;
    if (repetitionsOf(done, load) === 0 || seen !== side) break;
  }
  return [...first, ...more];
}

function has(loads: readonly Load[], load: Load): boolean {
  return loads.some((it) => isSame(it, load));
}

function isSame(a: Load, b: Load): boolean {
  return a.kind === b.kind && sizeOf(a) === sizeOf(b);
}

function repetitionsOf(done: readonly StageFigures[], load: Load): number {
  return done.find((it) => isSame(it.load, load))?.repetitions ?? 0;
}

function climbLeft(done: readonly StageFigures[], options: LadderOptions): number {
  const next = nextClimb(done, options);
  return next === undefined ? 0 : 1 + Math.ceil(Math.log2(options.maxConcurrency / sizeOf(next)));
}

function narrowLeft(done: readonly StageFigures[], options: LadderOptions): number {
  if (nextClimb(done, options) !== undefined) return Math.min(HALVINGS, halvingsBelow(options.maxConcurrency));
  return nextBetween(done) === undefined ? 0 : HALVINGS - halvingsOf(done);
}

function ratesLeft(done: readonly StageFigures[], options: LadderOptions): number {
  const isKnown = nextClimb(done, options) === undefined && nextBetween(done) === undefined;
  if (!isKnown) return RATES.length * options.repetitions;
  return ratesOf(done).reduce((sum, load) => sum + Math.max(0, options.repetitions - repetitionsOf(done, load)), 0);
}
