import assert from "node:assert/strict";
import { type ParsedConfig, parseConfig } from "../../config/parse";
import { formatProblem } from "../../config/problem";
import type { StackConfig } from "../../config/stackConfig";
import type { Verdict } from "../../config/verdict";

/** What a stack file says; `undefined` takes away what the smallest one has. Our own keys stand without namespace. */
export type StackFile = Readonly<Record<string, string | undefined>>;

/** The least that a stack must say. */
const SMALLEST: StackFile = {
  "gcp:project": "my-project",
  "gcp:region": "us-central1",
  huggingFaceToken: "hf_token",
};

/** A stack file as Pulumi hands it to the program. */
export function rawConfig(set: StackFile): Record<string, string> {
  const raw = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries({ ...SMALLEST, ...set })) {
    if (value !== undefined) raw[key.includes(":") ? key : `gke-llm-autoscaling:${key}`] = value;
  }
  return raw;
}

export function parse(set: StackFile = {}, stack = "dev"): ParsedConfig {
  return parseConfig(rawConfig(set), stack);
}

/** The lines that a stack file is refused with; none for one that is accepted. */
export function lines(set: StackFile, stack?: string): readonly string[] {
  return parse(set, stack).verdict.problems.map(formatProblem);
}

/** The outcome for a stack file that must be accepted. */
export function accepted(set: StackFile = {}, stack?: string): { config: StackConfig; verdict: Verdict } {
  const { config, verdict } = parse(set, stack);
  assert.deepEqual(verdict.problems.map(formatProblem), []);
  assert.ok(config !== undefined);
  return { config, verdict };
}

/** One rule: a stack file just beyond it, what is said about it, and one just within it. */
export interface RuleRow {
  readonly refused: StackFile;
  /** The key that the line begins with, and how its value begins there. */
  readonly key: string;
  readonly value: string;
  readonly rule: string;
  readonly fix: string;
  /** The keys that take part: one of them unreadable, and the rule cannot be judged. */
  readonly concerns?: readonly string[];
  /** Whether breaking the rule breaks others too; else nothing more may be said. */
  readonly amongOthers?: true;
  readonly accepted: StackFile;
}

/** Defines a test for each side of each rule. */
export function itHolds(rules: Readonly<Record<string, RuleRow>>): void {
  for (const [name, row] of Object.entries(rules)) {
    it(`refuses ${name}`, () => {
      const { config, verdict } = parse(row.refused);
      assert.equal(config, undefined);
      const said = verdict.problems.map(formatProblem).join("\n");
      const problem = verdict.problems.find(({ rule }) => rule.includes(row.rule)) ?? assert.fail(`silent: ${said}`);
      if (!row.amongOthers) assert.equal(verdict.problems.length, 1, said);
      const line = formatProblem(problem);
      assert.ok(line.startsWith(`${row.key} (${row.value}`), line);
      assert.ok(line.includes(`. Fix: ${row.fix}`), line);
      for (const key of row.concerns ?? []) assert.ok(problem.keys.includes(key), `${key} takes part`);
    });
    it(`accepts the neighbour of ${name}`, () => {
      accepted(row.accepted);
    });
  }
}

/** The warnings about a stack file that is accepted and that contain a text. */
export function warningsWith(text: string, set: StackFile): readonly string[] {
  return accepted(set).verdict.warnings.filter((warning) => warning.includes(text));
}
