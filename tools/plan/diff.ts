import { type Effect, effectOf } from "../../catalog/edits";
import type { CapturedGraph, CapturedResource } from "./capture";
import { isInCluster, kindOf, labelOf } from "./resources";
import { type CapturedObject, type CapturedValue, isObject, Secret, UNKNOWN } from "./values";

/** A property that differs. Secret values are never shown. */
export interface FieldChange {
  readonly path: string;
  readonly before: string;
  readonly after: string;
  /** `unknown`: the table of effects does not have the property; `pulumi preview` tells. */
  readonly effect: Effect | "unknown";
}

export interface ResourceChange {
  readonly urn: string;
  readonly name: string;
  readonly kind: string;
  readonly label: string;
  readonly change: "create" | "delete" | "replace" | "update" | "none" | "unknown";
  readonly fields: readonly FieldChange[];
  /** What follows that the fields do not say. */
  readonly consequences: readonly string[];
}

export interface GraphDiff {
  readonly changes: readonly ResourceChange[];
  /** Whether server pods are made anew: they changed, or their nodes go. */
  readonly podsRestart: boolean;
  readonly clusterReplaced: boolean;
  readonly poolReplaced: boolean;
}

/** Logical names of what the verdicts are about. */
const GPU_POOL = "pool-gpu";
const SERVER = "server-deployment";

/** What an update from one graph to another would do, by the table of effects. */
export function diffGraphs(before: CapturedGraph, after: CapturedGraph): GraphDiff {
  const old = new Map(custom(before).map((resource) => [resource.urn, resource]));
  const next = new Map(custom(after).map((resource) => [resource.urn, resource]));
  const direct = custom(after).flatMap((resource) => {
    const previous = old.get(resource.urn);
    return previous === undefined ? [change(resource, "create", [])] : compareResources(previous, resource);
  });
  const changes = [
    ...withReplacedOwners(direct, custom(after)),
    ...custom(before)
      .filter((resource) => !next.has(resource.urn))
      .map((resource) => change(resource, "delete", [])),
  ];
  const pool = changes.find((it) => it.name === GPU_POOL);
  const clusterReplaced = changes.some((it) => it.kind === "Cluster" && it.change === "replace");
  const poolReplaced = clusterReplaced || pool?.change === "replace";
  const nodesRecreated = pool?.fields.some((field) => field.effect === "recreate-nodes" || leavesZone(field)) ?? false;
  const server = changes.find((it) => it.name === SERVER);
  const podsChange = server?.change === "replace" || server?.fields.some((it) => it.path.startsWith("spec.template"));
  return {
    changes,
    podsRestart: poolReplaced || nodesRecreated || podsChange === true,
    clusterReplaced,
    poolReplaced,
  };
}

/**
 * Replaces what cannot outlive its owner: a resource with a property that is not known yet, made from a resource that
 * is replaced, where a change of that property replaces. Objects in a cluster go with it, and are not listed again.
 */
function withReplacedOwners(
  changes: readonly ResourceChange[],
  resources: readonly CapturedResource[],
): readonly ResourceChange[] {
  const byUrn = new Map(changes.map((it) => [it.urn, it]));
  const isReplaced = (urn: string) => byUrn.get(urn)?.change === "replace";
  const owned = resources.filter((resource) => !isInCluster(resource) && byUrn.get(resource.urn)?.change !== "create");
  let found = true;
  while (found) {
    found = false;
    for (const resource of owned.filter((it) => !isReplaced(it.urn))) {
      const property = Object.entries(resource.propertyDependencies).find(
        ([name, urns]) =>
          urns.some(isReplaced) &&
          unknownPaths(resource.inputs[name], name).some((path) => effectOf(resource.type, path)?.effect === "replace"),
      );
      if (property === undefined) continue;
      const { fields = [] } = byUrn.get(resource.urn) ?? {};
      const replaced = change(resource, "replace", fields);
      const why = `${property[0]} is made from what is replaced`;
      byUrn.set(resource.urn, { ...replaced, consequences: [why, ...replaced.consequences] });
      found = true;
    }
  }
  return resources.flatMap((resource) => byUrn.get(resource.urn) ?? []);
}

/** Paths of the values below one that are not known yet. */
function unknownPaths(value: CapturedValue | undefined, path: string): readonly string[] {
  if (value === UNKNOWN) return [path];
  const parts = value instanceof Secret ? partsOf(value.value) : partsOf(value);
  return [...(parts ?? [])].flatMap(([step, part]) => unknownPaths(part, join(path, step)));
}

function custom(graph: CapturedGraph): readonly CapturedResource[] {
  return graph.resources.filter((resource) => resource.custom);
}

function compareResources(before: CapturedResource, after: CapturedResource): readonly ResourceChange[] {
  const fields = [
    ...compareValues(inputsOf(before, after), inputsOf(after, before), "").map((field) => ({
      ...field,
      effect: effectOf(after.type, field.path)?.effect ?? ("unknown" as const),
    })),
    ...compareValues({ protect: before.protect }, { protect: after.protect }, "").map((field) => ({
      ...field,
      effect: "update" as const,
    })),
  ];
  if (fields.length === 0) return [];
  const effects = new Set(fields.map((field) => field.effect));
  const worst = (["replace", "unknown", "recreate-nodes", "update", "none"] as const).find((it) => effects.has(it));
  return [change(after, worst === "recreate-nodes" ? "update" : (worst ?? "none"), fields)];
}

/**
 * Inputs to compare with another version's. A value of no resource that is not known yet is that of a lookup that waits,
 * as the project's number does until its API is on: where the stack stands, it is what the other version has.
 */
function inputsOf(resource: CapturedResource, other: CapturedResource): CapturedObject {
  const looksUp = ({ inputs, propertyDependencies }: CapturedResource, name: string) =>
    inputs[name] === UNKNOWN && (propertyDependencies[name] ?? []).length === 0;
  return Object.fromEntries(
    Object.entries(resource.inputs).filter(([name]) => !looksUp(resource, name) && !looksUp(other, name)),
  );
}

function change(
  resource: CapturedResource,
  kind: ResourceChange["change"],
  fields: readonly FieldChange[],
): ResourceChange {
  return {
    urn: resource.urn,
    name: resource.name,
    kind: kindOf(resource.type),
    label: labelOf(resource),
    change: kind,
    fields,
    consequences: consequencesOf(resource, kind, fields),
  };
}

function consequencesOf(
  resource: CapturedResource,
  kind: ResourceChange["change"],
  fields: readonly FieldChange[],
): readonly string[] {
  const consequences: string[] = [];
  const type = kindOf(resource.type);
  if (kind === "replace" && type === "Cluster") {
    consequences.push("the cluster and everything in it is deleted and made anew");
    if (resource.protect) consequences.push("refused while the cluster is protected (deletionProtection)");
  }
  if (kind === "replace" && type === "NodePool") {
    consequences.push("a new pool is made, then the old one is deleted with its pods: quota for both is needed");
  }
  if (kind === "update" && fields.some((field) => field.effect === "recreate-nodes")) {
    consequences.push("nodes are made anew one after another, their pods restart");
  }
  if (kind === "update" && fields.some(leavesZone)) {
    consequences.push("nodes in the zones that leave are deleted, their pods move");
  }
  if (kind === "none" && type === "Cluster") consequences.push("it describes the temporary first pool, which is gone");
  if (fields.some((field) => field.effect === "unknown")) {
    consequences.push("the table of effects does not know this field: see pulumi preview");
  }
  if (isInCluster(resource) && kind === "replace") consequences.push("made anew in place of the old one");
  return consequences;
}

/** A zone that is taken from a pool takes the nodes there along. */
function leavesZone({ path, after }: FieldChange): boolean {
  return path.startsWith("nodeLocations[") && after === display(undefined);
}

type Difference = Omit<FieldChange, "effect">;

/** Differences leaf by leaf; a part that one side lacks is listed leaf by leaf too. */
function compareValues(
  before: CapturedValue | undefined,
  after: CapturedValue | undefined,
  path: string,
): readonly Difference[] {
  const old = partsOf(before);
  const next = partsOf(after);
  const comparable = (old !== undefined || before === undefined) && (next !== undefined || after === undefined);
  if (comparable && (old ?? next) !== undefined) {
    const steps = new Set([...(old?.keys() ?? []), ...(next?.keys() ?? [])]);
    return [...steps].flatMap((step) => compareValues(old?.get(step), next?.get(step), join(path, step)));
  }
  if (same(before, after)) return [];
  return [{ path, before: display(before), after: display(after) }];
}

/**
 * The parts of a value that has any, by their step in a path. A document in a string (a dashboard) has those of what it
 * says. Lists of different names, or of items that have one, are taken by name, as Kubernetes merges them: an inserted
 * variable is one difference, not one for each that moved.
 */
function partsOf(value: CapturedValue | undefined): ReadonlyMap<string, CapturedValue> | undefined {
  if (Array.isArray(value)) {
    const names = value.map((item) =>
      typeof item === "string" ? item : isObject(item) && typeof item.name === "string" ? item.name : undefined,
    );
    const named = names.every((name) => name !== undefined) && new Set(names).size === names.length;
    const parts = value.map((item, index): [string, CapturedValue] => [`[${named ? names[index] : index}]`, item]);
    return parts.length === 0 ? undefined : new Map(parts);
  }
  if (typeof value === "string") return partsOf(documentIn(value));
  if (!isObject(value) || Object.keys(value).length === 0) return undefined;
  return new Map(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function documentIn(text: string): CapturedObject | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const document: CapturedValue = JSON.parse(text);
    return isObject(document) ? document : undefined;
  } catch {
    return undefined;
  }
}

function join(path: string, step: string): string {
  return path === "" || step.startsWith("[") ? path + step : `${path}.${step}`;
}

function same(before: CapturedValue | undefined, after: CapturedValue | undefined): boolean {
  if (before instanceof Secret && after instanceof Secret) return same(before.value, after.value);
  return before === after || (JSON.stringify(before) === JSON.stringify(after) && typeof before !== "symbol");
}

/** A value on one line. */
export function display(value: CapturedValue | undefined): string {
  if (value === undefined) return "(not set)";
  if (value === UNKNOWN) return "(known after creation)";
  if (value instanceof Secret) return "[secret]";
  if (typeof value === "object") {
    return JSON.stringify(value, (_, part) =>
      part === UNKNOWN ? "(known after creation)" : part instanceof Secret ? "[secret]" : part,
    );
  }
  return JSON.stringify(value);
}
