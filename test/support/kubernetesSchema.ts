import type { z } from "zod";
import { podMonitoringSchema } from "./podMonitoringSchema";

type Path = readonly PropertyKey[];

interface Problem {
  readonly path: Path;
  readonly message: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

interface TypedObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
}

/** A field as @kubernetes/client-node lists it, e.g. `{ baseName: "containers", type: "Array<V1Container>" }`. */
interface Field {
  readonly baseName: string;
  readonly type: string;
}

/** An error of kubernetes-models' validators, which ajv compiled. */
interface AjvError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: {
    readonly missingProperty?: string;
    readonly type?: string;
    readonly format?: string;
    readonly allowedValues?: readonly unknown[];
  };
}

/**
 * What would keep the API server from taking an object: one line a problem, each naming the field; none if it is
 * valid. Neither library is strict alone: kubernetes-models lets unknown fields pass, and client-node knows every
 * field but neither formats nor which fields are required.
 */
export function validateKubernetesObject(object: unknown): string[] {
  if (!isTypedObject(object)) return ["apiVersion, kind: required field missing"];
  const problems = [...jsonProblems(object, []), ...nameProblems(object), ...schemaProblems(object)];
  // Both libraries may object to the same field: the first to do so has the better explanation.
  const byPath = new Map<string, string>();
  for (const { path, message } of problems) {
    const shown = showPath(path);
    if (!byPath.has(shown)) byPath.set(shown, message);
  }
  return [...byPath].map(([path, message]) => `${path}: ${message}`);
}

function schemaProblems(object: TypedObject): Problem[] {
  if (object.apiVersion === "monitoring.googleapis.com/v1" && object.kind === "PodMonitoring") {
    return (podMonitoringSchema.safeParse(object).error?.issues ?? []).flatMap((issue) => zodProblems(issue, object));
  }
  const model = findModel(object);
  const fields = findFields(`V${object.apiVersion.replace(/^.*\/?v/, "")}${object.kind}`);
  if (model === undefined || fields === undefined) {
    return [{ path: ["kind"], message: `no schema for ${object.apiVersion} ${object.kind}` }];
  }
  return [...modelProblems(model, object), ...objectProblems(object, fields, [])];
}

/** Nothing that JSON cannot say, and no null: what a null means differs from field to field, so we write none. */
function jsonProblems(value: unknown, path: Path): Problem[] {
  if (typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => jsonProblems(item, [...path, index]));
  if (isPlainObject(value)) return Object.entries(value).flatMap(([key, item]) => jsonProblems(item, [...path, key]));
  const what = isObject(value) ? `an instance of ${value.constructor.name}` : String(value);
  return [{ path, message: `${what} is no value for a field` }];
}

const DNS_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const DNS_SUBDOMAIN = new RegExp(`^${DNS_LABEL}(\\.${DNS_LABEL})*$`);

/** Kinds whose name is one DNS label: at most 63 characters, without dots. */
const LABEL_NAMED: readonly string[] = ["Namespace", "Service"];

function nameProblems({ apiVersion, kind, metadata }: TypedObject): Problem[] {
  const name = isObject(metadata) ? metadata.name : undefined;
  const path = ["metadata", "name"];
  if (name === undefined) return [{ path, message: "required field missing" }];
  if (typeof name !== "string") return [{ path, message: "must be string" }];
  // RBAC's names are no DNS names: those of Kubernetes itself have parts, as in system:auth-delegator.
  const parts = apiVersion.startsWith("rbac.authorization.k8s.io/") ? name.split(":") : [name];
  const label = LABEL_NAMED.includes(kind);
  const short = name.length <= (label ? 63 : 253);
  if (short && !(label && name.includes(".")) && parts.every((part) => DNS_SUBDOMAIN.test(part))) return [];
  return [{ path, message: `"${name}" is not a DNS-1123 ${label ? "label" : "name"}` }];
}

type ModelClass = new (object: JsonObject) => { validate(): void };

function findModel({ apiVersion, kind }: TypedObject): ModelClass | undefined {
  const found = exportOf(`kubernetes-models/${apiVersion}/${kind}`, kind);
  // Parts of objects have classes next to the kinds: only the latter carry their apiVersion and kind.
  return isModelClass(found) ? found : undefined;
}

function modelProblems(Model: ModelClass, object: TypedObject): Problem[] {
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    if (!hasErrors(error)) throw error;
    return ajvProblems(error.errors, object);
  }
}

/** One problem a field: ajv reports each alternative of, say, an IntOrString by itself. */
function ajvProblems(errors: readonly AjvError[], root: TypedObject): Problem[] {
  const expected = new Map<string, unknown[]>();
  const missing: Problem[] = [];
  for (const { instancePath, keyword, params } of errors) {
    const known = expected.get(instancePath) ?? [];
    if (params.missingProperty !== undefined) {
      const path = [...pointerPath(instancePath, root), params.missingProperty];
      missing.push({ path, message: "required field missing" });
    } else if (keyword !== "oneOf" && !(keyword === "format" && known.includes("integer"))) {
      expected.set(instancePath, [...known, ...(params.allowedValues ?? [params.format ?? params.type ?? keyword])]);
    }
  }
  const mistyped = [...expected].map(([pointer, types]) => ({
    path: pointerPath(pointer, root),
    message: `must be ${[...new Set(types)].join(" or ")}`,
  }));
  return [...missing, ...mistyped];
}

/** The path that a JSON pointer means: only the object tells an array's index from a map's numeric key. */
function pointerPath(pointer: string, root: unknown): Path {
  const path: PropertyKey[] = [];
  let value = root;
  for (const escaped of pointer.split("/").slice(1)) {
    const key = escaped.replace(/~1/g, "/").replace(/~0/g, "~");
    path.push(Array.isArray(value) ? Number(key) : key);
    value = member(value, key);
  }
  return path;
}

/** client-node calls a Quantity a string, but Kubernetes takes a number too; kubernetes-models knows them apart. */
const SCALARS: Readonly<Record<string, readonly string[]>> = {
  string: ["string", "number"],
  number: ["number"],
  boolean: ["boolean"],
  IntOrString: ["string", "number"],
  Date: ["string"],
  V1MicroTime: ["string"],
};

function fieldProblems(value: unknown, type: string, path: Path): Problem[] {
  if (type === "any") return [];
  const scalar = SCALARS[type];
  if (scalar !== undefined) {
    return scalar.includes(typeof value) ? [] : [{ path, message: `must be ${scalar.join(" or ")}` }];
  }
  const item = /^Array<(.+)>$/.exec(type)?.[1];
  if (item !== undefined) {
    if (!Array.isArray(value)) return [{ path, message: "must be array" }];
    return value.flatMap((element, index) => fieldProblems(element, item, [...path, index]));
  }
  if (!isObject(value)) return [{ path, message: "must be object" }];
  const entry = /^\{ \[key: string\]: (.+); \}$/.exec(type)?.[1];
  if (entry !== undefined) {
    return Object.entries(value).flatMap(([key, element]) => fieldProblems(element, entry, [...path, key]));
  }
  const fields = findFields(type);
  // Another release of client-node could name its types otherwise; better loud than lenient.
  if (fields === undefined) throw new Error(`@kubernetes/client-node has no model ${type} (of ${showPath(path)})`);
  return objectProblems(value, fields, path);
}

function objectProblems(object: JsonObject, fields: readonly Field[], path: Path): Problem[] {
  return Object.entries(object).flatMap(([key, value]) => {
    const field = fields.find(({ baseName }) => baseName === key);
    if (field === undefined) return [{ path: [...path, key], message: "unknown field" }];
    return fieldProblems(value, field.type, [...path, key]);
  });
}

/** Loads that model's file alone: the package's index takes seconds under tsx. */
function findFields(model: string): readonly Field[] | undefined {
  const found = exportOf(`@kubernetes/client-node/dist/gen/models/${model}.js`, model);
  return hasTypeMap(found) ? found.getAttributeTypeMap() : undefined;
}

function exportOf(module: string, name: string): unknown {
  try {
    require.resolve(module);
  } catch {
    return undefined;
  }
  const loaded: unknown = require(module);
  return isObject(loaded) ? loaded[name] : undefined;
}

function zodProblems(issue: z.core.$ZodIssue, root: unknown): Problem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: "unknown field" }));
  }
  const value = issue.path.reduce(member, root);
  const missing = value === undefined && issue.code !== "custom";
  return [{ path: issue.path, message: missing ? "required field missing" : issue.message }];
}

function showPath(path: Path): string {
  return path.reduce<string>((shown, key) => {
    if (typeof key === "number") return `${shown}[${key}]`;
    const name = String(key);
    if (!/^[\w$-]+$/.test(name)) return `${shown}[${JSON.stringify(name)}]`;
    return shown === "" ? name : `${shown}.${name}`;
  }, "");
}

function member(parent: unknown, key: PropertyKey): unknown {
  return typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Made by a literal or a parser. An instance, say an Output or a Map, would pass for a map without entries. */
function isPlainObject(value: unknown): value is JsonObject {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function isTypedObject(value: unknown): value is TypedObject {
  return isObject(value) && typeof value.apiVersion === "string" && typeof value.kind === "string";
}

function isModelClass(value: unknown): value is ModelClass {
  return typeof value === "function" && "apiVersion" in value && "kind" in value;
}

function hasTypeMap(value: unknown): value is { getAttributeTypeMap(): readonly Field[] } {
  return typeof value === "function" && "getAttributeTypeMap" in value;
}

function hasErrors(error: unknown): error is { readonly errors: readonly AjvError[] } {
  return isObject(error) && Array.isArray(error.errors);
}
