import type { DirectionRules, ReplicaRules } from "../../autoscaling/hpa/behavior";
import { type History, type Notes, newHistory } from "../../autoscaling/hpa/history";
import { normalise, recordInitialRecommendation, recordScaleEvent } from "../../autoscaling/hpa/normalise";
import type { Moment } from "./timeline";

/** Numbers of replicas from `least` to `most`. */
interface Range {
  readonly least: number;
  readonly most: number;
}

/** The controller's memory in one extreme case of what a timeline leaves open. */
interface Track {
  readonly history: History;
  readonly rules: ReplicaRules;
  /** Which of the proposals that explain a status it remembers. */
  readonly remembers: keyof Range;
}

/** What the controller may remember; what it can make of a proposal lies between what the tracks make of it. */
export class Tracks {
  private readonly tracks: readonly Track[];

  /** @param slackMs how far the times of two syncs may really be apart more, or less, than they seem. */
  constructor(
    private readonly rules: ReplicaRules,
    slackMs: number,
  ) {
    this.tracks = [-slackMs, 0, slackMs].flatMap((byMs) =>
      (["least", "most"] as const).map((remembers) => ({
        history: newHistory(),
        rules: stretched(rules, byMs),
        remembers,
      })),
    );
  }

  /**
   * Goes through the syncs of one status.
   *
   * @param proposals what the metrics may have proposed; null for "nothing may happen".
   * @returns what the arithmetic could come to, where that is not what the controller wanted.
   */
  explain(
    moment: Moment,
    before: Moment | undefined,
    proposals: ReadonlySet<number | null>,
    syncTimes: readonly number[],
  ): string | undefined {
    const { at, current, wanted } = moment;
    if (current > 0) for (const { history } of this.tracks) recordInitialRecommendation(history, at, current);
    let missed: readonly Range[] | undefined;
    for (const time of syncTimes) {
      const outcomes = [...proposals].map((proposal) => ({
        proposal,
        ...(proposal === null ? this.untouched(moment, before) : this.reach(time, current, proposal)),
      }));
      const explaining = outcomes.filter(({ least, most }) => least <= wanted && wanted <= most);
      if (explaining.length === 0) missed ??= outcomes;
      this.remember(time, current, explaining.length === 0 ? outcomes : explaining);
    }
    if (wanted !== current) {
      for (const { history, rules } of this.tracks) recordScaleEvent(history, rules, at, current, wanted);
    }
    return missed && [...new Set(missed.toSorted((a, b) => a.least - b.least).map(rangeText))].join(" or ");
  }

  /** What a sync leaves or sets that looks at no metric or gets none. */
  private untouched({ current, wanted }: Moment, before: Moment | undefined): Range {
    const { minReplicas, maxReplicas } = this.rules;
    const bounded = Math.max(minReplicas, Math.min(maxReplicas, current));
    const kept = current === 0 || bounded === current ? (before?.wanted ?? wanted) : bounded;
    return { least: kept, most: kept };
  }

  private reach(nowMs: number, current: number, desired: number): Range {
    const reached = this.tracks.map(({ history, rules }) => {
      return normalise(copyOf(history), rules, { nowMs, current, desired }).replicas;
    });
    return { least: Math.min(...reached), most: Math.max(...reached) };
  }

  private remember(nowMs: number, current: number, outcomes: readonly { readonly proposal: number | null }[]): void {
    const proposals = outcomes.flatMap(({ proposal }) => (proposal === null ? [] : [proposal]));
    if (proposals.length === 0) return;
    const extremes: Range = { least: Math.min(...proposals), most: Math.max(...proposals) };
    for (const { history, rules, remembers } of this.tracks) {
      normalise(history, rules, { nowMs, current, desired: extremes[remembers] });
    }
  }
}

function copyOf({ recommendations, scaleUps, scaleDowns }: History): History {
  const copy = ({ atMs, replicas }: Notes): Notes => ({ atMs: [...atMs], replicas: [...replicas] });
  return { recommendations: copy(recommendations), scaleUps: copy(scaleUps), scaleDowns: copy(scaleDowns) };
}

function rangeText({ least, most }: Range): string {
  return least === most ? String(least) : `${least} to ${most}`;
}

/** Rules whose windows and periods are longer; one that is not there stays away. */
function stretched(rules: ReplicaRules, byMs: number): ReplicaRules {
  const { behavior, scaleDownWindowMs } = rules;
  const longer = (ms: number) => (ms === 0 ? 0 : Math.max(0, ms + byMs));
  const direction = ({ windowMs, policies, longestPeriodMs, selectPolicy }: DirectionRules): DirectionRules => ({
    windowMs: longer(windowMs),
    policies: policies.map((policy) => ({ ...policy, periodMs: longer(policy.periodMs) })),
    longestPeriodMs: longer(longestPeriodMs),
    selectPolicy,
  });
  return {
    ...rules,
    scaleDownWindowMs: longer(scaleDownWindowMs),
    behavior: behavior && { up: direction(behavior.up), down: direction(behavior.down) },
  };
}
