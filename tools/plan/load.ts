import { type ParsedConfig, parseConfig, type RawConfig } from "../../config/parse";
import { readStackFile, type StackFile } from "./stackFile";

/** Something that stands in for what a committed stack file does not have. */
export interface Placeholder {
  readonly key: string;
  readonly why: string;
  /** The command that sets it; null where it is set. */
  readonly command: string | null;
}

export interface LoadedStack {
  /** Name of the project. */
  readonly project: string;
  readonly stack: string;
  readonly raw: RawConfig;
  /** The file that was read, for messages. */
  readonly source: string;
  /** Where the values are from, for messages about them: the file, and what `--set` has put over it. */
  readonly origin: string;
  /** Full keys whose values Pulumi treats as secrets. */
  readonly secretKeys: readonly string[];
  readonly parsed: ParsedConfig;
  readonly placeholders: readonly Placeholder[];
  readonly warnings: readonly string[];
}

export interface LoadOptions {
  /** Where `Pulumi.yaml` is. */
  readonly directory: string;
  readonly stack: string;
  /** Another stack file than the stack's own. */
  readonly file?: string | undefined;
  /** `key=value`, as in `pulumi config set`. */
  readonly overrides: readonly Override[];
}

export interface Override {
  readonly key: string;
  readonly value: string;
}

const PLACEHOLDER_PROJECT = "your-project-id";
const PLACEHOLDER_TOKEN = "placeholder-token";

/**
 * Loads a stack for a look without an account: a project or token that is not there is replaced by a marked
 * placeholder, where `pulumi up` refuses.
 *
 * @throws StackFileError for a file that is missing or malformed.
 */
export function loadStack({ directory, stack, file, overrides }: LoadOptions): LoadedStack {
  const stackFile = readStackFile(directory, stack, file);
  const { project } = stackFile;
  const own = (key: string) => (key.includes(":") ? key : `${project}:${key}`);
  const raw: Record<string, string> = { ...stackFile.values };
  for (const { key, value } of overrides) raw[own(key)] = value;
  const token = own("huggingFaceToken");
  const warnings = warningsOf(stackFile, raw, token);
  const placeholders: Placeholder[] = [];
  if (raw["gcp:project"] === undefined) {
    raw["gcp:project"] = PLACEHOLDER_PROJECT;
    placeholders.push({
      key: "gcp:project",
      why: `is not set; ${PLACEHOLDER_PROJECT} stands in, and pulumi up refuses.`,
      command: "npx pulumi config set gcp:project PROJECT_ID",
    });
  }
  if (raw[token] === undefined && raw[own("huggingFaceSecret")] === undefined) {
    raw[token] = PLACEHOLDER_TOKEN;
    placeholders.push(
      stackFile.encrypted.includes(token)
        ? {
            key: "huggingFaceToken",
            why: "is encrypted, as it should be; a placeholder stands in here.",
            command: null,
          }
        : {
            key: "huggingFaceToken",
            why: "is not set; a placeholder stands in, and pulumi up refuses.",
            command: "npx pulumi config set --secret huggingFaceToken",
          },
    );
  }
  const source = file ?? `Pulumi.${stack}.yaml`;
  return {
    project,
    stack,
    source,
    origin: [source, ...overrides.map(({ key }) => `--set ${key}`)].join(", "),
    raw,
    secretKeys: [token],
    parsed: parseConfig(raw, stack, project),
    placeholders,
    warnings,
  };
}

function warningsOf(
  { values, encrypted, importsEnvironment }: StackFile,
  raw: RawConfig,
  token: string,
): readonly string[] {
  const unreadable = encrypted.filter((key) => key !== token && raw[key] === undefined);
  return [
    ...unreadable.map((key) => `${key} is encrypted: the plan takes its default, Pulumi will not.`),
    ...(values[token] === undefined
      ? []
      : ["huggingFaceToken is in plain text. Encrypt it: npx pulumi config set --secret huggingFaceToken"]),
    ...(importsEnvironment ? ["The stack imports a Pulumi ESC environment, whose values the plan cannot see."] : []),
  ];
}
