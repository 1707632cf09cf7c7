import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "./parse";
import { formatProblems } from "./problem";
import type { StackConfig } from "./stackConfig";
import type { Verdict } from "./verdict";

/** A stack's config with what only Pulumi can hold: the token, as a secret. */
export interface LoadedConfig extends StackConfig {
  /** Undefined when `huggingFaceSecret` names a Secret that exists. */
  readonly huggingFaceToken: pulumi.Output<string> | undefined;
  readonly verdict: Verdict;
}

/**
 * Reads the config of the current stack. The only reader of Pulumi's configuration.
 *
 * @throws pulumi.RunError naming every problem, before any resource is registered; Pulumi prints it without a stack
 * trace.
 */
export function loadConfig(): LoadedConfig {
  const stack = pulumi.getStack();
  const { config, verdict } = parseConfig(pulumi.runtime.allConfig(), stack, pulumi.getProject());
  if (config === undefined) throw new pulumi.RunError(formatProblems(stack, verdict.problems));
  // A secret even when the stack file holds it in plain text: it must not reach state and logs.
  const token = new pulumi.Config().getSecret("huggingFaceToken");
  return { ...config, huggingFaceToken: token === undefined ? undefined : pulumi.secret(token), verdict };
}
