/** What is believed before a server has counted anything: tokens around the words, and a word; and how firmly. */
const PRIOR = { constant: 16, perWord: 1.2, constantDeviation: 200, perWordDeviation: 2 } as const;
/** Variance of the tokens of one text: a constant, and a part for every word. Its size hardly matters. */
const NOISE = { constant: 1, perWord: 0.3 } as const;
/** No tokenizer makes fewer tokens of words than this. */
const FEWEST_PER_WORD = 0.1;

/**
 * How many words make how many tokens, without a tokenizer: a line (tokens = constant + words × tokens of a word; the
 * constant is the chat template and the task) fitted to what the server has counted. Least squares, each count with
 * the weight of its variance, with a weak prior that a few counts outweigh. Its size does not depend on their number.
 */
export class TokenFit {
  // Sums of the normal equations, the prior in them.
  private weight = 1 / PRIOR.constantDeviation ** 2;
  private words = 0;
  private squares = 1 / PRIOR.perWordDeviation ** 2;
  private tokens = PRIOR.constant / PRIOR.constantDeviation ** 2;
  private products = PRIOR.perWord / PRIOR.perWordDeviation ** 2;

  /** The server has counted the tokens of a text. */
  learn(words: number, tokens: number): void {
    const weight = 1 / (NOISE.constant + NOISE.perWord * words);
    this.weight += weight;
    this.words += weight * words;
    this.squares += weight * words * words;
    this.tokens += weight * tokens;
    this.products += weight * words * tokens;
  }

  /** Words, one at least, whose text comes closest to so many tokens. */
  wordsFor(tokens: number): number {
    const { constant, perWord } = this.line();
    return Math.max(1, Math.round((tokens - constant) / perWord));
  }

  private line() {
    const determinant = this.weight * this.squares - this.words * this.words;
    const slope = (this.weight * this.products - this.words * this.tokens) / determinant;
    const perWord = Math.max(FEWEST_PER_WORD, slope);
    return { perWord, constant: (this.tokens - perWord * this.words) / this.weight };
  }
}
