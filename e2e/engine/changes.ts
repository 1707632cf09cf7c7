import assert from "node:assert/strict";
import type { Outcome, Step } from "./stack";

/** What happened to resources, components left out: `update autoscaler-hpa`, sorted. */
export function changes(outcome: Outcome): readonly string[] {
  return changedSteps(outcome)
    .map(({ op, name }) => `${op} ${name}`)
    .sort();
}

export function changedSteps({ steps }: Outcome): readonly Step[] {
  return steps.filter((step) => !isComponent(step) && isChange(step));
}

/** The parts of a replacement are left out: it is one change. */
function isChange({ op }: Step): boolean {
  return op === "create" || op === "update" || op === "delete" || op === "replace";
}

/** What makes nothing: components, the stack itself, and the provider that the engine brings by itself. */
function isComponent({ type, name }: Step): boolean {
  const ownProvider = type.startsWith("pulumi:providers:") && name.startsWith("default_");
  return ownProvider || type.startsWith("gke-llm-autoscaling:") || type === "pulumi:pulumi:Stack";
}

/** The message of an outcome that should have been good. */
export function complaint({ error, errors }: Outcome): string {
  return [...errors, error?.message.split("\n err?:")[0] ?? ""].join("\n").slice(0, 3000);
}

export function assertWell(outcome: Outcome): void {
  if (outcome.error !== undefined) assert.fail(complaint(outcome));
}

export function assertFailed({ error, output }: Outcome): void {
  assert.ok(error !== undefined, `it should have failed:\n${output.slice(-1000)}`);
}
