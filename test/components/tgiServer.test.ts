import assert from "node:assert/strict";
import { Secret, valueAt } from "../../tools/plan/values";
import { captureStack, find, has, input, type Settings, TOKEN } from "../support/stack";

async function deployment(settings: Settings = {}) {
  return find(await captureStack(settings), "server-deployment");
}

const CONTAINER = "spec.template.spec.containers.0";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: unknown;
}

async function environment(settings: Settings = {}): Promise<Record<string, unknown>> {
  const variables = input(await deployment(settings), `${CONTAINER}.env`) as Variable[];
  return Object.fromEntries(variables.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

describe("the TGI Deployment", () => {
  it("has the names that others rely on, and no replicas: they are the HPA's", async () => {
    const resource = await deployment();
    assert.equal(input(resource, "metadata.name"), "tgi-gemma-deployment");
    assert.equal(input(resource, "metadata.namespace"), "default");
    assert.deepEqual(input(resource, "spec.selector"), { matchLabels: { app: "gemma-server" } });
    assert.deepEqual(input(resource, "spec.template.metadata.labels"), { app: "gemma-server" });
    assert.equal(input(resource, `${CONTAINER}.name`), "inference-server");
    assert.deepEqual(input(resource, `${CONTAINER}.ports`), [{ name: "http", containerPort: 8000 }]);
    assert.equal(Object.hasOwn(input(resource, "spec") as object, "replicas"), false);
  });

  it("sets both port variables, both token variables and both caches, and one name of the input limit", async () => {
    const token = { secretKeyRef: { name: "hf-secret", key: "hf_api_token" } };
    assert.deepEqual(await environment({ modelId: "google/gemma-2-9b-it", maxConcurrentRequests: 200 }), {
      MODEL_ID: "google/gemma-2-9b-it",
      NUM_SHARD: "2",
      MAX_INPUT_TOKENS: "2048",
      MAX_TOTAL_TOKENS: "4096",
      MAX_BATCH_PREFILL_TOKENS: "2048",
      MAX_CONCURRENT_REQUESTS: "200",
      CUDA_MEMORY_FRACTION: "0.93",
      USAGE_STATS: "off",
      PORT: "8000",
      AIP_HTTP_PORT: "8000",
      HF_HOME: "/data",
      HUGGINGFACE_HUB_CACHE: "/data",
      HF_TOKEN: token,
      HUGGING_FACE_HUB_TOKEN: token,
    });
  });

  it("asks for the model's resources, requests equal to limits", async () => {
    const expected = { cpu: "4", memory: "30Gi", "ephemeral-storage": "30Gi", "nvidia.com/gpu": "2" };
    const resource = await deployment({ modelId: "google/gemma-2-9b-it" });
    assert.deepEqual(input(resource, `${CONTAINER}.resources`), { requests: expected, limits: expected });
    const odd = await deployment({ serverCpu: "1500m", serverMemory: "9.5Gi" });
    assert.equal(input(odd, `${CONTAINER}.resources.limits.cpu`), "1500m");
    assert.equal(input(odd, `${CONTAINER}.resources.limits.memory`), "9728Mi");
  });

  it("keeps weights and shared memory in bounded volumes", async () => {
    const resource = await deployment();
    assert.deepEqual(input(resource, "spec.template.spec.volumes"), [
      { name: "weights", emptyDir: { sizeLimit: "10Gi" } },
      { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: "1Gi" } },
    ]);
    assert.deepEqual(input(resource, `${CONTAINER}.volumeMounts`), [
      { name: "weights", mountPath: "/data" },
      { name: "shared-memory", mountPath: "/dev/shm" },
    ]);
  });

  it("has started only once it has generated tokens, within the budget", async () => {
    const probe = input(await deployment({ serverReadyTimeoutMinutes: 20 }), `${CONTAINER}.startupProbe`) as {
      exec: { command: string[] };
      periodSeconds: number;
      timeoutSeconds: number;
      failureThreshold: number;
    };
    const { command } = probe.exec;
    assert.equal(command[0], "curl");
    // Without --fail, the 424 and 429 of a server that cannot generate would pass.
    assert.ok(command.includes("--fail"));
    assert.equal(command.at(-1), "http://127.0.0.1:8000/generate");
    const body = JSON.parse(command[command.indexOf("--data") + 1] ?? "");
    assert.ok(body.inputs.length > 0 && body.parameters.max_new_tokens > 1);
    assert.ok(Number(command[command.indexOf("--max-time") + 1]) < probe.timeoutSeconds);
    assert.equal(probe.failureThreshold * probe.periodSeconds, 20 * 60);
  });

  it("is ready by /health with patience, and alive by what a full queue cannot slow down", async () => {
    const resource = await deployment();
    const readiness = input(resource, `${CONTAINER}.readinessProbe`) as Record<string, unknown>;
    assert.deepEqual(readiness.httpGet, { path: "/health", port: "http" });
    assert.ok(Number(readiness.timeoutSeconds) >= 5 && Number(readiness.failureThreshold) >= 3);
    const liveness = input(resource, `${CONTAINER}.livenessProbe`) as Record<string, unknown>;
    assert.deepEqual(liveness.httpGet, { path: "/info", port: "http" });
    assert.ok(Number(liveness.timeoutSeconds) > Number(readiness.timeoutSeconds));
  });

  it("stops slowly enough for TGI's drain of 90 s after the sleep that lets endpoints go", async () => {
    const resource = await deployment();
    const sleep = Number(input(resource, `${CONTAINER}.lifecycle.preStop.sleep.seconds`));
    const grace = Number(input(resource, "spec.template.spec.terminationGracePeriodSeconds"));
    assert.ok(sleep >= 15 && sleep <= 30, `sleeps ${sleep} s`);
    assert.ok(grace > sleep + 90 && grace >= 130, `grace of ${grace} s`);
  });

  it("runs on its accelerator's nodes, without rights that it does not need", async () => {
    const spec = "spec.template.spec";
    const resource = await deployment({ accelerator: "nvidia-a100-80gb" });
    assert.deepEqual(input(resource, `${spec}.nodeSelector`), {
      "cloud.google.com/gke-accelerator": "nvidia-a100-80gb",
    });
    assert.deepEqual(input(resource, `${spec}.tolerations`), [
      { key: "nvidia.com/gpu", operator: "Equal", value: "present", effect: "NoSchedule" },
    ]);
    assert.equal(input(resource, `${spec}.automountServiceAccountToken`), false);
    assert.equal(input(resource, `${spec}.enableServiceLinks`), false);
    assert.deepEqual(input(resource, `${spec}.securityContext`), { seccompProfile: { type: "RuntimeDefault" } });
    assert.deepEqual(input(resource, `${CONTAINER}.securityContext`), {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });

  for (const [gpuMaxNodes, rollingUpdate] of [
    [6, { maxSurge: 1, maxUnavailable: 0 }],
    [5, { maxSurge: 0, maxUnavailable: 1 }],
  ] as const) {
    it(`rolls out with ${JSON.stringify(rollingUpdate)} when five replicas have ${gpuMaxNodes} nodes`, async () => {
      assert.deepEqual(input(await deployment({ gpuMaxNodes }), "spec.strategy"), {
        type: "RollingUpdate",
        rollingUpdate,
      });
    });
  }

  it("is awaited longer than a node, an image and a start take, and longer for a rollout of every replica", async () => {
    const resource = await deployment({ serverReadyTimeoutMinutes: 30, maxReplicas: 5 });
    // 30 min for the server + 15 min for node and image.
    assert.equal(input(resource, "spec.progressDeadlineSeconds"), 45 * 60);
    assert.deepEqual(resource.customTimeouts, { create: "50m", update: "250m", delete: "" });
  });
});

describe("the token", () => {
  it("is a secret in the one Secret, and its change rolls the pods", async () => {
    const graph = await captureStack();
    const secret = find(graph, "server-token");
    assert.ok(secret.inputs.stringData instanceof Secret);
    assert.equal(input(secret, "stringData.hf_api_token"), TOKEN);
    assert.equal(input(secret, "metadata.name"), "hf-secret");
    const annotation = async (huggingFaceToken: string) => {
      const template = valueAt((await deployment({ huggingFaceToken })).inputs, "spec.template.metadata.annotations");
      return template;
    };
    const [first, second] = [await annotation("hf_one"), await annotation("hf_two")];
    assert.notDeepEqual(first, second);
    assert.ok(!JSON.stringify(first).includes("hf_one"));
  });

  it("may be in a Secret that exists", async () => {
    const settings = { huggingFaceToken: undefined, huggingFaceSecret: "theirs" };
    const graph = await captureStack(settings);
    assert.ok(!has(graph, "server-token"));
    assert.deepEqual((await environment(settings)).HF_TOKEN, {
      secretKeyRef: { name: "theirs", key: "hf_api_token" },
    });
    assert.equal(input(find(graph, "server-deployment"), "spec.template.metadata.annotations"), undefined);
  });
});

describe("what stands beside the Deployment", () => {
  it("is a Service that Pulumi does not wait for, with the port by name", async () => {
    const service = find(await captureStack(), "server-service");
    assert.equal(input(service, "metadata.name"), "llm-service");
    assert.deepEqual(input(service, "metadata.annotations"), { "pulumi.com/skipAwait": "true" });
    assert.deepEqual(input(service, "spec"), {
      type: "ClusterIP",
      selector: { app: "gemma-server" },
      ports: [{ name: "http", port: 8000, targetPort: "http", protocol: "TCP" }],
    });
  });

  it("is a disruption budget that lets one replica be drained", async () => {
    assert.deepEqual(input(find(await captureStack(), "server-pdb"), "spec"), {
      maxUnavailable: 1,
      selector: { matchLabels: { app: "gemma-server" } },
    });
  });

  it("is a namespace when it is not the default one", async () => {
    assert.ok(!has(await captureStack(), "server-namespace"));
    const graph = await captureStack({ namespace: "llm" });
    assert.equal(input(find(graph, "server-namespace"), "metadata.name"), "llm");
    for (const name of [
      "server-deployment",
      "server-service",
      "server-pdb",
      "server-token",
      "monitoring-podmonitoring",
      "autoscaler-hpa",
    ]) {
      assert.equal(input(find(graph, name), "metadata.namespace"), "llm", name);
    }
  });

  it("is a PodMonitoring of the named port", async () => {
    const monitoring = find(await captureStack(), "monitoring-podmonitoring");
    assert.equal(input(monitoring, "metadata.name"), "gemma-pod-monitoring");
    assert.deepEqual(input(monitoring, "spec"), {
      selector: { matchLabels: { app: "gemma-server" } },
      endpoints: [{ port: "http", path: "/metrics", interval: "15s" }],
    });
  });
});
