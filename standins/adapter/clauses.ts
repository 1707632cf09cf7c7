import type { Requirement } from "./selector";
import { badRequest } from "./status";

/** What a selector may name, beside the reducer. */
interface AllowedKeys {
  /** Of labels. */
  readonly prefixes: readonly string[];
  readonly names: readonly string[];
}

export const POD_KEYS: AllowedKeys = { prefixes: ["metric.labels"], names: [] };
export const EXTERNAL_KEYS: AllowedKeys = {
  prefixes: ["metric.labels", "resource.labels", "metadata.system_labels", "metadata.user_labels"],
  names: ["resource.type"],
};

/** Google's reducers, whatever the API then makes of them. */
const REDUCER =
  /^REDUCE_(NONE|MEAN|MIN|MAX|SUM|STDDEV|COUNT|COUNT_TRUE|COUNT_FALSE|FRACTION_TRUE|PERCENTILE_(99|95|50|05))$/;

interface Selected {
  readonly clauses: readonly string[];
  readonly reducer: string | undefined;
}

/**
 * A selector as clauses of a filter, in the selector's order, but for the reducer, which is no clause.
 *
 * @throws StatusError for the first requirement that cannot be passed on.
 */
export function selected(selector: readonly Requirement[], allowed: AllowedKeys): Selected {
  const clauses: string[] = [];
  let reducer: string | undefined;
  for (const requirement of selector) {
    if (requirement.key === "reducer") reducer = reducerOf(requirement);
    else clauses.push(clauseOf(requirement, allowed));
  }
  return { clauses, reducer };
}

function reducerOf({ operator, values }: Requirement): string {
  if (operator !== "=" && operator !== "==") throw notAllowed(`Reducer must use '=' or '==': You used ${operator}`);
  const [reducer = ""] = values;
  if (!REDUCER.test(reducer)) throw notAllowed(`Specified reducer is not supported: ${reducer}`);
  return reducer;
}

function clauseOf({ key, operator, values }: Requirement, { prefixes, names }: AllowedKeys): string {
  if (operator === "!") throw badRequest("Label selector with operator DoesNotExist is not allowed");
  const prefix = prefixes.find((one) => key.startsWith(`${one}.`));
  if (prefix === undefined && (operator === "exists" || !names.includes(key))) throw notAllowed(key);
  const [value = ""] = values;
  switch (operator) {
    case "=":
    case "==":
      return equals(key, value);
    case "!=":
      return `${key} != ${JSON.stringify(value)}`;
    case "in":
      return `${key} = ${oneOf(values)}`;
    case "notin":
      return values.length === 1 ? `${key} != ${JSON.stringify(value)}` : `NOT ${key} = ${oneOf(values)}`;
    case "exists":
      return `${prefix} : ${key.slice(`${prefix}.`.length)}`;
    case "gt":
      return `${key} > ${BigInt(value)}`;
    case "lt":
      return `${key} < ${BigInt(value)}`;
  }
}

/** How the adapter words whatever it dislikes about a selector: the message takes the place of the label. */
export function notAllowed(label: string): Error {
  return badRequest(`Metric label: ${JSON.stringify(label)} is not allowed`);
}

/** A clause that demands one value. Cloud Monitoring quotes as JSON does. */
export function equals(field: string, value: string): string {
  return `${field} = ${JSON.stringify(value)}`;
}

/** A comparand that allows several values; one alone is written without the function. */
export function oneOf(values: readonly string[]): string {
  const quoted = values.map((value) => JSON.stringify(value));
  return quoted.length === 1 ? quoted.join() : `one_of(${quoted.join(",")})`;
}
