/**
 * Google APIs that the stack uses, without their domain. `cloudresourcemanager` must be on already for the others to
 * be turned on by a program: the README's bootstrap does that.
 */
export function requiredApis(imageStreaming: boolean): readonly string[] {
  return [
    "cloudresourcemanager",
    "compute",
    "container",
    "iam",
    "logging",
    "monitoring",
    ...(imageStreaming ? ["artifactregistry", "containerfilesystem"] : []),
  ];
}
