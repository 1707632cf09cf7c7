/** A value that only the cloud knows, as long as nothing has been created. */
export const UNKNOWN: unique symbol = Symbol("known after creation");

/** A value that must not be printed. */
export class Secret {
  constructor(readonly value: CapturedValue) {}
}

/** What a resource is made of, as data. */
export type CapturedValue =
  | string
  | number
  | boolean
  | null
  | typeof UNKNOWN
  | Secret
  | readonly CapturedValue[]
  | { readonly [key: string]: CapturedValue };

export interface CapturedObject {
  readonly [key: string]: CapturedValue;
}

/** Pulumi's wire format: a sentinel for an unknown value, a signature key for a secret. Source: `@pulumi/pulumi/runtime/rpc`. */
export const UNKNOWN_SENTINEL = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
export const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
export const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** Reads a value of Pulumi's wire format (protobuf structs as plain JavaScript). */
export function fromWire(value: unknown): CapturedValue {
  if (value === UNKNOWN_SENTINEL) return UNKNOWN;
  if (Array.isArray(value)) return value.map(fromWire);
  if (typeof value === "object" && value !== null) {
    const fields = new Map(Object.entries(value));
    if (fields.get(SIGNATURE_KEY) === SECRET_SIGNATURE) return new Secret(fromWire(fields.get("value")));
    return Object.fromEntries([...fields].map(([key, field]) => [key, fromWire(field)]));
  }
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  throw new Error(`not a value of Pulumi's wire format: ${typeof value}`);
}

/** Whether a value has fields. */
export function isObject(value: CapturedValue | undefined): value is CapturedObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** The value at a path such as `spec.template.metadata.name`; undefined where there is none. Secrets are looked into. */
export function valueAt(root: CapturedValue | undefined, path: string): CapturedValue | undefined {
  let value = root;
  for (const part of path.split(".")) {
    if (value instanceof Secret) value = value.value;
    if (Array.isArray(value)) value = value[Number(part)];
    else if (isObject(value)) value = value[part];
    else return undefined;
  }
  return value;
}
