/** Where our arithmetic and what the real controller did part. */
export interface Difference {
  /** Path in the row, such as `out.replicas` or `steps[3].able`. */
  readonly field: string;
  /** What the real controller did. */
  readonly expected: string;
  /** What our arithmetic does. */
  readonly got: string;
}

/** A file that cannot be checked. The message names the file and, where it is about a line, its number. */
export class VectorsError extends Error {}
