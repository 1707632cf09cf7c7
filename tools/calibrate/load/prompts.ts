import { type Random, streams } from "../../simulate/traffic/random";

/** Common English words, all of one length: any tokenizer makes about as many tokens of one as of another. */
const VOCABULARY =
  "about above actor after again agent agree ahead album alone angle apple arise armor asset award badge baker basic beach began being below bench birth black blame board boost brain brand bread brief bring brown build cabin carry catch cause chain chair chart chess chief child civil claim class clean clear climb clock close cloud coach coast count court cover craft cream crowd curve cycle daily dance depth doubt draft drama dream dress drink drive earth eight empty enemy enjoy enter equal event every exact extra faith fault field fight final flame flash fleet floor focus force frame fresh front fruit giant glass globe grace grain grand grass green group guard guest guide heart heavy horse hotel house human ideal image index inner".split(
    " ",
  );
const SPACED = 6;

/** Words, each with a space, from which the longer part of every prompt is cut. */
const CORPUS_WORDS = 16_384;
/** Words at the beginning of a prompt that are drawn one by one. */
const OPENING_WORDS = 12;

/** At the end, so that prompts differ from the first word on. It asks for more than any answer may have. */
const TASK = "\nTell a story of many chapters in which all of these words occur. Begin at once, and never end it.\n";

/**
 * Texts of random words, each another one from its first word on: whatever a server keeps of earlier prompts is of no
 * use to it, because caches of prompts know them by their beginnings. Cutting the rest out of one long text makes
 * a prompt cheap, whatever its length.
 */
export class Prompts {
  private readonly random: Random;
  private readonly corpus: string;

  /** @param seed another one for each run: a server may remember the prompts of the last. */
  constructor(seed: number) {
    this.random = streams(seed).world;
    this.corpus = this.draw(CORPUS_WORDS);
  }

  /** @param words besides the task, which every prompt has at its end; one at least. */
  prompt(words: number): string {
    let text = this.draw(Math.min(words, OPENING_WORDS));
    for (let left = words - OPENING_WORDS; left > 0; left -= CORPUS_WORDS) {
      const count = Math.min(left, CORPUS_WORDS);
      const from = Math.floor(this.random.uniform() * (CORPUS_WORDS - count + 1));
      text += this.corpus.slice(from * SPACED, (from + count) * SPACED);
    }
    return text + TASK;
  }

  private draw(words: number): string {
    let text = "";
    for (let count = 0; count < words; count += 1) {
      text += `${VOCABULARY[Math.floor(this.random.uniform() * VOCABULARY.length)]} `;
    }
    return text;
  }
}
