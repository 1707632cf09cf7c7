import type { Problem } from "./problem";

/** A check that was made, with its figures. One that does not hold is a problem as well. */
export interface Check {
  readonly name: string;
  /** `warning`: it holds, but see the warnings. `skipped`: nothing is known that could be checked. */
  readonly state: "ok" | "warning" | "skipped";
  readonly figures: string;
}

/** What is to be said about a configuration. Only problems keep it from being built. */
export interface Verdict {
  readonly problems: readonly Problem[];
  readonly checks: readonly Check[];
  readonly warnings: readonly string[];
}

/** Verdicts of several rules, in order. */
export function combine(verdicts: readonly Partial<Verdict>[]): Verdict {
  return {
    problems: verdicts.flatMap((verdict) => verdict.problems ?? []),
    checks: verdicts.flatMap((verdict) => verdict.checks ?? []),
    warnings: verdicts.flatMap((verdict) => verdict.warnings ?? []),
  };
}

/** The problem, as a list, when a rule does not hold. */
export function unless(holds: boolean, problem: () => Problem): readonly Problem[] {
  return holds ? [] : [problem()];
}

/** The warning, as a list, when something is so. */
export function when(so: boolean, warning: string): readonly string[] {
  return so ? [warning] : [];
}

/** Made once: to make one takes a millisecond, and a verdict has dozens of figures. */
const FIGURE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** A figure with at most one decimal, thousands separated. */
export function figure(value: number): string {
  return FIGURE.format(value);
}

/** What is available, rounded down: a figure must not look like enough when it is not. */
export function atMost(value: number): string {
  return figure(Math.floor(value * 10) / 10);
}
