import { isKubernetesType } from "../../catalog/edits";
import type { CapturedGraph, CapturedResource } from "./capture";
import { type CapturedObject, isObject, valueAt } from "./values";

/** Last word of a type token: `kubernetes:apps/v1:Deployment` → `Deployment`. */
export function kindOf(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** Whether a resource is an object in the cluster (else it is Google's, or Pulumi's own). */
export function isInCluster(resource: CapturedResource): boolean {
  return isKubernetesType(resource.type);
}

/** How a person finds the resource: its physical name where the program chooses one, else its logical one. */
export function labelOf(resource: CapturedResource): string {
  const { inputs } = resource;
  if (isInCluster(resource)) {
    const namespace = text(inputs, "metadata.namespace");
    const name = text(inputs, "metadata.name") ?? resource.name;
    return namespace === undefined ? name : `${namespace}/${name}`;
  }
  return (
    text(inputs, "service")?.replace(".googleapis.com", "") ??
    text(inputs, "role") ??
    text(inputs, "accountId") ??
    text(inputs, "name") ??
    resource.name
  );
}

function text(inputs: CapturedObject, path: string): string | undefined {
  const value = valueAt(inputs, path);
  return typeof value === "string" ? value : undefined;
}

/** A component, and the resources that it makes, in the order of their declaration. */
export interface ComponentResources {
  readonly name: string;
  readonly className: string;
  readonly resources: readonly CapturedResource[];
}

/** The components of a graph that make anything. */
export function componentsOf(graph: CapturedGraph): readonly ComponentResources[] {
  return graph.resources
    .filter((resource) => resource.type.startsWith("gke-llm-autoscaling:"))
    .map((component) => ({
      name: component.name,
      className: kindOf(component.type),
      resources: graph.resources.filter((resource) => resource.parent === component.urn),
    }))
    .filter((component) => component.resources.length > 0);
}

/** Resources in an order in which each comes after everything that it waits for, the same every time. */
export function applyOrder(resources: readonly CapturedResource[]): readonly CapturedResource[] {
  const among = new Set(resources.map((resource) => resource.urn));
  const waiting = [...resources].sort((a, b) => a.name.localeCompare(b.name, "en"));
  const placed = new Set<string>();
  const order: CapturedResource[] = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex((resource) =>
      resource.dependencies.every((urn) => placed.has(urn) || !among.has(urn)),
    );
    const [resource] = waiting.splice(Math.max(0, next), 1);
    if (resource === undefined) break;
    placed.add(resource.urn);
    order.push(resource);
  }
  return order;
}

/** An object of the cluster as it would be sent, without Pulumi's own bookkeeping. */
export function manifestOf(resource: CapturedResource): CapturedObject {
  const { apiVersion, kind, metadata, ...rest } = resource.inputs;
  return {
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(kind === undefined ? {} : { kind }),
    ...(metadata !== undefined && isObject(metadata) ? { metadata } : {}),
    ...rest,
  };
}
