import * as pulumi from "@pulumi/pulumi";

/** The type token of one of our components. */
export function componentType(className: string): string {
  return `gke-llm-autoscaling:index:${className}`;
}

/**
 * Options of a component's children. What the whole component waits for has to be passed on. The provider is handed
 * down by Pulumi's SDK and `deletedWith` by its engine; a preview in memory has no engine, so it is written here too.
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
