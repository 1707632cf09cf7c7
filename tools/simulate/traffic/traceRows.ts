import { show } from "../../../config/problem";
import { type Trace, TrafficError } from "./arrival";
import { parseTimestamp, type Timestamp } from "./timestamp";

const HEADERS = [
  { at: "timestamp", input: "contexttokens", output: "generatedtokens" },
  { at: "timestamp", input: "input_tokens", output: "output_tokens" },
] as const;

const EXPECTED_HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens or timestamp,input_tokens,output_tokens";

/** As many wrong lines are told; the next one of the same kind helps nobody. */
const MOST_PROBLEMS = 5;

/** No model takes so many, and sums of them stay exact. */
const MOST_TOKENS = 100_000_000;

const LONGEST_SPAN_SECONDS = 366 * 86_400;

interface Columns {
  readonly count: number;
  readonly at: number;
  readonly input: number;
  readonly output: number;
}

/** Takes the lines of a trace, checks each, and keeps the requests in arrays that grow by doubling. */
export class TraceRows {
  readonly #problems: string[] = [];
  #columns: Columns | undefined;
  #first: Timestamp | undefined;
  #lastLine = 0;
  #count = 0;
  #at = new Float64Array(1024);
  #input = new Uint32Array(1024);
  #output = new Uint32Array(1024);

  constructor(
    private readonly file: string,
    private readonly mostRequests: number,
  ) {}

  /** A line that cannot be used. The reading ends with a TrafficError, at once after a few of them. */
  refuse(line: number, what: string): void {
    this.#problems.push(`${this.file}:${line}: ${what}`);
    if (this.#problems.length === MOST_PROBLEMS) throw new TrafficError(this.#problems.join("\n"));
  }

  /** Where the record begins that comes after those so far, blank lines aside. */
  get nextLine(): number {
    return this.#lastLine + 1;
  }

  /** The next record, and the line that it ends on. */
  add(record: readonly string[], line: number): void {
    this.#lastLine = line;
    const columns = this.#columns;
    if (columns === undefined) {
      this.#columns = this.#header(record, line);
    } else if (record.length !== columns.count) {
      this.refuse(line, `has ${record.length} values; the header has ${columns.count}`);
    } else {
      const at = this.#time(record[columns.at] ?? "", line);
      const input = this.#tokens(record[columns.input] ?? "", "input", line);
      const output = this.#tokens(record[columns.output] ?? "", "output", line);
      if (at !== undefined && input !== undefined && output !== undefined) this.#keep(at, input, output, line);
    }
  }

  /** The whole trace, once all lines are in. */
  finish(): Trace {
    if (this.#problems.length > 0) throw new TrafficError(this.#problems.join("\n"));
    if (this.#columns === undefined)
      throw new TrafficError(`${this.file}: is empty; expected a header: ${EXPECTED_HEADER}`);
    if (this.#count === 0) throw new TrafficError(`${this.file}: has a header and no request`);
    if (this.#at[this.#count - 1] === 0) {
      throw new TrafficError(`${this.file}: needs requests at two different times at least, or it has no rate`);
    }
    return {
      name: this.file,
      at: this.#at.subarray(0, this.#count),
      input: this.#input.subarray(0, this.#count),
      output: this.#output.subarray(0, this.#count),
    };
  }

  #header(record: readonly string[], line: number): Columns {
    const names = record.map((name) => name.toLowerCase());
    for (const header of HEADERS) {
      const columns = {
        at: names.indexOf(header.at),
        input: names.indexOf(header.input),
        output: names.indexOf(header.output),
      };
      if (Math.min(columns.at, columns.input, columns.output) >= 0) return { ...columns, count: names.length };
    }
    const text = record.join(",");
    throw new TrafficError(
      text.includes("\0") || text.includes("\uFFFD")
        ? `${this.file}:${line}: is no text in UTF-8; a trace is a CSV file`
        : `${this.file}:${line}: header ${show(text)}; expected ${EXPECTED_HEADER}`,
    );
  }

  #time(text: string, line: number): number | undefined {
    const time = parseTimestamp(text);
    this.#first ??= typeof time === "string" ? undefined : time;
    if (typeof time === "string") {
      this.refuse(line, `timestamp ${show(text)} ${time}; expected like 2023-11-16 18:15:46.6805900, or seconds`);
    } else if (this.#first !== undefined && time.form === this.#first.form) {
      return time.seconds - this.#first.seconds + (time.fraction - this.#first.fraction);
    } else {
      this.refuse(
        line,
        `timestamp ${show(text)}: dates and seconds in one file; expected ${this.#first?.form} throughout`,
      );
    }
    return undefined;
  }

  #tokens(text: string, kind: "input" | "output", line: number): number | undefined {
    const value = /^\d+$/.test(text) ? Number(text) : undefined;
    if (value !== undefined && value <= MOST_TOKENS) return value;
    const wrong = value === undefined ? "is no whole number from 0 up" : `is more than ${MOST_TOKENS}`;
    this.refuse(line, `${kind} tokens ${show(text)} ${wrong}`);
    return undefined;
  }

  #keep(at: number, input: number, output: number, line: number): void {
    const before = this.#count === 0 ? 0 : (this.#at[this.#count - 1] ?? 0);
    if (at < before) {
      const earlier = Number((before - at).toPrecision(3));
      this.refuse(line, `is ${earlier} s earlier than the request before it; sort the file by time`);
    } else if (at > LONGEST_SPAN_SECONDS) {
      this.refuse(line, "is more than a year after the first request");
    } else if (this.#count === this.mostRequests) {
      throw new TrafficError(`${this.file}:${line}: more than the ${this.mostRequests} requests of a trace; cut it`);
    } else {
      if (this.#count === this.#at.length) this.#grow();
      this.#at[this.#count] = at;
      this.#input[this.#count] = input;
      this.#output[this.#count] = output;
      this.#count++;
    }
  }

  #grow(): void {
    const [at, input, output] = [this.#at, this.#input, this.#output];
    this.#at = new Float64Array(at.length * 2);
    this.#input = new Uint32Array(at.length * 2);
    this.#output = new Uint32Array(at.length * 2);
    this.#at.set(at);
    this.#input.set(input);
    this.#output.set(output);
  }
}
