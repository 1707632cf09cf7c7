import { formatProblem, type Problem, problemsTitle } from "../../config/problem";
import { wrap } from "./text";

/** The problems of a stack for people. */
export function renderProblems(stack: string, source: string, problems: readonly Problem[]): string {
  return [
    problemsTitle(stack, problems, source),
    ...problems.map((problem) => wrap(formatProblem(problem), "    ", "  - ")),
  ].join("\n");
}
