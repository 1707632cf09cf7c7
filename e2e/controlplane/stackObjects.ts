import { join } from "node:path";
import type { KubernetesObject } from "@kubernetes/client-node";
import { ADAPTER } from "../../catalog/adapter";
import type { StackConfig } from "../../config/stackConfig";
import type { CapturedGraph } from "../../tools/plan/capture";
import { loadStack } from "../../tools/plan/load";
import { manifestsOf } from "../../tools/plan/manifests";
import { captureStack, StackProblems } from "../../tools/plan/plan";

const ROOT = join(__dirname, "..", "..");

/** A stack as it would be deployed: its configuration, and its objects in the order to apply them. */
export interface StackObjects {
  readonly config: StackConfig;
  readonly objects: readonly KubernetesObject[];
  /** Whether it grants the adapter's service account what the adapter needs in the project. */
  readonly adapterMayRead: boolean;
}

export type Settings = Readonly<Record<string, string | number | object>>;

/** The `dev` stack with some keys set, as `npm start` plans it. */
export async function stackObjects(settings: Settings = {}): Promise<StackObjects> {
  const overrides = Object.entries(settings).map(([key, value]) => ({
    key,
    value: typeof value === "object" ? JSON.stringify(value) : String(value),
  }));
  const loaded = loadStack({ directory: ROOT, stack: "dev", overrides });
  const { config, verdict } = loaded.parsed;
  if (config === undefined) throw new StackProblems(loaded.stack, loaded.origin, verdict.problems);
  const graph = await captureStack(loaded);
  const objects = manifestsOf(graph).map(({ object }) => object as KubernetesObject);
  return { config, objects, adapterMayRead: grantsAdapter(graph) };
}

/** The same stack where its GPU pool gets no more nodes than these, whatever its maximum is. */
export function withPoolOf(nodes: number, stack: StackObjects): StackObjects {
  const { config } = stack;
  return { ...stack, config: { ...config, gpuPool: { ...config.gpuPool, maxNodes: nodes } } };
}

function grantsAdapter({ resources }: CapturedGraph): boolean {
  return resources.some(
    ({ type, inputs }) => type === "gcp:projects/iAMMember:IAMMember" && inputs.role === ADAPTER.role,
  );
}

/** The one object of a kind, or of a kind and a name. */
export function objectOf(
  { objects }: StackObjects,
  kind: string,
  name?: string,
): KubernetesObject & { readonly spec: object } {
  const found = objects.filter((it) => it.kind === kind && (name === undefined || it.metadata?.name === name));
  const [object, ...others] = found;
  if (object === undefined || others.length > 0) throw new Error(`there is not one ${kind} ${name ?? ""}`);
  return object as KubernetesObject & { spec: object };
}
