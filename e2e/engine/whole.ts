import assert from "node:assert/strict";
import { assertWell } from "./changes";
import type { EngineStack } from "./stack";

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
