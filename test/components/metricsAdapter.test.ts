import assert from "node:assert/strict";
import type { CapturedGraph } from "../../tools/plan/capture";
import { captureStack, find, has, input } from "../support/stack";

const NAME = "custom-metrics-stackdriver-adapter";

describe("the metrics adapter", () => {
  let graph: CapturedGraph;
  before(async () => {
    graph = await captureStack();
  });

  it("may read Cloud Monitoring, by an additive grant to its Workload Identity principal", () => {
    const grant = find(graph, "adapter-monitoring-viewer");
    assert.equal(grant.type, "gcp:projects/iAMMember:IAMMember");
    // The project's number first, its id in the pool.
    assert.deepEqual(grant.inputs, {
      project: "demo-project",
      role: "roles/monitoring.viewer",
      member:
        "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/demo-project.svc.id.goog/subject/ns/custom-metrics/sa/custom-metrics-stackdriver-adapter",
    });
  });

  it("runs twice, pinned, with memory, on nodes without GPUs, spread", () => {
    const deployment = find(graph, "adapter-deployment");
    assert.equal(input(deployment, "metadata.name"), NAME);
    assert.equal(input(deployment, "metadata.namespace"), "custom-metrics");
    assert.equal(input(deployment, "spec.replicas"), 2);
    // A new grant takes minutes, and each restart waits longer than the one before.
    assert.equal(input(deployment, "spec.progressDeadlineSeconds"), 20 * 60);
    assert.deepEqual(deployment.customTimeouts, { create: "25m", update: "25m", delete: "" });
    assert.equal(input(deployment, "spec.template.spec.containers.0.readinessProbe.initialDelaySeconds"), 40);
    assert.equal(
      input(deployment, "spec.template.spec.topologySpreadConstraints.0.whenUnsatisfiable"),
      "ScheduleAnyway",
    );
    const pod = "spec.template.spec";
    assert.equal(input(deployment, `${pod}.serviceAccountName`), NAME);
    assert.equal(
      input(deployment, `${pod}.containers.0.image`),
      "gcr.io/gke-release/custom-metrics-stackdriver-adapter:v0.16.9-gke.0",
    );
    assert.equal(input(deployment, `${pod}.containers.0.name`), "pod-custom-metrics-stackdriver-adapter");
    assert.deepEqual(input(deployment, `${pod}.containers.0.command`), [
      "/adapter",
      "--use-new-resource-model=true",
      "--fallback-for-container-metrics=true",
    ]);
    const resources = { cpu: "250m", memory: "512Mi" };
    assert.deepEqual(input(deployment, `${pod}.containers.0.resources`), { requests: resources, limits: resources });
    assert.deepEqual(input(deployment, `${pod}.containers.0.readinessProbe.httpGet`), {
      path: "/healthz",
      port: 443,
      scheme: "HTTPS",
    });
    assert.deepEqual(input(deployment, `${pod}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`), {
      nodeSelectorTerms: [
        { matchExpressions: [{ key: "cloud.google.com/gke-accelerator", operator: "DoesNotExist" }] },
      ],
    });
    assert.equal(input(deployment, `${pod}.topologySpreadConstraints.0.topologyKey`), "kubernetes.io/hostname");
    assert.equal(input(deployment, `${pod}.tolerations`), undefined);
    assert.equal(input(find(graph, "adapter-pdb"), "spec.maxUnavailable"), 1);
  });

  it("serves the three metrics APIs through its Service", () => {
    for (const [name, group, version, versionPriority] of [
      ["adapter-v1beta1-custom.metrics.k8s.io", "custom.metrics.k8s.io", "v1beta1", 100],
      ["adapter-v1beta2-custom.metrics.k8s.io", "custom.metrics.k8s.io", "v1beta2", 200],
      ["adapter-v1beta1-external.metrics.k8s.io", "external.metrics.k8s.io", "v1beta1", 100],
    ] as const) {
      const api = find(graph, name);
      assert.equal(input(api, "metadata.name"), `${version}.${group}`);
      assert.deepEqual(input(api, "spec"), {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority,
        insecureSkipTLSVerify: true,
        service: { name: NAME, namespace: "custom-metrics" },
      });
    }
    const service = find(graph, "adapter-service");
    assert.deepEqual(input(service, "spec"), {
      selector: { run: NAME, "k8s-app": NAME },
      ports: [{ port: 443, targetPort: 443, protocol: "TCP" }],
    });
    assert.deepEqual(input(find(graph, "adapter-deployment"), "spec.template.metadata.labels"), {
      run: NAME,
      "k8s-app": NAME,
    });
  });

  it("has its roles, and the HPA may read External metrics", () => {
    const adapter = [{ kind: "ServiceAccount", name: NAME, namespace: "custom-metrics" }];
    const role = (name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });
    for (const [resource, name, roleRef, subjects] of [
      ["adapter-auth-delegator", "custom-metrics:system:auth-delegator", role("system:auth-delegator"), adapter],
      [
        "adapter-auth-reader",
        "custom-metrics-auth-reader",
        { ...role("extension-apiserver-authentication-reader"), kind: "Role" },
        adapter,
      ],
      [
        "adapter-resource-reader-binding",
        "custom-metrics-resource-reader",
        role("custom-metrics-resource-reader"),
        adapter,
      ],
      [
        "adapter-external-reader-binding",
        "external-metrics-reader",
        role("external-metrics-reader"),
        [{ kind: "ServiceAccount", name: "horizontal-pod-autoscaler", namespace: "kube-system" }],
      ],
    ] as const) {
      const binding = find(graph, resource);
      assert.equal(input(binding, "metadata.name"), name);
      assert.deepEqual(input(binding, "roleRef"), roleRef);
      assert.deepEqual(input(binding, "subjects"), subjects);
    }
    assert.equal(input(find(graph, "adapter-auth-reader"), "metadata.namespace"), "kube-system");
    assert.deepEqual(input(find(graph, "adapter-resource-reader"), "rules"), [
      { apiGroups: [""], resources: ["pods", "nodes", "nodes/stats"], verbs: ["get", "list", "watch"] },
    ]);
    assert.deepEqual(input(find(graph, "adapter-external-reader"), "rules"), [
      { apiGroups: ["external.metrics.k8s.io"], resources: ["*"], verbs: ["get", "list", "watch"] },
    ]);
  });

  it("is left out where something else serves the metrics APIs", async () => {
    const without = await captureStack({ metricsAdapter: "existing" });
    assert.ok(!has(without, "adapter"));
    assert.ok(has(without, "autoscaler-hpa"));
  });
});

describe("the DCGM exporter of our own", () => {
  it("is there exactly when it is asked for", async () => {
    assert.ok(!has(await captureStack({ metricStrategy: "dcgm-gpu-util" }), "dcgm"));
    assert.ok(has(await captureStack({ dcgmExporter: "self-managed" }), "dcgm"));
  });

  it("exports the one field, keeps it of the server's pods and nothing else, and renames it to lower case", async () => {
    const graph = await captureStack({ dcgmExporter: "self-managed" });
    const counters = input(find(graph, "dcgm-counters"), "data") as Record<string, string>;
    const fields = (counters["counters.csv"] ?? "").split("\n").filter((line) => line !== "");
    assert.equal(fields.length, 1);
    assert.match(fields[0] ?? "", /^DCGM_FI_DEV_GPU_UTIL, gauge, /);
    const monitoring = find(graph, "dcgm-podmonitoring");
    assert.equal(input(monitoring, "metadata.name"), "nvidia-dcgm-exporter-for-hpa");
    assert.equal(input(monitoring, "metadata.namespace"), "gmp-public");
    assert.deepEqual(input(monitoring, "spec"), {
      selector: { matchLabels: { "app.kubernetes.io/name": "nvidia-dcgm-exporter" } },
      endpoints: [
        {
          port: "metrics",
          path: "/metrics",
          interval: "15s",
          metricRelabeling: [
            { action: "keep", sourceLabels: ["__name__"], regex: "DCGM_FI_DEV_GPU_UTIL" },
            { action: "keep", sourceLabels: ["exported_pod"], regex: "tgi-gemma-deployment-[0-9a-z]+-[0-9a-z]+" },
            {
              action: "replace",
              sourceLabels: ["__name__"],
              targetLabel: "__name__",
              replacement: "dcgm_fi_dev_gpu_util",
            },
          ],
        },
      ],
    });
  });

  it("runs on every GPU node, in the namespace that exists, on the port that is scraped", async () => {
    const graph = await captureStack({ dcgmExporter: "self-managed" });
    const daemonSet = find(graph, "dcgm-daemonset");
    assert.equal(input(daemonSet, "metadata.namespace"), "gmp-public");
    const pod = "spec.template.spec";
    assert.deepEqual(input(daemonSet, `${pod}.tolerations`), [{ operator: "Exists" }]);
    assert.deepEqual(input(daemonSet, `${pod}.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution`), {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "cloud.google.com/gke-accelerator", operator: "Exists" }] }],
    });
    assert.deepEqual(input(daemonSet, `${pod}.containers.1.ports`), [{ name: "metrics", containerPort: 9400 }]);
    const env = input(daemonSet, `${pod}.containers.1.env`) as { name: string; value: string }[];
    const value = (name: string) => env.find((variable) => variable.name === name)?.value;
    assert.equal(value("DCGM_EXPORTER_KUBERNETES"), "true");
    assert.equal(value("DCGM_EXPORTER_LISTEN"), ":9400");
    assert.equal(value("DCGM_EXPORTER_KUBERNETES_GPU_ID_TYPE"), "device-name");
    const volumes = input(daemonSet, `${pod}.volumes`) as { name: string; hostPath?: { path: string } }[];
    assert.deepEqual(
      volumes.flatMap((volume) => volume.hostPath?.path ?? []),
      ["/home/kubernetes/bin/nvidia", "/var/lib/kubelet/pod-resources"],
    );
    assert.ok(
      graph.resources.every((it) => !(it.type.endsWith(":Namespace") && input(it, "metadata.name") === "gmp-public")),
    );
  });
});
