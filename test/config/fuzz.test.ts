import assert from "node:assert/strict";
import fc from "fast-check";
import { isGpuStrategy } from "../../autoscaling/metricStrategy";
import { MACHINE_TYPES } from "../../catalog/accelerators";
import { MODELS } from "../../catalog/models";
import { parseConfig } from "../../config/parse";
import { formatProblem } from "../../config/problem";
import { KEYS } from "../../config/schema";
import type { StackConfig } from "../../config/stackConfig";
import { rawConfig, type StackFile } from "../support/config";

const TOKEN = "hf_fuzzedSecret";
const words = (...values: string[]) => fc.constantFrom(...values);
const whole = (min: number, max: number) => fc.integer({ min, max }).map(String);
const json = (value: fc.Arbitrary<unknown>) => value.map((it) => JSON.stringify(it));
const strategies = words("queue-size", "batch-size", "gke-duty-cycle", "dcgm-gpu-util");
const zone = words("us-central1-a", "us-central1-b", "us-central1-f", "us-east1-b");
const flag = words("true", "false");

/** Values that somebody could mean, some of which go together. */
const PLAUSIBLE: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "gcp:zone": zone,
  location: words("us-central1", "us-east1-b", "us-east5", "europe-west4"),
  cluster: words("create", "existing"),
  clusterName: words("gemma", "a", "llm-prod"),
  network: words("vpc"),
  privateNodes: flag,
  systemNodes: whole(1, 6),
  authorizedNetworks: words("[]", '["10.0.0.0/8"]', '["10.0.0.1/8"]'),
  deletionProtection: flag,
  accelerator: words("nvidia-l4", "nvidia-tesla-a100", "nvidia-a100-80gb"),
  gpusPerReplica: words("1", "2", "4", "8", "16"),
  gpuMachineType: words(...MACHINE_TYPES.map(({ name }) => name)),
  gpuMinNodes: whole(0, 4),
  gpuMaxNodes: whole(1, 12),
  gpuZones: json(fc.uniqueArray(zone, { minLength: 1, maxLength: 3 })),
  spot: flag,
  reservation: words("mine"),
  gpuDiskGb: whole(30, 400),
  modelId: words(...MODELS.keys(), "google/gemma-3-4b-it", "mistralai/Mistral-7B"),
  serverImage: words("ghcr.io/huggingface/text-generation-inference:3.3.7"),
  namespace: words("llm", "default", "kube-system"),
  maxInputTokens: whole(1, 9000),
  maxTotalTokens: whole(2, 9000),
  maxBatchPrefillTokens: whole(1, 9000),
  maxConcurrentRequests: whole(1, 600),
  serverCpu: words("500m", "1", "4", "12"),
  serverMemory: words("4Gi", "16Gi", "64Gi", "200Gi"),
  serverDisk: words("8Gi", "20Gi", "100Gi"),
  metricStrategy: strategies,
  metricTarget: whole(1, 200),
  extraMetrics: json(
    fc.array(fc.record({ strategy: strategies, target: fc.integer({ min: 1, max: 120 }) }), { maxLength: 2 }),
  ),
  minReplicas: whole(1, 8),
  maxReplicas: whole(1, 12),
  scaleBehavior: json(fc.record({ scaleUp: fc.record({ tolerance: fc.constantFrom(0, 0.05, 0.5) }) })),
  labels: words('{"team":"ml"}', "{}"),
};

/** A few keys with plausible values on top of the smallest stack. */
const mostlyValid: fc.Arbitrary<StackFile> = fc
  .array(fc.oneof(...Object.entries(PLAUSIBLE).map(([key, value]) => fc.tuple(fc.constant(key), value))), {
    maxLength: 5,
  })
  .map((entries) => ({ huggingFaceToken: TOKEN, ...Object.fromEntries(entries) }));

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.json(),
  fc.double().map(String),
  fc.bigInt().map(String),
  words(
    "",
    "0",
    "-0",
    "-1",
    "1e3x",
    "NaN",
    "9".repeat(400),
    "x".repeat(5000),
    "null",
    "[]",
    "{}",
    '{"__proto__":{"a":1}}',
  ),
  json(fc.array(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue(), { maxKeys: 3 }), { maxLength: 3 })),
  json(
    fc.dictionary(words("scaleUp", "scaleDown", "__proto__", "constructor", "a\nb"), fc.jsonValue(), { maxKeys: 3 }),
  ),
);
const anyKey = fc.oneof(
  { weight: 4, arbitrary: words(...Object.keys(KEYS)) },
  fc.string({ unit: "binary" }).map((name) => `gke-llm-autoscaling:${name}`),
  words("__proto__", "constructor", "toString", "maxreplicas", "gke-llm-autoscaling:__proto__", "gcp:x", "x:y:z"),
);
const hostile: fc.Arbitrary<StackFile> = fc.dictionary(anyKey, anyText, { maxKeys: 6 });

const anyStack = fc.oneof({ weight: 9, arbitrary: words("dev", "prod-1") }, fc.string({ unit: "binary" }));
const anyFile = fc.oneof(
  { weight: 4, arbitrary: mostlyValid },
  hostile,
  fc.tuple(mostlyValid, hostile).map(([valid, other]) => ({ ...valid, ...other })),
);

function assertSound(config: StackConfig) {
  const { autoscaler, gpuPool, server, location, cluster } = config;
  const { maxInputTokens, maxTotalTokens, maxBatchPrefillTokens } = server.limits;
  const holds: Readonly<Record<string, boolean>> = {
    "1 <= min <= max": 1 <= autoscaler.minReplicas && autoscaler.minReplicas <= autoscaler.maxReplicas,
    capacity: gpuPool.replicaCapacity === gpuPool.maxNodes * gpuPool.replicasPerNode,
    "capacity >= max": gpuPool.replicaCapacity >= autoscaler.maxReplicas,
    nodes: 0 <= gpuPool.minNodes && gpuPool.minNodes <= gpuPool.maxNodes && gpuPool.maxNodes <= 1000,
    zones: gpuPool.zones.length > 0 && new Set(gpuPool.zones).size === gpuPool.zones.length,
    region: gpuPool.zones.every((zone) => zone.startsWith(`${location.region}-`)),
    accelerator: gpuPool.machine.accelerator === gpuPool.accelerator,
    gpus: gpuPool.machine.gpus % server.gpus === 0,
    heads: server.model === undefined || server.model.attentionHeads % server.gpus === 0,
    cpu: server.cpu < gpuPool.machine.vcpus,
    memory: server.memoryGib > 1 && server.memoryGib < gpuPool.machine.memoryGib,
    disk: server.diskGib < gpuPool.diskGb,
    weights: server.diskGib * 1.073741824 > (server.model?.weightsGb ?? 0),
    "input < total": maxInputTokens < maxTotalTokens,
    "prefill >= input": maxBatchPrefillTokens >= maxInputTokens,
    context: maxTotalTokens <= (server.model?.contextTokens ?? 1_000_000),
    strategies: new Set(autoscaler.metrics.map(({ strategy }) => strategy)).size === autoscaler.metrics.length,
    targets: autoscaler.metrics.every(
      ({ strategy, target }) =>
        target > 0 && target < (isGpuStrategy(strategy) ? 100.001 : server.maxConcurrentRequests),
    ),
    "cluster name": /^[a-z][-a-z0-9]{0,39}$/.test(cluster.name),
    spot: !gpuPool.spot || gpuPool.reservation === undefined,
    "no token": !JSON.stringify(config).includes(TOKEN),
  };
  assert.deepEqual(
    Object.keys(holds).filter((name) => !holds[name]),
    [],
  );
}

describe("Any stack file", () => {
  it("is either a sound config without problems, or problems with key, rule and fix on a line each", () => {
    fc.assert(
      fc.property(anyFile, anyStack, (file, stack) => {
        const { config, verdict } = parseConfig(rawConfig(file), stack);
        assert.equal(config === undefined, verdict.problems.length > 0);
        if (config !== undefined) assertSound(config);
        for (const problem of verdict.problems) {
          const line = formatProblem(problem);
          assert.ok(
            [problem.keys[0], problem.rule, problem.fix].every((part) => part.trim() !== ""),
            line,
          );
          assert.doesNotMatch(line, /[\n\r\u2028\u2029\u0085]/);
          assert.ok(!line.includes(TOKEN), line);
        }
      }),
      {
        numRuns: 600,
        examples: [
          [{ "gke-llm-autoscaling:\t": "" }, "dev"],
          [{ "gke-llm-autoscaling:": "" }, "dev"],
        ],
      },
    );
  });

  it("is refused in words and figures where its values have a meaning", () => {
    fc.assert(
      fc.property(mostlyValid, (file) => {
        for (const { rule, fix } of parseConfig(rawConfig(file), "dev").verdict.problems) {
          assert.doesNotMatch(`${rule} ${fix}`, /undefined|NaN|Infinity|\[object|Invalid|one of $/);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is refused for one key alone when that cannot be read and the rest was right", () => {
    fc.assert(
      fc.property(mostlyValid, fc.nat(), (file, choice) => {
        const raw = rawConfig(file);
        const keys = Object.keys(raw);
        const full = keys[choice % keys.length] ?? "";
        fc.pre(parseConfig(raw, "dev").config !== undefined);
        const { problems } = parseConfig({ ...raw, [full]: "~ ~" }, "dev").verdict;
        assert.deepEqual(
          problems.map(({ keys: [key] }) => key),
          [full.replace("gke-llm-autoscaling:", "")],
        );
      }),
      { numRuns: 200 },
    );
  });

  it("is right often enough among those tried for that to mean something", () => {
    const files = fc.sample(mostlyValid, { numRuns: 200, seed: 20 });
    const right = files.filter((file) => parseConfig(rawConfig(file), "dev").config !== undefined).length;
    assert.ok(right >= 50, `${right} of 200`);
    assert.ok(right <= 180, `${right} of 200`);
  });
});
