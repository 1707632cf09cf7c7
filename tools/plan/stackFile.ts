import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument, YAMLMap } from "yaml";

/** Config as the CLI would hand it to the program, as far as it can be read without decrypting. */
export interface StackFile {
  /** Name of the project, the namespace of keys without one. */
  readonly project: string;
  /** Full key → text; structured values as JSON. */
  readonly values: Readonly<Record<string, string>>;
  /** Full keys of encrypted values: they are there, but only the CLI can read them. */
  readonly encrypted: readonly string[];
  /** Whether the file imports a Pulumi ESC environment, whose values are not known here. */
  readonly importsEnvironment: boolean;
}

/** A project or stack file that cannot be used; the message says which, where and why. */
export class StackFileError extends Error {}

/**
 * Reads a project's own config (`Pulumi.yaml`) and a stack's, which wins.
 *
 * @param file the stack file; `Pulumi.<stack>.yaml` in `directory` by default.
 */
export function readStackFile(directory: string, stack: string, file?: string): StackFile {
  const projectPath = join(directory, "Pulumi.yaml");
  const project = readYaml(projectPath);
  const namespace = scalarText(project.root.get("name", true));
  if (namespace === undefined) throw new StackFileError(`${projectPath}: there is no project name.`);
  const own = readConfig(project, namespace);
  const path = file ?? join(directory, `Pulumi.${stack}.yaml`);
  if (!existsSync(path)) {
    throw new StackFileError(file === undefined ? missing(directory, stack) : `${file}: there is no such file.`);
  }
  const stackFile = readYaml(path);
  const config = readConfig(stackFile, namespace);
  return {
    project: namespace,
    values: { ...own.values, ...config.values },
    encrypted: [...own.encrypted, ...config.encrypted],
    importsEnvironment: stackFile.root.has("environment"),
  };
}

/** Names of the stacks that have a file in a directory. */
export function stacksIn(directory: string): readonly string[] {
  return readdirSync(directory)
    .map((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1])
    .filter((stack) => stack !== undefined)
    .sort();
}

function missing(directory: string, stack: string): string {
  const stacks = stacksIn(directory);
  const others = stacks.length === 0 ? "there are none" : `there are ${stacks.join(", ")}`;
  return `Pulumi.${stack}.yaml: there is no such stack file (${others}). Make one with: pulumi stack init ${stack}`;
}

interface YamlFile {
  readonly path: string;
  readonly document: Document;
  readonly root: YAMLMap;
  line(node: Node): number;
}

/** The mapping at the root of a YAML file. */
function readYaml(path: string): YamlFile {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new StackFileError(`${path}: cannot be read (${error instanceof Error ? error.message : error}).`);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [error] = document.errors;
  if (error !== undefined) {
    const line = lines.linePos(error.pos[0]).line;
    throw new StackFileError(`${path}:${line}: not valid YAML: ${error.message.split(" at line ")[0]}.`);
  }
  const { contents } = document;
  const line = (node: Node) => lines.linePos(node.range?.[0] ?? 0).line;
  if (isMap(contents)) return { path, document, root: contents, line };
  if (contents === null || scalarText(contents) === "") return { path, document, root: new YAMLMap(), line };
  throw new StackFileError(`${path}:1: must be a mapping with the key \`config\`.`);
}

function readConfig({ path, document, root, line }: YamlFile, namespace: string) {
  const values: Record<string, string> = {};
  const encrypted: string[] = [];
  const config = root.get("config", true);
  if (!isMap(config)) {
    if (config === undefined || scalarText(config) === "") return { values, encrypted };
    throw new StackFileError(`${path}:${line(config as Node)}: \`config\` must be a mapping of keys to values.`);
  }
  for (const { key, value } of config.items) {
    const name = scalarText(key);
    if (name === undefined) throw new StackFileError(`${path}:${line(key as Node)}: a config key must be a text.`);
    const fullName = name.includes(":") ? name : `${namespace}:${name}`;
    const text = scalarText(value);
    const data: unknown = text ?? (value as Node).toJS(document);
    if (text !== undefined) values[fullName] = text;
    else if (holdsSecret(data)) encrypted.push(fullName);
    else values[fullName] = JSON.stringify(data);
  }
  return { values, encrypted };
}

/** Whether a value is encrypted, wholly or in part: the CLI writes `{secure: ciphertext}` in its place. */
function holdsSecret(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first?.[0] === "secure" && typeof first[1] === "string") return true;
  return entries.some(([, part]) => holdsSecret(part));
}

/** The text of a scalar as it stands in the file, which is how the CLI takes it: `1e3` stays `1e3`. */
function scalarText(node: unknown): string | undefined {
  if (node === null) return "";
  if (!isScalar(node)) return undefined;
  return typeof node.value === "string" ? node.value : (node.source ?? "");
}
