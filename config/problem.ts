/** Something wrong with a stack file. */
export interface Problem {
  /** The key that the line names first, then the others that take part. A key that cannot be read silences the rest. */
  readonly keys: readonly [string, ...string[]];
  /** What the key is set to; undefined where it is not set. */
  readonly value?: string | undefined;
  readonly rule: string;
  readonly fix: string;
}

const LONGEST_VALUE = 60;

/** A value as an error message can show it: on one line, short, with control characters made visible. */
export function show(value: string): string {
  const short = value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value;
  return JSON.stringify(short);
}

/** One line a problem: key, value, rule and fix. */
export function formatProblem(problem: Problem): string {
  const [key] = problem.keys;
  const value = problem.value === undefined ? "not set" : problem.value;
  return `${key} (${value}): ${problem.rule}. Fix: ${problem.fix}`;
}

/** The whole message, for people who run `pulumi up` as well as for those who plan offline. */
export function formatProblems(stack: string, problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [
    `Stack ${show(stack)} has ${count} in its configuration:`,
    ...problems.map((p) => `  - ${formatProblem(p)}`),
  ].join("\n");
}
