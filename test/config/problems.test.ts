import assert from "node:assert/strict";
import { isKey, KEYS, keySpec } from "../../config/schema";
import { accepted, lines, parse, type StackFile } from "../support/config";

const keysOf = (said: readonly string[]) => said.map((line) => line.split(" ")[0]);

describe("A stack file with several mistakes", () => {
  const set: StackFile = {
    "gcp:project": undefined,
    huggingFaceToken: undefined,
    metricStrategy: "queue",
    minReplicas: "12abc",
    serverReadyTimeoutMinutes: "2.5",
    scaleBehavior: '{"scaleUp":{"selectPolicy":"max","tolerance":5},"scaledown":{}}',
    namespace: "kube-system",
    gpuMinNodes: "9",
    maxreplicas: "3",
    labels: "team=ml",
    cluster: "existing",
    systemNodes: "3",
  };

  it("is told all of them at once", () => {
    const expected = ["clusterName", "gcp:project", "gpuMinNodes", "huggingFaceToken", "labels", "maxreplicas"].concat(
      ["metricStrategy", "minReplicas", "namespace", "scaleBehavior", "scaleBehavior", "scaleBehavior"],
      ["serverReadyTimeoutMinutes", "systemNodes"],
    );
    assert.deepEqual(keysOf(lines(set)).sort(), expected);
  });

  it("gets no config", () => {
    assert.equal(parse(set).config, undefined);
  });

  it("is told the same thing once", () => {
    // Both extra targets break the same rule with the same value.
    const said = lines({
      extraMetrics: '[{"strategy":"gke-duty-cycle","target":101},{"strategy":"gke-duty-cycle","target":101}]',
    });
    assert.equal(said.filter((line) => line.includes("percentage")).length, 1);
    assert.equal(new Set(said).size, said.length);
  });

  it("is told what cannot be read first, and then what does not go together", () => {
    assert.deepEqual(keysOf(lines({ namespace: "kube-system", maxReplicas: "x", minReplicas: "0", spto: "true" })), [
      "maxReplicas",
      "minReplicas",
      "spto",
      "namespace",
    ]);
  });

  it("gets checks all the same, and a config with no problem keeps its warnings", () => {
    assert.ok(parse(set).verdict.checks.length > 0);
    assert.ok(accepted({ spot: "true" }).verdict.warnings.length > 0);
  });
});

describe("A key that cannot be read is the only one that is complained of", () => {
  const unknownModel = { modelId: "a/b", gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };
  const a100 = { accelerator: "nvidia-tesla-a100" };
  const network = { network: "vpc", subnetwork: "subnet", podsRange: "pods", servicesRange: "services" };
  const large = { gpuMachineType: "g2-standard-96", gpuMaxNodes: "1", maxReplicas: "8" };
  /** Stack files that are right but for the one key, and would not be with its default. */
  const rows: readonly (readonly [key: string, set: StackFile])[] = [
    ["gcp:project", {}],
    ["gcp:region", {}],
    ["gcp:zone", { "gcp:region": undefined }],
    ["location", { "gcp:region": undefined, gpuZones: '["us-west4-a"]' }],
    ["huggingFaceToken", {}],
    ["huggingFaceSecret", { huggingFaceToken: undefined }],
    ["gpusPerReplica", unknownModel],
    ["serverMemory", unknownModel],
    ["serverDisk", unknownModel],
    ["metricTarget", { ...unknownModel, metricStrategy: "batch-size" }],
    ["metricTarget", { calibration: `sha256:${"0a".repeat(32)}` }],
    ["metricStrategy", { metricTarget: "300" }],
    ["modelId", { serverDisk: "2Gi", serverMemory: "5Gi" }],
    ["accelerator", { gpuMachineType: "a2-highgpu-1g" }],
    ["accelerator", { modelId: "google/gemma-2-9b-it", gpusPerReplica: "1", maxInputTokens: "4095" }],
    ["accelerator", { ...unknownModel, gpusPerReplica: "16" }],
    ["accelerator", { serverMemory: "500Gi" }],
    ["accelerator", { location: "us-east5" }],
    ["gpuMachineType", large],
    ["gpuMachineType", { ...a100, gpusPerReplica: "2", gpuMaxNodes: "3" }],
    ["gpusPerReplica", { ...large, modelId: "google/gemma-2-9b-it" }],
    ["gpuDiskGb", { ...large, serverDisk: "100Gi" }],
    ["gpuMaxNodes", { gpuMinNodes: "900" }],
    ["maxReplicas", { gpuMaxNodes: "3" }],
    ["maxReplicas", { minReplicas: "9" }],
    ["maxTotalTokens", { maxInputTokens: "9000", ...unknownModel }],
    ["maxInputTokens", { maxBatchPrefillTokens: "1000" }],
    ["maxTotalTokens", { maxBatchPrefillTokens: "1000" }],
    ["modelId", { maxBatchPrefillTokens: "2048" }],
    ["maxBatchPrefillTokens", { metricTarget: "260" }],
    ["maxConcurrentRequests", { metricTarget: "900" }],
    ["scaleBehavior", { metricTarget: "280" }],
    ["cluster", { systemNodes: "3" }],
    ["clusterName", { cluster: "existing" }],
    ["spot", { reservation: "mine" }],
    ["serverImage", { ...unknownModel, modelId: "google/gemma-3-4b-it" }],
    ...Object.keys(network).map((key) => [key, network] as const),
  ];
  for (const [key, set] of rows) {
    it(`${key}, beside ${JSON.stringify(set)}`, () => {
      assert.deepEqual(keysOf(lines({ ...set, [key]: "~ ~" })), [key]);
    });
  }

  it("whichever it is", () => {
    for (const key of Object.keys(KEYS).filter(isKey)) {
      assert.deepEqual(keysOf(lines({ [key]: "~ ~" })), [key]);
    }
  });
});

describe("A secret never appears in a message", () => {
  const secret = "hf_SecretOfMine";
  const rows: Readonly<Record<string, StackFile>> = {
    "of a wrong form": { huggingFaceToken: `${secret} ${secret}` },
    "beside another mistake": { huggingFaceToken: secret, maxReplicas: "x" },
    "beside an existing Secret": { huggingFaceToken: secret, huggingFaceSecret: "hf" },
    "under a misspelt key": { huggingfaceToken: secret },
    "under the key of the Secret's name": { huggingFaceToken: undefined, huggingFaceSecret: secret },
  };
  for (const [what, set] of Object.entries(rows)) {
    it(what, () => {
      const said = lines(set);
      assert.ok(said.length > 0);
      assert.doesNotMatch(said.join("\n"), /SecretOfMine/);
    });
  }

  it("nor in what the config holds", () => {
    assert.doesNotMatch(JSON.stringify(parse({ huggingFaceToken: secret })), /SecretOfMine/);
  });
});

describe("A problem stands on one line, whatever the stack file says", () => {
  // Every character that ends a line somewhere: JSON leaves the last three alone.
  const breaks = "a\n\r\u2028\u2029\u0085b";
  const nested = JSON.stringify({ [breaks]: breaks });
  const rows: Readonly<Record<string, StackFile>> = {
    "in a text": { modelId: breaks },
    "in an unknown key": { [breaks]: breaks },
    "in a name of a label": { labels: nested },
    "in a field that nobody knows": { scaleBehavior: nested },
    "in a field of an extra metric": { extraMetrics: `[${nested}]` },
    "in a list": { gpuZones: JSON.stringify([breaks]) },
  };
  for (const [where, set] of Object.entries(rows)) {
    it(where, () => {
      for (const line of lines(set)) assert.doesNotMatch(line, /[\n\r\u2028\u2029\u0085]/);
    });
  }
});

describe("A fix", () => {
  it("is a command with an example, encrypted where it is secret, or a value for the stack file", () => {
    for (const key of Object.keys(KEYS).filter(isKey)) {
      const example = key === "metricTarget" ? "0.5" : keySpec(key).parser.example;
      const fix = /^[[{]/.test(example)
        ? `pulumi config set ${key} '${example}'`
        : `pulumi config set ${key === "huggingFaceToken" ? "--secret huggingFaceToken" : `${key} ${example}`}`;
      const [line = ""] = lines({ [key]: "~ ~" });
      assert.ok(line.endsWith(`. Fix: ${fix}`), line);
    }
  });

  it("of a target is one of the strategy", () => {
    for (const [metricStrategy, target] of [
      ["queue-size", 0.5],
      ["batch-size", 11],
      ["gke-duty-cycle", 90],
    ] as const) {
      const [line = ""] = lines({ metricStrategy, metricTarget: "many" });
      assert.ok(line.endsWith(`. Fix: pulumi config set metricTarget ${target}`), line);
    }
  });

  it("of a number out of bounds is the nearest within them", () => {
    assert.ok(lines({ maxReplicas: "99999999999" })[0]?.endsWith("Fix: pulumi config set maxReplicas 1000"));
    assert.ok(lines({ gpuMaxNodes: "0" })[0]?.endsWith("Fix: pulumi config set gpuMaxNodes 1"));
  });
});
