import { type Parser, text } from "./read";

/** One config key: what a stack file may say under it, and what people read about it. */
export interface KeySpec<T> {
  readonly parser: Parser<T>;
  /** What holds when the key is not set, in words: many defaults follow from other keys (`derive.ts`). */
  readonly default: string;
  /** What it is for, for somebody who must choose a value. */
  readonly meaning: string;
  /** Part of creating a cluster: refused beside `cluster: existing`. */
  readonly creationOnly?: true;
  /** Its value is never printed, and belongs into the stack file encrypted. */
  readonly secret?: true;
}

export const key = <T>(
  parser: Parser<T>,
  byDefault: string,
  meaning: string,
  extra?: { creationOnly?: true; secret?: true },
) => ({ parser, default: byDefault, meaning, ...extra }) satisfies KeySpec<T>;

export const creationOnly = { creationOnly: true } as const;

export const ZONE_FORM = /^[a-z]+-[a-z]+\d+-[a-z]$/;
export const DNS_LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** The name of a Google Cloud resource. */
export const resourceName = (example: string) =>
  text(
    /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/,
    "a name: at most 63 lower-case letters, digits and hyphens, beginning with a letter",
    example,
  );
