import { METRIC_STRATEGIES, type StrategyTarget } from "../../autoscaling/metricStrategy";
import { clairvoyant, type Plan } from "./clairvoyant";
import { contend, OBJECTIVE } from "./contend";
import { smallestFixedFleet } from "./fixedFleet";
import { type Outcome, outcomeOf, type Round, samplesOf } from "./rounds";
import { hpaScaler, type Scenario } from "./scenario";
import { firstSettings, forPeople, SECOND_BEHAVIORS, type Setting, targetsEnd, type Wanted } from "./settings";
import { roundsOf } from "./start";
import { MAX_SEED } from "./traffic/random";
import { split } from "./traffic/split";

/** A setting on several samples of the traffic. */
export interface Trial extends Outcome {
  readonly setting: Setting;
}

export interface Tuned {
  /** The fewest GPU-hours that meet the SLO on the training samples; where none does, the one that comes nearest. */
  readonly best: Trial;
  /** The best setting on traffic that it was not chosen on. */
  readonly heldOut: Trial;
  /** The stack as it is, all its metrics, on the traffic held out. The setting names the first. */
  readonly before: () => Trial;
  /** The clairvoyant's on the traffic held out. */
  readonly plan: () => Plan;
  /** Settings that no other beats in both attainment and GPU-hours, the cheapest first. */
  readonly frontier: readonly Trial[];
  readonly tried: number;
  /** Another setting on the same samples: those that the best was chosen on, and those held out. */
  readonly judge: (setting: Setting) => Judged;
}

/** Each is simulated when it is asked for. */
export interface Judged {
  readonly chosenOn: Trial;
  readonly heldOut: Trial;
}

export interface TuneOptions extends Wanted {
  /** Further metrics of the same HPA, which stay as they are. */
  readonly others?: readonly StrategyTarget[];
  /** First of the training samples' seeds. */
  readonly seed: number;
  readonly progress?: (share: number, what: string) => void;
}

/** Samples for the choice between the best, and of the traffic that is held out: as many as make so many hours. */
export const TUNING_SAMPLES = { hours: 16, fewest: 2, most: 16 } as const;
/** Training has the lower half of the seeds: `split` holds out the same seeds counted from the other end. */
export const TRAINING_SEEDS = (MAX_SEED + 1) / 2;
/** Share of a trace that is for training. */
export const TRAINING = 0.6;
/** So many targets go on from the first look to the second, and kinds of settings from there to all samples. */
const SECOND_LOOK = 8;
const FINALISTS = 4;
const MOST_KINDS = FINALISTS + METRIC_STRATEGIES.length - 1;
/** Samples of the first looks: a day is enough by itself. */
const FIRST_SAMPLES = 3;
const LONG_SECONDS = 6 * 3600;
/** What is asked of the samples that a setting is chosen on: a little more, since it was chosen for doing well on them. */
export const TRAINING_OBJECTIVE = OBJECTIVE + 0.002;
/** A setting that misses the SLO by so little in the first looks may meet it with another target. */
const SLACK = 0.005;

/**
 * Looks for the target and the behavior (and the strategy, unless fixed) with the fewest GPU-hours that meet the SLO: a
 * grid on few samples of the traffic, the best of it with more behaviors, and for the best of those the largest target
 * that holds on several samples. What comes out is run on traffic that it was not chosen on.
 */
export function tune(scenario: Scenario, options: TuneOptions): Tuned {
  const { training, heldOut } = split(scenario.traffic, TRAINING);
  const samples = samplesOf(training, TUNING_SAMPLES);
  const few = training.durationSeconds >= LONG_SECONDS ? 1 : Math.min(samples, FIRST_SAMPLES);
  const seeds = Array.from({ length: samples }, (_, sample) => (options.seed + sample) % TRAINING_SEEDS);
  const trainingRounds = roundsOf({ ...scenario, traffic: training }, seeds);
  const heldOutRounds = roundsOf({ ...scenario, traffic: heldOut }, seeds);
  const { others = [], keepsBehavior = false } = options;
  const grid = firstSettings(scenario, options);
  const behaviors = keepsBehavior ? [] : SECOND_BEHAVIORS;
  const total = grid.length + FINALISTS * behaviors.length + MOST_KINDS * (HALVINGS + 1);
  const trials: Trial[] = [];
  const look = (settings: readonly Setting[], count: number, what: string): Trial[] => {
    return settings.map((setting) => {
      const trial = tryOut(setting, trainingRounds.slice(0, count), [setting, ...others]);
      trials.push(trial);
      options.progress?.(trials.length / total, what);
      return trial;
    });
  };

  const first = best(look(grid, few, "targets"), SECOND_LOOK, SLACK);
  const second = best(
    look(
      first.slice(0, FINALISTS).flatMap(({ setting }) => behaviors.map((behavior) => ({ ...setting, behavior }))),
      few,
      "behavior",
    ).concat(first),
    Number.POSITIVE_INFINITY,
    SLACK,
  );
  const finals = kinds(second).map((finalist) =>
    largestTarget(finalist.setting, targetsEnd(finalist.setting, scenario), (setting) => {
      const [trial] = look([setting], samples, "samples");
      return trial ?? finalist;
    }),
  );
  const [winner] = best(finals, 1);
  if (winner === undefined) throw new Error("there is nothing to tune");

  const { metrics, behavior } = scenario.config.autoscaler;
  const on = (rounds: readonly Round[], setting: Setting) => tryOut(setting, rounds, [setting, ...others]);
  return {
    best: winner,
    heldOut: on(heldOutRounds, winner.setting),
    before: () => tryOut({ ...metrics[0], behavior }, heldOutRounds, metrics),
    plan: () => clairvoyant(heldOutRounds, smallestFixedFleet(heldOutRounds)),
    frontier: frontierOf(trials),
    tried: trials.length,
    judge: (setting) => ({
      get chosenOn() {
        return on(trainingRounds, setting);
      },
      get heldOut() {
        return on(heldOutRounds, setting);
      },
    }),
  };
}

/** @param metrics all that the HPA looks at; the setting's own without it. */
export function tryOut(
  setting: Setting,
  rounds: readonly Round[],
  metrics: readonly StrategyTarget[] = [setting],
): Trial {
  const { behavior } = setting;
  const results = rounds.map(({ scenario, contest }) =>
    contend(scenario, hpaScaler(scenario.config, { metrics, behavior }), contest),
  );
  return { setting, ...outcomeOf(results) };
}

/** Whether the replicas that there were at first stayed throughout: no setting follows from that. */
export function neverScaled({ results }: Pick<Trial, "results">): boolean {
  return results.every(({ changes }) => changes === 0);
}

/** Those that meet the SLO but for some slack, the cheapest first; then those that come nearest to it. */
export function best<T extends Pick<Trial, "attained" | "gpuHours">>(
  trials: readonly T[],
  count: number,
  slack = 0,
): T[] {
  const meets = (trial: T) => holdsOnTraining(trial, slack);
  return trials
    .toSorted((a, b) =>
      meets(a) && meets(b) ? a.gpuHours - b.gpuHours : Number(meets(b)) - Number(meets(a)) || b.attained - a.attained,
    )
    .slice(0, count);
}

/** Whether the SLO is met on the samples that a setting is chosen on, but for some slack. */
export function holdsOnTraining({ attained }: Pick<Trial, "attained">, slack = 0): boolean {
  return attained >= TRAINING_OBJECTIVE - slack;
}

/** The best of the kinds of settings, a strategy and a behavior each, and the best kind of every other strategy. */
function kinds(trials: readonly Trial[]): readonly Trial[] {
  const firstOf = (key: (trial: Trial) => string) =>
    trials.filter((trial, index) => trials.findIndex((it) => key(it) === key(trial)) === index);
  const some = firstOf(({ setting: { strategy, behavior } }) => JSON.stringify([strategy, behavior ?? null]));
  const finalists = some.slice(0, FINALISTS);
  const others = firstOf(({ setting }) => setting.strategy).filter(
    ({ setting }) => !finalists.some((it) => it.setting.strategy === setting.strategy),
  );
  return [...finalists, ...others];
}

/** Halvings of the range in which a finalist's target is looked for. */
const HALVINGS = 4;

/** The largest target, so the cheapest, with which a setting still meets the SLO; the one that comes nearest else. */
function largestTarget(setting: Setting, end: number, tryOut: (setting: Setting) => Trial): Trial {
  let low = setting.target * 0.5;
  let high = Math.min(end, setting.target * 1.3);
  const trials: Trial[] = [];
  for (let step = 0; step <= HALVINGS; step += 1) {
    const target = forPeople(step === 0 ? setting.target : Math.sqrt(low * high));
    const trial = target < end ? tryOut({ ...setting, target }) : undefined;
    if (trial !== undefined) trials.push(trial);
    if (trial !== undefined && holdsOnTraining(trial)) low = target;
    else high = target;
  }
  return best(trials, 1)[0] ?? tryOut(setting);
}

function frontierOf(trials: readonly Trial[]): readonly Trial[] {
  const cheapestFirst = trials.toSorted((a, b) => a.gpuHours - b.gpuHours || b.attained - a.attained);
  let highest = 0;
  return cheapestFirst.filter(({ attained }) => {
    if (attained <= highest) return false;
    highest = attained;
    return true;
  });
}
