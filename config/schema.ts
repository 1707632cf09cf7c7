import type { KeySpec } from "./key";
import { clusterKeys } from "./keys/cluster";
import { gpuPoolKeys } from "./keys/gpuPool";
import { scalingKeys } from "./keys/scaling";
import { serverKeys } from "./keys/server";
import type { Parser } from "./read";

/**
 * Every key of the stack's namespace and the provider's own that we read. Names and meanings are a contract: add,
 * don't rename. The README's table is generated from here.
 */
export const KEYS = { ...clusterKeys, ...gpuPoolKeys, ...serverKeys, ...scalingKeys } as const;

export type Key = keyof typeof KEYS;

/** What a stack file says, each value read by its parser; keys that are not set or cannot be read are absent. */
export type Settings = {
  readonly [K in Key]?: (typeof KEYS)[K] extends { parser: Parser<infer T> } ? T : never;
};

export function isKey(name: string): name is Key {
  return Object.hasOwn(KEYS, name);
}

/** The same specs without their value types, for code that treats all keys alike. */
export function keySpec(key: Key): KeySpec<unknown> {
  return KEYS[key];
}
