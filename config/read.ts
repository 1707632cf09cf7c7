import type { z } from "zod";
import { parseQuantity } from "../autoscaling/quantity";

/** What is wrong with a raw value: the rule it breaks, below `path` where it is structured. */
export interface Complaint {
  readonly path: string;
  readonly rule: string;
}

/** Reads the text of one config value. Pulumi hands structured values over as JSON. */
export interface Parser<T> {
  /** For the table of keys. */
  readonly type: string;
  /** A value that is right, for the fix. */
  readonly example: string;
  /** The right value that is nearest to a wrong one, where that can be said. */
  nearest?(raw: string): string | undefined;
  parse(raw: string): { readonly value: T } | { readonly complaints: readonly Complaint[] };
}

function complain(rule: string): { complaints: readonly Complaint[] } {
  return { complaints: [{ path: "", rule }] };
}

/** One of a closed set of words. */
export function oneOf<const T extends string>(values: readonly T[]): Parser<T> {
  return {
    type: values.map((value) => `\`${value}\``).join(" "),
    example: values[0] ?? "",
    parse: (raw) => {
      const value = values.find((candidate) => candidate === raw);
      return value === undefined ? complain(`must be one of ${values.join(", ")}`) : { value };
    },
  };
}

/** `true` or `false`, nothing else. */
export function flag(): Parser<boolean> {
  return {
    type: "boolean",
    example: "true",
    parse: (raw) => (raw === "true" || raw === "false" ? { value: raw === "true" } : complain("must be true or false")),
  };
}

/** A whole number in decimal digits within bounds, both included: `12abc`, `2.5` and `1e3` are not. */
export function wholeNumber(min: number, max: number): Parser<number> {
  return {
    type: "whole number",
    example: String(min),
    nearest: (raw) => (/^-?\d+$/.test(raw) ? String(Math.min(Math.max(Number(raw), min), max)) : undefined),
    parse: (raw) => {
      const value = /^-?\d{1,15}$/.test(raw) ? Number(raw) + 0 : Number.NaN;
      return value >= min && value <= max ? { value } : complain(`must be a whole number from ${min} to ${max}`);
    },
  };
}

/** The finest step of an HPA target: the controller computes in thousandths. */
const decimal = /^\d{1,9}(\.\d{1,3})?$/;
const END_OF_DECIMAL = 1_000_000_000;

/** A positive number with at most three decimals, in decimal digits. */
export function positiveNumber(): Parser<number> {
  return {
    type: "number",
    example: "10",
    parse: (raw) => {
      const value = decimal.test(raw) ? Number(raw) : 0;
      const bound = Number(raw) >= END_OF_DECIMAL ? ` and below ${END_OF_DECIMAL}` : "";
      return value > 0 ? { value } : complain(`must be a number above 0${bound} with at most three decimals`);
    },
  };
}

/** Text of a given form. */
export function text(pattern: RegExp, form: string, example: string): Parser<string> {
  return {
    type: "text",
    example,
    parse: (raw) => (pattern.test(raw) ? { value: raw } : complain(`must be ${form}`)),
  };
}

/** CPUs, as a Kubernetes quantity. */
export function cpus(): Parser<number> {
  return {
    type: "CPUs",
    example: "2",
    parse: (raw) => {
      const value = parseQuantity(raw);
      return value !== undefined && value >= 0.1 && value <= 416
        ? { value }
        : complain("must be CPUs as Kubernetes writes them, such as 2 or 500m");
    },
  };
}

/** Memory or storage as a Kubernetes quantity; the value is in GiB. */
export function gibibytes(example: string): Parser<number> {
  return {
    type: "size",
    example,
    parse: (raw) => {
      const bytes = parseQuantity(raw);
      const gib = bytes === undefined ? 0 : bytes / 2 ** 30;
      return gib >= 0.25 && gib <= 65_536
        ? { value: gib }
        : complain("must be a size as Kubernetes writes it, such as 10Gi or 512Mi");
    },
  };
}

export type Zod = typeof z;

/** Loaded for the first structured value only: most stacks have none, and loading takes 50 ms of each preview. */
function loadZod(): Zod {
  return (require("zod") as typeof import("zod")).z;
}

/** A structured value of a given shape. Unknown fields are complaints: a misspelt one would be ignored silently. */
export function structured<T>(
  shape: (zod: Zod) => z.ZodType<T>,
  type: string,
  form: string,
  example: string,
): Parser<T> {
  let schema: z.ZodType<T> | undefined;
  return {
    type,
    example,
    parse: (raw) => {
      let json: unknown;
      try {
        json = JSON.parse(raw);
      } catch {
        return complain(`must be ${form}`);
      }
      schema ??= shape(loadZod());
      const result = schema.safeParse(json);
      if (result.success) return { value: result.data };
      return { complaints: result.error.issues.map((issue) => ({ path: pathOf(issue.path), rule: ruleOf(issue) })) };
    },
  };
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map(String)
    .map((part) => (/^\d+$/.test(part) ? `[${part}]` : /^\w+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`))
    .join("");
}

function ruleOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_key":
      return issue.issues[0]?.message ?? issue.message;
    case "unrecognized_keys":
      return `has the unknown field ${issue.keys.join(", ")}`;
    case "invalid_value":
      return `must be one of ${issue.values.join(", ")}`;
    case "invalid_type":
      return `must be ${issue.expected === "int" ? "a whole number" : article(WORDS[issue.expected] ?? issue.expected)}`;
    default:
      return issue.message;
  }
}

/** What people call zod's types. */
const WORDS: Readonly<Record<string, string>> = { array: "list", record: "map" };

function article(noun: string): string {
  return /^[aeiou]/.test(noun) ? `an ${noun}` : `a ${noun}`;
}
