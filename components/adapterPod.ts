import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { ADAPTER } from "../catalog/adapter";
import { ACCELERATOR_LABEL } from "../catalog/gke";

/** The pod of the adapter's Deployment: on nodes without GPUs, the replicas on different ones. */
export function adapterPodSpec(
  serviceAccountName: pulumi.Input<string>,
  labels: Record<string, string>,
): core.v1.PodSpec {
  const resources = { cpu: ADAPTER.cpu, memory: ADAPTER.memory };
  return {
    serviceAccountName,
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: ACCELERATOR_LABEL, operator: "DoesNotExist" }] }],
        },
      },
    },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        // A cluster with one node left must still have its metrics.
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels: labels },
      },
    ],
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containers: [
      {
        name: ADAPTER.containerName,
        image: ADAPTER.image,
        command: ["/adapter", "--use-new-resource-model=true", "--fallback-for-container-metrics=true"],
        ports: [{ name: "https", containerPort: ADAPTER.port }],
        readinessProbe: {
          httpGet: { path: "/healthz", port: ADAPTER.port, scheme: "HTTPS" },
          initialDelaySeconds: 40,
          timeoutSeconds: 5,
        },
        resources: { requests: resources, limits: resources },
        // It writes the certificate that it signs beside its binary, and listens below 1024: readOnlyRootFilesystem and
        // runAsNonRoot are left out.
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"], add: ["NET_BIND_SERVICE"] },
        },
      },
    ],
  };
}
