import { dirname, join } from "node:path";
import { createFileRegistry, fromBinary, fromJson, type JsonValue, type Registry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor";

/** Google's published definitions, one folder of `.proto` files. */
const PUBLISHED = dirname(require.resolve("google-proto-files/package.json"));

const FILES = ["google/monitoring/dashboard/v1/dashboard.proto", "google/monitoring/v3/alert.proto"];

export const DASHBOARD = "google.monitoring.dashboard.v1.Dashboard";
export const ALERT_POLICY = "google.monitoring.v3.AlertPolicy";

/**
 * Holds a document against one of Google's messages, in the strict JSON form of Protocol Buffers: an unknown field, a
 * wrong type, an unknown enum value or two members of one choice are errors.
 */
export function validateGoogleMessage(typeName: string, document: JsonValue): readonly string[] {
  const type = registry().getMessage(typeName);
  if (type === undefined) throw new Error(`there is no message ${typeName}`);
  try {
    fromJson(type, document, { registry: registry(), ignoreUnknownFields: false });
    return [];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

let loaded: Registry | undefined;

function registry(): Registry {
  loaded ??= load();
  return loaded;
}

function load(): Registry {
  const root = new protobuf.Root();
  root.resolvePath = (_, target) => join(PUBLISHED, target);
  root.loadSync(FILES);
  root.resolveAll();
  const set = (root as unknown as { toDescriptor(edition: string): DescriptorSet }).toDescriptor("proto3");
  set.file.sort((a, b) => rank(a.package) - rank(b.package));
  const declared = new Set(set.file.flatMap((file) => namesIn(file, file.package)));
  for (const file of set.file) {
    file.extension = [];
    qualify(file, file.package, declared);
  }
  const bytes = descriptor.FileDescriptorSet.encode(set).finish();
  return createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
}

/** A file's imports must come before it; protobufjs makes one file of a package. */
function rank(name: string): number {
  return name === "google.protobuf" ? 0 : name.startsWith("google.monitoring") ? 2 : 1;
}

interface DescriptorSet {
  readonly file: (Declarations & { readonly package: string; extension: unknown[] })[];
}

interface Declarations {
  readonly messageType?: readonly MessageDescriptor[];
  readonly nestedType?: readonly MessageDescriptor[];
  readonly enumType?: readonly { readonly name: string }[];
}

interface MessageDescriptor extends Declarations {
  readonly name: string;
  field: { readonly name: string; typeName?: string | null }[];
}

function messagesOf({ messageType = [], nestedType = [] }: Declarations): readonly MessageDescriptor[] {
  return [...messageType, ...nestedType];
}

function namesIn(scope: Declarations, name: string): readonly string[] {
  return [
    ...(scope.enumType ?? []).map((it) => `${name}.${it.name}`),
    ...messagesOf(scope).flatMap((it) => [`${name}.${it.name}`, ...namesIn(it, `${name}.${it.name}`)]),
  ];
}

/**
 * protobufjs writes the shortest name of a type that can be resolved from inside, and extensions of options as fields
 * with a name of dots; readers want the full name, and our documents have no options.
 */
function qualify(scope: Declarations, name: string, declared: ReadonlySet<string>): void {
  for (const message of messagesOf(scope)) {
    const inside = `${name}.${message.name}`;
    message.field = message.field.filter((field) => !field.name.startsWith("."));
    for (const field of message.field) if (field.typeName) field.typeName = resolve(field.typeName, inside, declared);
    qualify(message, inside, declared);
  }
}

function resolve(typeName: string, scope: string, declared: ReadonlySet<string>): string {
  for (let outer = scope; outer !== ""; outer = outer.slice(0, Math.max(0, outer.lastIndexOf(".")))) {
    if (declared.has(`${outer}.${typeName}`)) return `.${outer}.${typeName}`;
  }
  return typeName;
}
