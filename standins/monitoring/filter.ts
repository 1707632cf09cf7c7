import { type Token, tokensOf } from "./filterTokens";
import { InvalidArgument } from "./invalidArgument";
import type { SeriesKey } from "./store";

/** A filter of Cloud Monitoring that was understood. */
export interface Filter {
  admits(series: SeriesKey): boolean;
  /** The one metric type that every admitted series has: listing time series demands one. Undefined without it. */
  readonly metricType: string | undefined;
}

/** A part of a filter; the type is known where a part stands for `metric.type = "…"`. */
interface Part {
  readonly admits: (series: SeriesKey) => boolean;
  readonly types: readonly string[];
}

/** Google's limit on the arguments of `one_of`. */
const MOST_ALTERNATIVES = 100;
const KEYWORDS: ReadonlySet<string> = new Set(["AND", "OR", "NOT"]);

/**
 * Parses a filter of Cloud Monitoring, as far as it is played here: `metric.type`, `resource.type`, `project` and
 * labels compared by `=` and `!=` with a text or with `one_of`, `starts_with`, `ends_with`, `has_substring`; presence
 * of a label with `metric.labels : name`; `AND`, `OR`, `NOT` and parentheses. A label that a series does not have
 * reads as the empty text. An empty filter admits everything.
 *
 * `OR` binds tighter than `AND`: `a AND b OR c` means `a AND (b OR c)`.
 *
 * Sources: Google's "Monitoring filters", and the grammar of AIP-160, which Google's list methods share.
 *
 * @throws InvalidArgument for anything else, also where Google would understand it: a part that was passed over would
 * admit series that nobody asked for.
 */
export function parseFilter(text: string): Filter {
  const parser = new Parser(tokensOf(text));
  const { admits, types } = parser.filter();
  const [metricType, ...others] = new Set(types);
  return { admits, metricType: others.length === 0 ? metricType : undefined };
}

class Parser {
  private index = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  filter(): Part {
    if (this.peek().kind === "end") return { admits: () => true, types: [] };
    const part = this.conjunction();
    if (this.peek().kind !== "end") throw this.unexpected(this.peek(), "AND, OR or the end");
    return part;
  }

  private conjunction(): Part {
    const parts = [this.disjunction()];
    while (this.accept("word", "AND")) parts.push(this.disjunction());
    return {
      admits: (series) => parts.every(({ admits }) => admits(series)),
      types: parts.flatMap(({ types }) => types),
    };
  }

  private disjunction(): Part {
    const first = this.negation();
    const parts = [first];
    while (this.accept("word", "OR")) parts.push(this.negation());
    if (parts.length === 1) return first;
    return { admits: (series) => parts.some(({ admits }) => admits(series)), types: [] };
  }

  private negation(): Part {
    if (!this.accept("word", "NOT")) return this.simple();
    const { admits } = this.simple();
    return { admits: (series) => !admits(series), types: [] };
  }

  private simple(): Part {
    if (!this.accept("symbol", "(")) return this.restriction();
    const inner = this.conjunction();
    this.expect(")");
    return inner;
  }

  private restriction(): Part {
    const field = this.next("word", "a field");
    if (KEYWORDS.has(field.value)) throw this.unexpected(field, "a field");
    const operator = this.next("symbol", "a comparison");
    if (operator.value === ":") return { admits: this.presence(field), types: [] };
    if (operator.value !== "=" && operator.value !== "!=") throw this.unexpected(operator, "=, != or :");
    const read = reader(field);
    const wanted = operator.value === "=";
    const plain = this.peek().kind === "text";
    const [test, value] = this.comparand();
    return {
      admits: (series) => test(read(series) ?? "") === wanted,
      types: field.value === "metric.type" && wanted && plain ? [value] : [],
    };
  }

  private presence(field: Token): Part["admits"] {
    const read = LABELS.get(field.value);
    if (read === undefined) throw this.unexpected(field, "metric.labels or resource.labels before :");
    const token = this.peek();
    if ((token.kind !== "word" && token.kind !== "text") || KEYWORDS.has(token.value)) {
      throw this.unexpected(token, "the name of a label");
    }
    this.index += 1;
    return (series) => Object.hasOwn(read(series), token.value);
  }

  /** What a field is compared with: a test of its value, and the first text that was given. */
  private comparand(): readonly [test: (value: string) => boolean, text: string] {
    if (this.peek().kind === "text") {
      const { value } = this.next("text", "a text");
      return [(actual) => actual === value, value];
    }
    const name = this.next("word", "a text in quotes or a function");
    const test = FUNCTIONS.get(name.value);
    if (test === undefined) throw this.unexpected(name, `a text in quotes, or ${[...FUNCTIONS.keys()].join(", ")}`);
    this.expect("(");
    const values = [this.next("text", "a text in quotes").value];
    while (this.accept("symbol", ",")) values.push(this.next("text", "a text in quotes").value);
    this.expect(")");
    const most = name.value === "one_of" ? MOST_ALTERNATIVES : 1;
    if (values.length > most) throw new InvalidArgument(`${name.value} takes ${most} texts at most`);
    return [(actual) => values.some((value) => test(actual, value)), values[0] ?? ""];
  }

  private peek(): Token {
    return this.tokens[this.index] ?? { kind: "end", value: "the end", column: 0 };
  }

  private accept(kind: Token["kind"], value: string): boolean {
    const token = this.peek();
    if (token.kind !== kind || token.value !== value) return false;
    this.index += 1;
    return true;
  }

  private expect(symbol: string): void {
    if (!this.accept("symbol", symbol)) throw this.unexpected(this.peek(), symbol);
  }

  private next(kind: Token["kind"], wanted: string): Token {
    const token = this.peek();
    if (token.kind !== kind) throw this.unexpected(token, wanted);
    this.index += 1;
    return token;
  }

  private unexpected({ value, column }: Token, wanted: string): InvalidArgument {
    return new InvalidArgument(`at column ${column}: expected ${wanted}, found ${value}`);
  }
}

const FUNCTIONS: ReadonlyMap<string, (actual: string, value: string) => boolean> = new Map([
  ["one_of", (actual, value) => actual === value],
  ["starts_with", (actual, value) => actual.startsWith(value)],
  ["ends_with", (actual, value) => actual.endsWith(value)],
  ["has_substring", (actual, value) => actual.includes(value)],
]);

type Labels = Readonly<Record<string, string>>;

const LABELS: ReadonlyMap<string, (series: SeriesKey) => Labels> = new Map([
  ["metric.labels", ({ metric }) => metric.labels],
  ["metric.label", ({ metric }) => metric.labels],
  ["resource.labels", ({ resource }) => resource.labels],
  ["resource.label", ({ resource }) => resource.labels],
  ["metadata.system_labels", ({ systemLabels }) => systemLabels ?? {}],
]);

/** Reads what a field names; grouping knows the same fields. */
export function fieldReader(field: string): ((series: SeriesKey) => string | undefined) | undefined {
  if (field === "metric.type") return ({ metric }) => metric.type;
  if (field === "resource.type") return ({ resource }) => resource.type;
  if (field === "project") return ({ project }) => project;
  const [, owner = "", label = ""] =
    /^((?:metric|resource)\.labels?|metadata\.system_labels)\.(\w+)$/.exec(field) ?? [];
  const read = LABELS.get(owner);
  if (read === undefined) return undefined;
  return (series) => (Object.hasOwn(read(series), label) ? read(series)[label] : undefined);
}

function reader(field: Token): (series: SeriesKey) => string | undefined {
  const read = fieldReader(field.value);
  if (read === undefined) {
    throw new InvalidArgument(`at column ${field.column}: ${field.value} is no field of a series that is played here`);
  }
  return read;
}
