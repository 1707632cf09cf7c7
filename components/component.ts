import * as pulumi from "@pulumi/pulumi";

/** The type token of one of our components. */
export function componentType(className: string): string {
  return `gke-llm-autoscaling:index:${className}`;
}

/**
 * Options of a component's children. Pulumi hands only the provider and `protect` down by itself: what the whole
 * component waits for, and the cluster with which it goes, have to be passed on.
 */
export function childOptions(
  parent: pulumi.ComponentResource,
  opts: pulumi.ComponentResourceOptions,
): pulumi.CustomResourceOptions {
  return { parent, deletedWith: opts.deletedWith, dependsOn: opts.dependsOn };
}

/** The same children, each waiting for some more resources. */
export function after(
  child: pulumi.CustomResourceOptions,
  ...resources: readonly pulumi.Resource[]
): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions(child, { dependsOn: [...resources] });
}
