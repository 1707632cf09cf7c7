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

/** A value as an error message can show it: short, quoted, and without what looks like a Hugging Face token. */
export function show(value: string): string {
  const safe = value.replaceAll(/hf_[A-Za-z0-9]+/g, "hf_[secret]");
  return JSON.stringify(safe.length > LONGEST_VALUE ? `${safe.slice(0, LONGEST_VALUE)}…` : safe);
}

/** Characters that would break a line, or hide a part of it, are written as JavaScript writes them. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, (char) => {
    const escaped = JSON.stringify(char).slice(1, -1);
    return escaped === char ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : escaped;
  });
}

/** One line a problem: key, value, rule and fix. */
export function formatProblem(problem: Problem): string {
  const [key] = problem.keys;
  const value = problem.value === undefined ? "not set" : problem.value;
  return oneLine(`${key} (${value}): ${problem.rule}. Fix: ${problem.fix}`);
}

/** What stands above the list of a stack's problems; it says where the values are from if that is not obvious. */
export function problemsTitle(stack: string, problems: readonly Problem[], origin?: string): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return `Stack ${show(stack)} has ${count} in its configuration${origin === undefined ? "" : ` (${origin})`}:`;
}

/** The whole message of `pulumi up`. */
export function formatProblems(stack: string, problems: readonly Problem[]): string {
  return [problemsTitle(stack, problems), ...problems.map((problem) => `  - ${formatProblem(problem)}`)].join("\n");
}
