import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { SECRET_SIGNATURE, SIGNATURE_KEY, UNKNOWN_SENTINEL } from "../../tools/plan/values";

/** A value of Pulumi's wire format as JavaScript: unknown and secret values are still wrapped. */
export type WireValue =
  | string
  | number
  | boolean
  | null
  | readonly WireValue[]
  | { readonly [key: string]: WireValue | undefined };

export interface WireObject {
  readonly [key: string]: WireValue | undefined;
}

export function fromStruct(struct: Struct | undefined): WireObject {
  return (struct?.toJavaScript() ?? {}) as WireObject;
}

export function toStruct(value: WireObject): Struct {
  // The protobuf library knows no undefined.
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(value)));
}

export function isObject(value: WireValue | undefined): value is WireObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value without the wrappings of secrets, as a cloud would receive it. */
export function plain(value: WireObject): WireObject;
export function plain(value: WireValue | undefined): WireValue | undefined;
export function plain(value: WireValue | undefined): WireValue | undefined {
  if (Array.isArray(value)) return value.map((item) => plain(item) ?? null);
  if (!isObject(value)) return value;
  if (value[SIGNATURE_KEY] === SECRET_SIGNATURE) return plain(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}

/** The text at a path of a plain value; undefined where there is none. */
export function textAt(root: WireValue | undefined, ...path: readonly string[]): string | undefined {
  let value = root;
  for (const step of path) value = isObject(value) ? value[step] : undefined;
  return typeof value === "string" && value !== UNKNOWN_SENTINEL ? value : undefined;
}

/** The type in a URN: `urn:pulumi:STACK::PROJECT::PARENTS$TYPE::NAME`. */
export function typeOfUrn(urn: string): string {
  const qualified = urn.split("::")[2] ?? "";
  return qualified.slice(qualified.lastIndexOf("$") + 1);
}

/** The logical name in a URN. */
export function nameOfUrn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
