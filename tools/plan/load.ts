import { type ParsedConfig, PROJECT_NAME, parseConfig, type RawConfig } from "../../config/parse";
import { readStackFile } from "./stackFile";

/** Something that stands in for what a committed stack file does not have. */
export interface Placeholder {
  readonly key: string;
  readonly why: string;
  /** The command that sets it. */
  readonly command: string;
}

export interface LoadedStack {
  readonly stack: string;
  readonly raw: RawConfig;
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

const TOKEN = `${PROJECT_NAME}:huggingFaceToken`;
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
  const raw: Record<string, string> = { ...stackFile.values };
  for (const { key, value } of overrides) raw[fullKey(key)] = value;
  const warnings = warningsOf(raw, stackFile.encrypted, stackFile.importsEnvironment);
  const placeholders: Placeholder[] = [];
  if (raw["gcp:project"] === undefined) {
    raw["gcp:project"] = PLACEHOLDER_PROJECT;
    placeholders.push({
      key: "gcp:project",
      why: `is not set; ${PLACEHOLDER_PROJECT} stands in`,
      command: "npx pulumi config set gcp:project PROJECT_ID",
    });
  }
  if (raw[TOKEN] === undefined && raw[`${PROJECT_NAME}:huggingFaceSecret`] === undefined) {
    raw[TOKEN] = PLACEHOLDER_TOKEN;
    placeholders.push({
      key: "huggingFaceToken",
      why: stackFile.encrypted.includes(TOKEN)
        ? "is encrypted in the stack file; a placeholder stands in"
        : "is not set; a placeholder stands in",
      command: "npx pulumi config set --secret huggingFaceToken",
    });
  }
  return { stack, raw, secretKeys: [TOKEN], parsed: parseConfig(raw, stack), placeholders, warnings };
}

function fullKey(key: string): string {
  return key.includes(":") ? key : `${PROJECT_NAME}:${key}`;
}

function warningsOf(raw: RawConfig, encrypted: readonly string[], importsEnvironment: boolean): readonly string[] {
  const unreadable = encrypted.filter((key) => key !== TOKEN && raw[key] === undefined);
  return [
    ...unreadable.map((key) => `${key} is encrypted: the plan takes its default, Pulumi will not.`),
    ...(raw[TOKEN] === undefined
      ? []
      : ["huggingFaceToken is in plain text. Encrypt it: npx pulumi config set --secret huggingFaceToken"]),
    ...(importsEnvironment ? ["The stack imports a Pulumi ESC environment, whose values the plan cannot see."] : []),
  ];
}
