import assert from "node:assert/strict";
import { assertWell } from "./changes";
import type { EngineStack } from "./stack";

/** What one stack may leave behind for the others of its Google project. */
const SHARED = ["gcp:projects/service:Service", "gcp:projects/iAMMember:IAMMember"];

/** Finishes a stack, and asserts that the cloud holds exactly what its state does: nothing is missing or doubled. */
export async function assertFinished(stack: EngineStack): Promise<void> {
  const outcome = await stack.up();
  assertWell(outcome);
  assertWhole(stack);
}

export function assertWhole(stack: EngineStack): void {
  const { resources, pendingOperations } = stack.state();
  assert.deepEqual(pendingOperations, []);
  const own = resources.filter(({ custom, type }) => custom && !type.startsWith("pulumi:"));
  const inCloud = stack.project.cloud.all().map(({ type, id }) => `${type} ${id}`);
  assert.deepEqual(inCloud.sort(), own.map(({ type, id }) => `${type} ${id}`).sort());
}

/** What is in the cloud and belongs to one stack only. */
export function unshared(stack: EngineStack): readonly string[] {
  const { cloud } = stack.project;
  return cloud
    .all()
    .filter(({ type }) => !SHARED.includes(type))
    .map(({ type, id }) => `${type} ${id}`);
}
