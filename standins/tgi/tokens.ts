/** Bytes of text that make one token of a prompt. */
const TOKEN_BYTES = 4;

/** Plain words, a token each. */
const WORDS =
  "the river runs past a small town where people meet in the morning and talk about work weather children and the news of the day before they walk home along the water".split(
    " ",
  );
/** Where the ids of the words begin, as if the vocabulary's first thousand were special. */
const FIRST_ID = 1000;

export interface Token {
  readonly id: number;
  readonly text: string;
  readonly logprob: number;
  readonly special: boolean;
}

/** A prompt's token. TGI knows no probability of the first. */
export interface PrefillToken {
  readonly id: number;
  readonly text: string;
  readonly logprob: number | null;
}

/**
 * How many tokens a prompt has, by the stand-in's rule: one that begins the sequence, and one for every four bytes of
 * UTF-8, the rest included. English text has about as many with Gemma's tokenizer. A client cannot know it.
 */
export function countTokens(prompt: string): number {
  return 1 + Math.ceil(Buffer.byteLength(prompt) / TOKEN_BYTES);
}

/** The tokens of a prompt, by the same rule. @param count the last so many, where the prompt is truncated. */
export function promptTokens(prompt: string, count: number): readonly PrefillToken[] {
  const bytes = Buffer.from(prompt);
  const pieces = Array.from({ length: Math.ceil(bytes.length / TOKEN_BYTES) }, (_, i) => ({
    id: FIRST_ID + WORDS.length + i,
    text: bytes.subarray(i * TOKEN_BYTES, (i + 1) * TOKEN_BYTES).toString(),
    logprob: -1,
  }));
  const all = [{ id: 2, text: "<bos>", logprob: null }, ...pieces];
  return all.slice(all.length - count).map((token, i) => (i === 0 ? { ...token, logprob: null } : token));
}

/** A generated token. @param place in the answer, from 0. @param start where in the words the answer begins. */
export function generatedToken(place: number, start: number): Token {
  const index = (start + place) % WORDS.length;
  return {
    id: FIRST_ID + index,
    text: `${place === 0 ? "" : " "}${WORDS[index]}`,
    logprob: -(1 + (index % 8)) / 8,
    special: false,
  };
}

/** What the tokens of an answer say together. */
export function textOf(tokens: readonly Token[]): string {
  return tokens.map((token) => token.text).join("");
}
