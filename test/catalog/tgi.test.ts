import assert from "node:assert/strict";
import { TGI } from "../../catalog/tgi";

describe("the server's names, which the tutorial's HPAs, dashboards and scripts rely on", () => {
  const names = [
    ["Deployment", TGI.deploymentName, "tgi-gemma-deployment"],
    ["container", TGI.containerName, "inference-server"],
    ["Service", TGI.serviceName, "llm-service"],
    ["PodMonitoring", TGI.podMonitoringName, "gemma-pod-monitoring"],
    ["HorizontalPodAutoscaler", TGI.hpaName, "gemma-hpa"],
    ["PodDisruptionBudget", TGI.podDisruptionBudgetName, "tgi-gemma-pdb"],
    ["port", TGI.portName, "http"],
    ["metrics path", TGI.metricsPath, "/metrics"],
  ] as const;
  for (const [what, actual, expected] of names) {
    it(`${what}: ${expected}`, () => assert.equal(actual, expected));
  }

  it("the pods' only label is app: gemma-server", () => {
    assert.deepEqual(TGI.podLabels, { app: "gemma-server" });
  });

  it("the token is key hf_api_token of Secret hf-secret", () => {
    assert.deepEqual(TGI.secret, { name: "hf-secret", key: "hf_api_token" });
  });

  it("the server listens on port 8000", () => {
    assert.equal(TGI.port, 8000);
  });
});

describe("the server's image", () => {
  it("is Google's build of TGI 2.4, which passes SIGTERM on", () => {
    assert.equal(
      TGI.image,
      "us-docker.pkg.dev/deeplearning-platform-release/gcr.io/huggingface-text-generation-inference-cu124.2-4.ubuntu2204.py311",
    );
  });

  it("is set by both names of the port and of the token, whichever the build reads", () => {
    assert.deepEqual(TGI.portVariables, ["PORT", "AIP_HTTP_PORT"]);
    assert.deepEqual(TGI.tokenVariables, ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"]);
  });

  it("keeps weights on the cache volume by both names of the cache", () => {
    assert.deepEqual(TGI.cacheVariables, ["HF_HOME", "HUGGINGFACE_HUB_CACHE"]);
    assert.equal(TGI.cachePath, "/data");
  });
});

describe("the server's behaviour", () => {
  const figures = [
    ["seconds between scrapes", TGI.scrapeIntervalSeconds, 15],
    ["share of a GPU's memory that it uses", TGI.cudaMemoryFraction, 0.93],
    ["share of the remaining memory that TGI 2.4 gives to KV blocks", TGI.kvCacheShare, 0.9],
    ["GB that warm-up reserves whatever the prefill budget", TGI.warmupReserveGb, 2],
    ["requests that it takes at once, queue and batch together", TGI.defaultMaxConcurrentRequests, 128],
    ["share of a running batch that must be waiting to interrupt it", TGI.waitingServedRatio, 0.3],
    ["tokens after which one newcomer is enough", TGI.maxWaitingTokens, 20],
    ["ms of the host in a prefill", TGI.prefillOverheadMs, 16],
    ["ms of the host for a sequence in a decode step", TGI.sequenceOverheadMs, 0.075],
    ["seconds that it drains after SIGTERM", TGI.drainSeconds, 90],
    ["GiB of shared memory for the shards of a pod", TGI.sharedMemoryGib, 1],
  ] as const;
  for (const [what, actual, expected] of figures) {
    it(`${what}: ${expected}`, () => assert.equal(actual, expected));
  }

  it("warm-up holds between two and three copies of a full prefill's logits", () => {
    assert.equal(TGI.warmupLogitsCopies, (2 + 3) / 2);
  });

  it("the image needs more room on the disk than the 10 GB that are pulled", () => {
    assert.ok(TGI.imageDiskGib > 10 / 1.073741824);
  });
});
