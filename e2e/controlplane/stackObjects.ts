import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import type { StackConfig } from "../../config/stackConfig";
import { loadStack } from "../../tools/plan/load";
import { planStack } from "../../tools/plan/plan";

const ROOT = join(__dirname, "..", "..");

/** A stack as it would be deployed: its configuration, and its objects in the order to apply them. */
export interface StackObjects {
  readonly config: StackConfig;
  readonly objects: readonly KubernetesObject[];
}

export type Settings = Readonly<Record<string, string | number | object>>;

/** The `dev` stack with some keys set, as `npm start` plans it. */
export async function stackObjects(settings: Settings = {}): Promise<StackObjects> {
  const overrides = Object.entries(settings).map(([key, value]) => ({
    key,
    value: typeof value === "object" ? JSON.stringify(value) : String(value),
  }));
  const { config, manifests } = await planStack(loadStack({ directory: ROOT, stack: "dev", overrides }));
  return { config, objects: manifests.map(({ object }) => object as KubernetesObject) };
}
