import { type Effect, effectOf } from "../../catalog/edits";
import { UNKNOWN_SENTINEL } from "../../tools/plan/values";
import { isObject, plain, type WireObject, type WireValue } from "./wire";

/** A property that differs, and what that does to its resource. */
export interface Difference {
  readonly path: string;
  readonly kind: "added" | "deleted" | "updated";
  readonly effect: Effect;
}

/** A property that the table of edits does not have: whoever adds one has to find out what an edit of it does. */
export class UnknownEdit extends Error {}

/**
 * How two sets of inputs differ, by the table that the plan uses too. A value that is not known yet counts as changed,
 * as with the real providers.
 *
 * @throws UnknownEdit for a property that the table does not know.
 */
export function differences(type: string, before: WireObject, after: WireObject): readonly Difference[] {
  return compare(plain(before), plain(after), "")
    .map(({ path, kind }) => ({ path, kind, effect: effectAt(type, path) }))
    .filter(({ effect }) => effect !== "none");
}

function effectAt(type: string, path: string): Effect {
  // A default provider is made of what names no resource: the engine replaces nothing for it.
  if (type === "pulumi:providers:gcp") return "update";
  const rule = effectOf(type, path);
  if (rule === undefined) throw new UnknownEdit(`the table of edits does not know ${path} of ${type}`);
  return rule.effect;
}

function compare(
  before: WireValue | undefined,
  after: WireValue | undefined,
  path: string,
): readonly Omit<Difference, "effect">[] {
  const old = partsOf(before);
  const next = partsOf(after);
  if (old !== undefined && next !== undefined) {
    return [...new Set([...old.keys(), ...next.keys()])].flatMap((step) =>
      compare(old.get(step), next.get(step), join(path, step)),
    );
  }
  if (before === after && after !== UNKNOWN_SENTINEL) return [];
  // A block that appears or goes is told by its leaves: the table has finer rules than the block's.
  const lone = before === undefined ? next : after === undefined ? old : undefined;
  if (lone !== undefined && lone.size > 0) {
    return [...lone.keys()].flatMap((step) => compare(old?.get(step), next?.get(step), join(path, step)));
  }
  return [{ path, kind: before === undefined ? "added" : after === undefined ? "deleted" : "updated" }];
}

function partsOf(value: WireValue | undefined): ReadonlyMap<string, WireValue | undefined> | undefined {
  if (Array.isArray(value)) return new Map(value.map((item, index): [string, WireValue] => [`[${index}]`, item]));
  return isObject(value) ? new Map(Object.entries(value)) : undefined;
}

function join(path: string, step: string): string {
  if (step.startsWith("[")) return path + step;
  // The engine reads paths: a dot in a key, as labels have it, must not be taken for a step.
  const key = step.includes(".") ? `["${step}"]` : step;
  return path === "" || key.startsWith("[") ? path + key : `${path}.${key}`;
}
