import type { Problem } from "../../config/problem";
import type { Plan } from "./plan";
import { isInCluster, kindOf, labelOf } from "./resources";

/** Version of the document below: it grows, but fields keep their names and meanings. Described in docs/plan.md. */
const VERSION = 1;

/** The plan as a document for programs. */
export function planJson(plan: Plan, directory: string): unknown {
  const { config } = plan;
  return {
    version: VERSION,
    stack: plan.stack,
    project: config.project,
    cluster: config.cluster.name,
    location: config.location.name,
    namespace: config.namespace,
    resources: plan.components.flatMap((component) =>
      component.resources.map((resource) => ({
        component: component.name,
        name: resource.name,
        type: resource.type,
        kind: kindOf(resource.type),
        label: labelOf(resource),
        where: isInCluster(resource) ? "cluster" : "cloud",
      })),
    ),
    autoscaler: plan.autoscaler,
    alerts: plan.alerts,
    checks: plan.checks,
    warnings: plan.warnings,
    placeholders: plan.placeholders,
    diff: plan.diff ?? null,
    manifests: { directory, files: plan.manifests.map((manifest) => manifest.file) },
    problems: [],
  };
}

/** The same document for a stack that cannot be planned. */
export function problemsJson(stack: string, problems: readonly Problem[]): unknown {
  return {
    version: VERSION,
    stack,
    problems: problems.map(({ keys, value, rule, fix }) => ({ key: keys[0], keys, value: value ?? null, rule, fix })),
  };
}

/** The same document where a file could not be read or written. */
export function errorJson(stack: string, message: string): unknown {
  return { version: VERSION, stack, problems: [{ key: null, keys: [], value: null, rule: message, fix: null }] };
}
