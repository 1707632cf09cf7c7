import assert from "node:assert/strict";
import { accepted, itHolds, lines, parse, type StackFile, warningsWith } from "../support/config";

const sizes = { gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };

describe("Names", () => {
  itHolds({
    "a namespace of Kubernetes": {
      refused: { namespace: "kube-system" },
      key: "namespace",
      value: "kube-system",
      rule: "namespaces of Kubernetes, GKE and the adapter are theirs, and managed Prometheus does not collect there",
      fix: "pulumi config set namespace llm",
      accepted: { namespace: "kubeflow" },
    },
    "Gemma 3 on an image that is too old": {
      refused: { modelId: "google/gemma-3-4b-it", ...sizes },
      key: "serverImage",
      value: "us-docker.pkg.dev/deeplearning-platform-release/",
      rule: "google/gemma-3-4b-it needs TGI 3.2 or later, which no Google image has",
      fix: "pulumi config set serverImage ghcr.io/huggingface/text-generation-inference:3.3.7",
      concerns: ["modelId"],
      accepted: { modelId: "google/gemma-3-4b-it", ...sizes, serverImage: "ghcr.io/huggingface/tgi:3.3.7" },
    },
    "a cluster name of more than 40 characters": {
      refused: { clusterName: "a".repeat(41) },
      key: "clusterName",
      value: `"${"a".repeat(41)}"`,
      rule: "must be a cluster name: at most 40 lower-case letters, digits and hyphens, beginning with a letter",
      fix: "pulumi config set clusterName llm-dev",
      accepted: { clusterName: "a".repeat(40) },
    },
  });

  for (const namespace of ["kube", "kube-public", "gke", "gke-managed-system", "gmp", "gmp-public", "custom-metrics"]) {
    it(`cannot be the namespace ${namespace}`, () => {
      assert.match(lines({ namespace }).join("\n"), /^namespace \(.*are theirs/);
    });
  }

  for (const namespace of ["default", "my-kube", "gkefoo", "gmpx", "custom-metricsx", "custom"]) {
    it(`can be the namespace ${namespace}`, () => {
      accepted({ namespace });
    });
  }

  for (const modelId of ["google/gemma-2-2b-jpn-it", "google/gemma-2b-x", "google/gemma-7b-x", "google/gemma-1.1-9b"]) {
    it(`of older Gemmas such as ${modelId} need no newer image`, () => {
      accepted({ modelId, ...sizes });
    });
  }

  for (const modelId of ["google/gemma-3n-E2B-it", "google/gemma-1x1-2b", "google/gemma-4"]) {
    it(`of other Gemmas such as ${modelId} do`, () => {
      assert.match(lines({ modelId, ...sizes }).join("\n"), /^serverImage .* needs TGI 3\.2/);
    });
  }

  it("of other people's models are not taken for Gemmas", () => {
    accepted({ modelId: "xgoogle/gemma-3-4b-it", ...sizes });
    accepted({ modelId: "google/gemmax-3", ...sizes });
  });

  it("of clusters follow the stack's, as long as Google allows it", () => {
    // "llm-" and 36 are 40.
    assert.equal(accepted({}, "s".repeat(36)).config.cluster.name, `llm-${"s".repeat(36)}`);
    for (const stack of ["s".repeat(37), "My_Stack", "dev."]) {
      assert.deepEqual(lines({}, stack), [
        `clusterName ("llm-${stack}"): the default, made of the stack's name, must be a cluster name: ` +
          "at most 40 lower-case letters, digits and hyphens, beginning with a letter. Fix: pulumi config set clusterName llm-dev",
      ]);
      accepted({ clusterName: "mine" }, stack);
    }
  });
});

describe("The plan warns", () => {
  const pinned = `r.io/tgi@sha256:${"a".repeat(64)}`;
  const rows: Readonly<Record<string, readonly [text: string, warned: StackFile, quiet: StackFile]>> = {
    "of a control plane that everybody reaches": [
      "The control plane's public endpoint is reachable from anywhere, guarded by IAM alone. To narrow it: authorizedNetworks.",
      {},
      { authorizedNetworks: '["203.0.113.0/24"]' },
    ],
    "of an endpoint only where it makes the cluster": [
      "The control plane's public endpoint is reachable from anywhere",
      { authorizedNetworks: "[]" },
      { cluster: "existing", clusterName: "theirs" },
    ],
    "of an image that does not stream": [
      "The image does not stream to europe-west4: every new node pulls more than 10 GB first. Mirror it into Artifact Registry there.",
      { location: "europe-west4" },
      { location: "us-west1" },
    ],
    "of an image that does not stream only where it should": [
      "The image does not stream to europe-west4: every new node pulls more than 10 GB first.",
      { location: "europe-west4-a" },
      { location: "europe-west4-a", imageStreaming: "false" },
    ],
    "of an image that is never streamed": [
      "The image does not stream to us-central1: every new node pulls",
      { serverImage: "ghcr.io/huggingface/tgi:3.3.7" },
      { serverImage: "us-central1-docker.pkg.dev/p/r/tgi:3.3.7" },
    ],
    "that Spot nodes go": [
      "Spot nodes go with 30 s notice; the server drains for up to 90 s, so clients will see cut answers.",
      { spot: "true" },
      { spot: "false" },
    ],
    "that old clusters drop the upward tolerance": [
      "scaleBehavior.tolerance is dropped silently by Kubernetes before 1.35.",
      { scaleBehavior: '{"scaleUp":{"tolerance":0.05}}' },
      { scaleBehavior: '{"scaleUp":{}}' },
    ],
    "that old clusters drop the downward tolerance": [
      "scaleBehavior.tolerance is dropped silently by Kubernetes before 1.35.",
      { scaleBehavior: '{"scaleDown":{"tolerance":0}}' },
      { scaleBehavior: '{"scaleDown":{}}' },
    ],
    "of somebody else's adapter": [
      "The HPA depends on the metrics APIs that something else in the cluster serves; it must read Cloud Monitoring under the adapter's names.",
      { metricsAdapter: "existing" },
      { metricsAdapter: "install" },
    ],
    "of an image whose tag can change its meaning": [
      "The server image is not pinned by digest; what its tag means can change. Pin it once you have pulled it.",
      { serverImage: "r.io/tgi:1" },
      { serverImage: pinned },
    ],
  };
  for (const [what, [text, warned, quiet]] of Object.entries(rows)) {
    it(what, () => {
      assert.equal(warningsWith(text, warned).length, 1);
      assert.deepEqual(warningsWith(text, quiet), []);
    });
  }

  it("of a KV cache that holds fewer than eight requests of full length", () => {
    // gemma-2-9b on 2 × L4 with a prefill of 2,037 holds 43,480 tokens = 8 × 5,435.
    const nineB = { modelId: "google/gemma-2-9b-it", maxInputTokens: "2037" };
    assert.deepEqual(warningsWith("The KV cache holds only", { ...nineB, maxTotalTokens: "5435" }), []);
    assert.equal(warningsWith("The KV cache holds only", { ...nineB, maxTotalTokens: "5436" }).length, 1);
    // 43,480 ÷ 7,000 = 6.2.
    assert.deepEqual(warningsWith("The KV cache holds only", { ...nineB, maxTotalTokens: "7000" }), [
      "The KV cache holds only 6.2 requests of 7,000 tokens: long chats will queue early.",
    ]);
  });

  it("of that no more where it is refused", () => {
    const refused = parse({ modelId: "google/gemma-2-27b-it", gpusPerReplica: "2" });
    assert.doesNotMatch(refused.verdict.warnings.join("\n"), /KV cache holds only/);
  });

  it("of a KV cache of exactly four requests, which is accepted", () => {
    // 29,692 ÷ 7,423.
    const four = { modelId: "google/gemma-2-9b-it", maxInputTokens: "4096", maxTotalTokens: "7423" };
    assert.equal(warningsWith("The KV cache holds only 4 requests of 7,423 tokens", four).length, 1);
  });
});

describe("A model newer than any image of Google's", () => {
  it("is refused with such an image, pinned by digest too", () => {
    const image =
      "us-docker.pkg.dev/deeplearning-platform-release/gcr.io/huggingface-text-generation-inference-cu124.2-4.ubuntu2204.py311";
    const model = { modelId: "google/gemma-3-4b-it", gpusPerReplica: "1", serverMemory: "16Gi", serverDisk: "20Gi" };
    const said = lines({ ...model, serverImage: `${image}@sha256:${"0".repeat(64)}` });
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0] ?? "", /^serverImage \(.*needs TGI 3\.2 or later/);
  });
});

describe("An image whose server never hears SIGTERM", () => {
  const image = (version: string) =>
    `us-docker.pkg.dev/deeplearning-platform-release/gcr.io/huggingface-text-generation-inference-cu124.${version}.ubuntu2204.py311`;
  const warned = (version: string) =>
    accepted({ serverImage: image(version) }).verdict.warnings.some((it) => it.includes("SIGTERM"));
  it("is warned about", () => {
    assert.equal(warned("2-3"), true);
    assert.equal(warned("2-4"), false);
  });
});

describe("A Secret that exists, in a namespace that does not", () => {
  const secret = { huggingFaceToken: undefined, huggingFaceSecret: "theirs" };
  const warned = (set: StackFile) => accepted(set).verdict.warnings.some((it) => it.includes("you have put it there"));
  it("is warned about", () => {
    assert.equal(warned({ ...secret, namespace: "llm" }), true);
    assert.equal(warned(secret), false);
    assert.equal(warned({ namespace: "llm" }), false);
  });
});
