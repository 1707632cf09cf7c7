import type { ServiceAccount } from "@pulumi/kubernetes/core/v1";
import * as rbac from "@pulumi/kubernetes/rbac/v1";
import type * as pulumi from "@pulumi/pulumi";

const RBAC = "rbac.authorization.k8s.io";
const READ = ["get", "list", "watch"];

/** The roles of the adapter, and the HPA's right to read External metrics. */
export function adapterRbac(
  name: string,
  account: ServiceAccount,
  child: pulumi.CustomResourceOptions,
): readonly pulumi.Resource[] {
  const adapter = [{ kind: "ServiceAccount", name: account.metadata.name, namespace: account.metadata.namespace }];
  const hpa = [{ kind: "ServiceAccount", name: "horizontal-pod-autoscaler", namespace: "kube-system" }];
  const clusterRole = (role: pulumi.Input<string>) => ({ apiGroup: RBAC, kind: "ClusterRole", name: role });
  const resourceReader = new rbac.ClusterRole(
    `${name}-resource-reader`,
    {
      metadata: { name: "custom-metrics-resource-reader" },
      rules: [{ apiGroups: [""], resources: ["pods", "nodes", "nodes/stats"], verbs: READ }],
    },
    child,
  );
  const externalReader = new rbac.ClusterRole(
    `${name}-external-reader`,
    {
      metadata: { name: "external-metrics-reader" },
      rules: [{ apiGroups: ["external.metrics.k8s.io"], resources: ["*"], verbs: READ }],
    },
    child,
  );
  return [
    new rbac.ClusterRoleBinding(
      `${name}-auth-delegator`,
      {
        metadata: { name: "custom-metrics:system:auth-delegator" },
        roleRef: clusterRole("system:auth-delegator"),
        subjects: adapter,
      },
      child,
    ),
    new rbac.RoleBinding(
      `${name}-auth-reader`,
      {
        metadata: { name: "custom-metrics-auth-reader", namespace: "kube-system" },
        roleRef: { apiGroup: RBAC, kind: "Role", name: "extension-apiserver-authentication-reader" },
        subjects: adapter,
      },
      child,
    ),
    new rbac.ClusterRoleBinding(
      `${name}-resource-reader-binding`,
      {
        metadata: { name: "custom-metrics-resource-reader" },
        roleRef: clusterRole(resourceReader.metadata.name),
        subjects: adapter,
      },
      child,
    ),
    new rbac.ClusterRoleBinding(
      `${name}-external-reader-binding`,
      {
        metadata: { name: "external-metrics-reader" },
        roleRef: clusterRole(externalReader.metadata.name),
        subjects: hpa,
      },
      child,
    ),
  ];
}
