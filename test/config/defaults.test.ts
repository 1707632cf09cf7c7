import assert from "node:assert/strict";
import { MODELS } from "../../catalog/models";
import { derivedTarget } from "../../config/build";
import type { StackConfig } from "../../config/stackConfig";
import { accepted, type StackFile } from "../support/config";

describe("A stack file that says nothing but what it must", () => {
  const { config, verdict } = accepted({}, "dev");

  it("gets a cluster of its own, protected, named after the stack", () => {
    assert.deepEqual(config.cluster, {
      kind: "create",
      name: "llm-dev",
      network: "create",
      privateNodes: true,
      systemMachineType: "e2-standard-2",
      systemNodes: 2,
      authorizedNetworks: [],
      releaseChannel: "REGULAR",
      deletionProtection: true,
    });
    assert.deepEqual(config.location, { name: "us-central1", region: "us-central1", kind: "region" });
    assert.equal(config.project, "my-project");
    assert.equal(config.stack, "dev");
    assert.equal(config.nodeServiceAccount, undefined);
  });

  it("gets L4s for maxReplicas and one more, none of them at rest", () => {
    assert.deepEqual(config.gpuPool, {
      accelerator: "nvidia-l4",
      // 2 CPUs and 10 GiB: g2-standard-4 leaves 9.3 GiB.
      machine: {
        name: "g2-standard-8",
        family: "g2",
        accelerator: "nvidia-l4",
        gpus: 1,
        vcpus: 8,
        memoryGib: 32,
      },
      minNodes: 0,
      maxNodes: 5 + 1,
      zones: ["us-central1-a", "us-central1-b", "us-central1-c"],
      spot: false,
      reservation: undefined,
      driverVersion: "LATEST",
      diskGb: 100,
      imageStreaming: true,
      replicasPerNode: 1,
      replicaCapacity: 6,
    });
  });

  it("gets gemma-2-2b-it with Google's resources, and limits that the L4 holds", () => {
    const { model, ...server } = config.server;
    assert.equal(model, MODELS.get("google/gemma-2-2b-it"));
    assert.deepEqual(server, {
      modelId: "google/gemma-2-2b-it",
      image:
        "us-docker.pkg.dev/deeplearning-platform-release/gcr.io/huggingface-text-generation-inference-cu124.2-4.ubuntu2204.py311",
      token: { from: "config" },
      gpus: 1,
      cpu: 2,
      memoryGib: 10,
      diskGib: 10,
      limits: { maxInputTokens: 4096, maxTotalTokens: 8192, maxBatchPrefillTokens: 4096 },
      // 82,191 tokens of KV cache ÷ 1,366 a chat; and 3.175 chats a second × 90 s = 285.8 more.
      batchCapacity: 60,
      maxConcurrentRequests: 60 + 285,
      readyTimeoutMinutes: 30,
      rollout: "surge",
    });
    assert.equal(config.namespace, "default");
  });

  it("scales between 1 and 5 on the queue", () => {
    assert.deepEqual(config.autoscaler, {
      // What 3.175 chats a second work off in 3 s.
      metrics: [{ strategy: "queue-size", target: 0.5 }],
      minReplicas: 1,
      maxReplicas: 5,
      behavior: undefined,
      calibration: undefined,
    });
    assert.equal(config.dcgmExporter, "gke-managed");
    assert.equal(config.metricsAdapter, "install");
    assert.equal(config.enableApis, true);
    assert.equal(config.dashboard, true);
    assert.equal(config.alerts, true);
    assert.deepEqual(config.notificationChannels, []);
    assert.deepEqual(config.labels, {});
  });

  it("is told what is open, what is not pinned and whom alerts do not reach, and nothing else", () => {
    assert.equal(verdict.warnings.length, 3);
    assert.match(verdict.warnings.join("\n"), /public endpoint .*\n.*not pinned by digest.*\n.*tell nobody/);
  });
});

describe("What a stack file sets", () => {
  const rows: readonly (readonly [set: StackFile, path: string, value: unknown])[] = [
    [{ "gcp:project": "other-project" }, "project", "other-project"],
    [
      { nodeServiceAccount: "nodes-1@p.iam.gserviceaccount.com" },
      "nodeServiceAccount",
      "nodes-1@p.iam.gserviceaccount.com",
    ],
    [{ clusterName: "gemma" }, "cluster.name", "gemma"],
    [{ privateNodes: "false" }, "cluster.privateNodes", false],
    [{ systemMachineType: "e2-standard-4" }, "cluster.systemMachineType", "e2-standard-4"],
    [{ systemNodes: "3" }, "cluster.systemNodes", 3],
    [{ authorizedNetworks: '["10.0.0.0/8"]' }, "cluster.authorizedNetworks", ["10.0.0.0/8"]],
    [{ releaseChannel: "RAPID" }, "cluster.releaseChannel", "RAPID"],
    [{ deletionProtection: "false" }, "cluster.deletionProtection", false],
    [{ gpuMinNodes: "2" }, "gpuPool.minNodes", 2],
    [{ gpuMaxNodes: "9" }, "gpuPool.maxNodes", 9],
    [{ gpuMaxNodes: "9" }, "gpuPool.replicaCapacity", 9],
    [{ gpuZones: '["us-central1-f"]' }, "gpuPool.zones", ["us-central1-f"]],
    [{ spot: "true" }, "gpuPool.spot", true],
    [{ reservation: "mine" }, "gpuPool.reservation", "mine"],
    [{ gpuDriverVersion: "DEFAULT" }, "gpuPool.driverVersion", "DEFAULT"],
    [{ gpuDiskGb: "200" }, "gpuPool.diskGb", 200],
    [{ imageStreaming: "false" }, "gpuPool.imageStreaming", false],
    [{ gpuMachineType: "g2-standard-48" }, "gpuPool.machine.name", "g2-standard-48"],
    // Four replicas a node by GPUs, but the disk must hold them: 4 × 10 + 20 GiB in 130 GB.
    [{ gpuMachineType: "g2-standard-48" }, "gpuPool.replicasPerNode", 4],
    [{ gpuMachineType: "g2-standard-48" }, "gpuPool.diskGb", 130],
    [{ gpuMachineType: "g2-standard-48" }, "gpuPool.maxNodes", 2],
    [{ gpuMachineType: "g2-standard-48" }, "gpuPool.replicaCapacity", 8],
    [{ gpusPerReplica: "2" }, "server.gpus", 2],
    [{ gpusPerReplica: "2" }, "gpuPool.machine.name", "g2-standard-24"],
    [{ serverImage: "r.io/tgi:1" }, "server.image", "r.io/tgi:1"],
    [{ huggingFaceToken: undefined, huggingFaceSecret: "hf" }, "server.token", { from: "secret", name: "hf" }],
    [{ namespace: "llm" }, "namespace", "llm"],
    [{ serverCpu: "3" }, "server.cpu", 3],
    [{ serverMemory: "12Gi" }, "server.memoryGib", 12],
    [{ serverDisk: "15Gi" }, "server.diskGib", 15],
    [{ serverReadyTimeoutMinutes: "45" }, "server.readyTimeoutMinutes", 45],
    [{ maxConcurrentRequests: "200" }, "server.maxConcurrentRequests", 200],
    [{ minReplicas: "2" }, "autoscaler.minReplicas", 2],
    [{ maxReplicas: "7" }, "autoscaler.maxReplicas", 7],
    [{ maxReplicas: "7" }, "gpuPool.maxNodes", 8],
    [{ maxReplicas: "7", gpuMaxNodes: "7" }, "server.rollout", "outage"],
    [{ maxReplicas: "7", gpuMaxNodes: "8" }, "server.rollout", "surge"],
    [{ metricTarget: "12.5" }, "autoscaler.metrics", [{ strategy: "queue-size", target: 12.5 }]],
    [{ dcgmExporter: "self-managed" }, "dcgmExporter", "self-managed"],
    [{ metricsAdapter: "existing" }, "metricsAdapter", "existing"],
    [{ enableApis: "false" }, "enableApis", false],
    [{ dashboard: "false" }, "dashboard", false],
    [{ alerts: "false" }, "alerts", false],
    [
      { notificationChannels: '["projects/my-project/notificationChannels/1"]' },
      "notificationChannels",
      ["projects/my-project/notificationChannels/1"],
    ],
    [{ labels: '{"team":"ml"}' }, "labels", { team: "ml" }],
    [{ cluster: "existing", clusterName: "theirs" }, "cluster", { kind: "existing", name: "theirs" }],
  ];
  for (const [set, path, value] of rows) {
    it(`${JSON.stringify(set)} stands in ${path}`, () => {
      assert.deepEqual(at(accepted(set).config, path), value);
    });
  }

  it("adds metrics behind the first", () => {
    const { config } = accepted({
      metricStrategy: "gke-duty-cycle",
      extraMetrics: '[{"strategy":"queue-size","target":9}]',
    });
    // 90: what can be passed, with a tolerance of a tenth.
    assert.deepEqual(config.autoscaler.metrics, [
      { strategy: "gke-duty-cycle", target: 90 },
      { strategy: "queue-size", target: 9 },
    ]);
  });

  it("names the place from the narrowest of location, zone and region", () => {
    const place = (set: StackFile) => accepted(set).config.location.name;
    assert.equal(place({ location: "us-east4", "gcp:zone": "us-west1-a" }), "us-east4");
    assert.equal(place({ "gcp:zone": "us-west1-a" }), "us-west1-a");
    assert.equal(place({ "gcp:region": "us-west4" }), "us-west4");
  });
});

describe("An existing network", () => {
  const network = { network: "vpc", subnetwork: "subnet", podsRange: "pods", servicesRange: "services" };

  it("belongs to the project, or to the host project of a Shared VPC", () => {
    assert.deepEqual(at(accepted(network).config, "cluster.network"), { ...network, project: "my-project" });
    assert.deepEqual(at(accepted({ ...network, networkProject: "host-project" }).config, "cluster.network"), {
      ...network,
      project: "host-project",
    });
  });
});

describe("A token limit that is set pulls the others along", () => {
  const rows: readonly (readonly [set: StackFile, input: number, total: number, prefill: number])[] = [
    [{ maxInputTokens: "1000" }, 1000, 8192, 1000],
    [{ maxInputTokens: "5000" }, 5000, 8192, 5000],
    [{ maxTotalTokens: "6000" }, 4096, 6000, 4096],
    [{ maxTotalTokens: "4097" }, 4096, 4097, 4096],
    [{ maxTotalTokens: "4096" }, 4095, 4096, 4095],
    [{ maxTotalTokens: "2" }, 1, 2, 1],
    [{ maxBatchPrefillTokens: "5000" }, 4096, 8192, 5000],
    [{ maxInputTokens: "100", maxTotalTokens: "300", maxBatchPrefillTokens: "200" }, 100, 300, 200],
  ];
  for (const [set, maxInputTokens, maxTotalTokens, maxBatchPrefillTokens] of rows) {
    it(`as ${JSON.stringify(set)} does`, () => {
      const { limits } = accepted(set).config.server;
      assert.deepEqual(limits, { maxInputTokens, maxTotalTokens, maxBatchPrefillTokens });
    });
  }

  it("and the total is above the prompt outside the catalogue", () => {
    const unknown = { modelId: "a/b", gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };
    const { limits } = accepted({ ...unknown, maxInputTokens: "3000" }).config.server;
    assert.equal(limits.maxTotalTokens, 3001);
  });
});

describe("The derived target", () => {
  it("is what is known of a strategy where nothing is known of the model", () => {
    const server = { batchCapacity: undefined, maxConcurrentRequests: 128 };
    assert.equal(derivedTarget("queue-size", undefined, server), 0.5);
    assert.equal(derivedTarget("batch-size", undefined, server), undefined);
    assert.equal(derivedTarget("gke-duty-cycle", undefined, server), 90);
    assert.equal(derivedTarget("dcgm-gpu-util", undefined, server), 90);
  });

  it("follows the batch that the KV cache or the concurrency limit allows, whichever is smaller", () => {
    const { model } = accepted().config.server;
    assert.ok(model !== undefined);
    const replica = { model, accelerator: "nvidia-l4", gpus: 1 } as const;
    // Every batch up to 10 decodes faster than 0.1 s a token on an L4; 80 % of 10.
    const target = (batchCapacity: number | undefined, maxConcurrentRequests: number) =>
      derivedTarget("batch-size", replica, { batchCapacity, maxConcurrentRequests });
    assert.equal(target(10, 345), 8);
    assert.equal(target(60, 10), 8);
    assert.equal(target(undefined, 10), undefined);
  });
});

function at(config: StackConfig, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => new Map(Object.entries(Object(value))).get(key), config);
}
