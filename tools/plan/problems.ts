import { formatProblem, type Problem, problemsTitle } from "../../config/problem";
import { wrap } from "./text";

/**
 * The problems of a stack for people.
 *
 * @param origin where the values are from.
 */
export function renderProblems(stack: string, origin: string, problems: readonly Problem[]): string {
  return [
    wrap(problemsTitle(stack, problems, origin), "  ", ""),
    ...problems.map((problem) => wrap(formatProblem(problem), "    ", "  - ")),
  ].join("\n");
}
