import { InvalidArgument } from "./invalidArgument";

/** A piece of a filter: a text in quotes, a word such as a field, a keyword or a function, or a symbol. */
export interface Token {
  readonly kind: "text" | "word" | "symbol" | "end";
  /** Of a text, what it says: without quotes and escapes. */
  readonly value: string;
  /** Where it stands in the filter, for messages: the first character is 1. */
  readonly column: number;
}

const SPACE = /\s*/y;
const PIECES = [
  // A line break inside a text is an error in Google's filters too: it must be escaped.
  ["text", /"((?:[^"\\\n]|\\.)*)"/y],
  ["word", /([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)/y],
  ["symbol", /(!=|=~|!~|<=|>=|[=:(),<>])/y],
] as const;

/**
 * Splits a filter into its pieces; the last one is its end.
 *
 * @throws InvalidArgument where nothing that a filter consists of begins.
 */
export function tokensOf(filter: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = skip(SPACE, filter, 0);
  while (position < filter.length) {
    const token = tokenAt(filter, position);
    tokens.push(token.token);
    position = skip(SPACE, filter, token.next);
  }
  return [...tokens, { kind: "end", value: "the end", column: position + 1 }];
}

function tokenAt(filter: string, position: number): { readonly token: Token; readonly next: number } {
  const column = position + 1;
  for (const [kind, pattern] of PIECES) {
    pattern.lastIndex = position;
    const match = pattern.exec(filter);
    if (match === null) continue;
    const value = kind === "text" ? unescaped(match[1] ?? "", column) : (match[1] ?? "");
    return { token: { kind, value, column }, next: pattern.lastIndex };
  }
  throw new InvalidArgument(
    filter[position] === '"'
      ? `the text that begins at column ${column} has no closing quote`
      : `there is no reading ${JSON.stringify(filter.slice(position, position + 12))} at column ${column}`,
  );
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ["\\", "\\"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);

/** The adapter quotes as Go's `%q` does, with `\xNN` and `\uNNNN` for what cannot be printed. */
function unescaped(text: string, column: number): string {
  return text.replaceAll(/\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|(.))/g, (all, byte, unit, other) => {
    const code: string | undefined = byte ?? unit;
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    const plain = ESCAPES.get(String(other));
    if (plain === undefined) throw new InvalidArgument(`the text at column ${column} has no escape ${all}`);
    return plain;
  });
}

function skip(pattern: RegExp, text: string, position: number): number {
  pattern.lastIndex = position;
  return pattern.exec(text) === null ? position : pattern.lastIndex;
}
