import { type Quantiles, QuantileTable } from "./quantiles";
import type { Random } from "./random";

/** How long the requests and answers of a service are, tokens. */
export interface LengthTables {
  readonly input: Quantiles;
  /**
   * Output, a table for each equal share of the requests from the shortest input to the longest; one table where output
   * does not depend on input. A single rank correlation would miss what chats do: the middle answers longest.
   */
  readonly outputByInput: readonly Quantiles[];
}

/** Draws the lengths of one request after another. */
export class Lengths {
  readonly #input: QuantileTable;
  readonly #outputs: readonly QuantileTable[];

  constructor(tables: LengthTables) {
    this.#input = new QuantileTable(tables.input);
    this.#outputs = tables.outputByInput.map((quantiles) => new QuantileTable(quantiles));
  }

  /** The next request at this time. */
  next(at: number, random: Random): { at: number; inputTokens: number; outputTokens: number } {
    const rank = random.uniform();
    const output = this.#outputs[Math.floor(rank * this.#outputs.length)];
    const share = random.uniform();
    return {
      at,
      inputTokens: Math.round(this.#input.at(rank)),
      outputTokens: output === undefined ? 0 : Math.round(output.at(share)),
    };
  }
}
