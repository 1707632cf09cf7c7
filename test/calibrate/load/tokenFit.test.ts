import assert from "node:assert/strict";
import { TokenFit } from "../../../tools/calibrate/load/tokenFit";
import { streams } from "../../../tools/simulate/traffic/random";

/** Tokenizers, from one that knows every word to one that knows only letters; what stands around a text, too. */
const TOKENIZERS = [
  { name: "a token a word", constant: 25, perWord: 1, noise: 0.1 },
  { name: "a long chat template", constant: 400, perWord: 1.3, noise: 0.4 },
  { name: "pieces of words", constant: 30, perWord: 2.6, noise: 0.7 },
  { name: "letters", constant: 110, perWord: 6, noise: 0 },
  { name: "several words a token", constant: 8, perWord: 0.4, noise: 0.1 },
] as const;

describe("the length of texts in tokens", () => {
  for (const { name, constant, perWord, noise } of TOKENIZERS) {
    it(`is within 2 % of the planned after three counts: ${name}`, () => {
      const random = streams(7).world;
      const count = (words: number) =>
        Math.round(constant + perWord * words + noise * Math.sqrt(words) * random.normal());
      const fit = new TokenFit();
      for (const planned of [40, 1000, 1000]) {
        const words = fit.wordsFor(planned);
        fit.learn(words, count(words));
      }
      for (let request = 0; request < 200; request += 1) {
        const planned = Math.round(600 + 3400 * random.uniform());
        const words = fit.wordsFor(planned);
        const expected = constant + perWord * words;
        // What a word more or less changes cannot be helped.
        assert.ok(
          Math.abs(expected - planned) <= 0.02 * planned + perWord / 2,
          `${planned} planned, ${expected} expected`,
        );
        fit.learn(words, count(words));
      }
    });
  }

  it("is right at a length that is the only one", () => {
    const fit = new TokenFit();
    for (let request = 0; request < 10; request += 1) fit.learn(fit.wordsFor(1000), 60 + 3 * fit.wordsFor(1000));
    assert.ok(Math.abs(60 + 3 * fit.wordsFor(1000) - 1000) <= 20);
  });

  it("is at least one word", () => {
    const fit = new TokenFit();
    assert.equal(fit.wordsFor(1), 1);
    fit.learn(100, 5);
    fit.learn(1000, 5);
    assert.ok(fit.wordsFor(4000) < 45_000, "no count makes it believe in words without tokens");
  });
});
