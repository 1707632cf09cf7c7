/** One requirement of a label selector; the operators are called as Kubernetes calls them in messages. */
export interface Requirement {
  readonly key: string;
  readonly operator: "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";
  /** Sorted, each once. */
  readonly values: readonly string[];
}

/** A text that is no label selector. */
export class SelectorError extends Error {}

const COMPARISONS = { "=": "=", "==": "==", "!=": "!=", ">": "gt", "<": "lt" } as const;

/**
 * Reads a label selector as the Kubernetes API server does: `a=b,c in (d,e),f notin (g),h,!i,j>1`. The empty text
 * selects everything.
 *
 * Source: k8s.io/apimachinery v0.35 `pkg/labels`.
 *
 * @returns the requirements, sorted by key.
 * @throws SelectorError for anything else, and for keys and values that no label can have.
 */
export function parseSelector(text: string): readonly Requirement[] {
  const tokens = text.match(/[=!]=|[=!(),<>]|[^\s=!(),<>]+/g) ?? [];
  const requirements: Requirement[] = [];
  let index = 0;
  const peek = () => tokens[index];
  const next = () => tokens[index++];
  while (index < tokens.length) {
    requirements.push(checked(requirement(peek, next)));
    if (index === tokens.length) break;
    const separator = next();
    if (separator !== ",") throw new SelectorError(`found '${separator}', expected: ',' or 'end of string'`);
    if (index === tokens.length) throw new SelectorError("found '', expected: identifier after ','");
  }
  return requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

type Read = () => string | undefined;

function requirement(peek: Read, next: Read): Requirement {
  const absent = peek() === "!";
  if (absent) next();
  const key = identifier(next());
  if (peek() === undefined || peek() === ",") return { key, operator: absent ? "!" : "exists", values: [] };
  const operator = next() ?? "";
  if (absent) throw new SelectorError(`found '${operator}', expected: ',' or 'end of string'`);
  if (operator === "in" || operator === "notin") return { key, operator, values: list(peek, next) };
  if (!isComparison(operator)) {
    throw new SelectorError(`found '${operator}', expected: in, notin, ${Object.keys(COMPARISONS).join(", ")}`);
  }
  const value = peek() === undefined || peek() === "," ? "" : identifier(next());
  return { key, operator: COMPARISONS[operator], values: [value] };
}

/** The alternatives in parentheses; one that is left out is the empty text. */
function list(peek: Read, next: Read): readonly string[] {
  if (next() !== "(") throw new SelectorError("found no '(' after 'in' or 'notin'");
  const values = new Set<string>();
  for (;;) {
    values.add(peek() === "," || peek() === ")" ? "" : identifier(next()));
    const separator = next();
    if (separator === ")") return [...values].sort();
    if (separator !== ",") throw new SelectorError(`found '${separator ?? ""}', expected: ',' or ')'`);
  }
}

function isComparison(text: string): text is keyof typeof COMPARISONS {
  return Object.hasOwn(COMPARISONS, text);
}

function identifier(token: string | undefined): string {
  if (token === undefined || /^[=!(),<>]/.test(token)) {
    throw new SelectorError(`found '${token ?? ""}', expected: identifier`);
  }
  return token;
}

const PREFIX = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const NAME = /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/;

function checked(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement;
  const parts = key.split("/");
  const name = parts.pop() ?? "";
  if (!NAME.test(name) || parts.length > 1 || !parts.every((prefix) => PREFIX.test(prefix))) {
    throw new SelectorError(`unable to parse requirement: key: Invalid value: "${key}"`);
  }
  for (const value of values) {
    const whole = operator !== "gt" && operator !== "lt";
    if (whole ? value !== "" && !NAME.test(value) : !/^\d+$/.test(value)) {
      throw new SelectorError(`unable to parse requirement: values: Invalid value: "${value}"`);
    }
  }
  return requirement;
}
