/**
 * Everything that is particular to Hugging Face text-generation-inference (TGI) and to the names under which the
 * server is known. TGI is in maintenance mode since 2025-12-11: what another server would change is here.
 *
 * Sources: huggingface/text-generation-inference v2.4.0, huggingface/Google-Cloud-Containers, 2026-11.
 */
export const TGI = {
  /** Google's build of TGI 2.4.0. It has no version tag of its own; pin its digest once you have pulled it. */
  image:
    "us-docker.pkg.dev/deeplearning-platform-release/gcr.io/huggingface-text-generation-inference-cu124.2-4.ubuntu2204.py311",
  /** Where Google keeps its builds, none of which is newer. */
  imageRepository: "us-docker.pkg.dev/deeplearning-platform-release/",
  /** Google's build of TGI 2.3.1, which the tutorial uses: its entry point does not `exec` the server. */
  imageThatCuts: /huggingface-text-generation-inference-cu124\.2-3\./,
  /** Unpacked size on the node's boot disk, rounded up [estimate: the image is over 10 GB to pull]. */
  imageDiskGib: 20,

  containerName: "inference-server",
  deploymentName: "tgi-gemma-deployment",
  serviceName: "llm-service",
  podMonitoringName: "gemma-pod-monitoring",
  hpaName: "gemma-hpa",
  podDisruptionBudgetName: "tgi-gemma-pdb",
  podLabels: { app: "gemma-server" },
  secret: { name: "hf-secret", key: "hf_api_token" },

  port: 8000,
  /** A named port keeps the `container` label of scraped series; a numeric one drops it. */
  portName: "http",
  metricsPath: "/metrics",
  /** Every series appears once per scrape; the Pods strategies see load with this period. */
  scrapeIntervalSeconds: 15,

  /** `PORT` is honoured by every image; `AIP_HTTP_PORT` only by Google's, where it wins. */
  portVariables: ["PORT", "AIP_HTTP_PORT"],
  /** The launcher reads `HF_TOKEN`, older parts of the server the other one. */
  tokenVariables: ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"],
  /** Google's image keeps weights under /tmp, upstream's under /data: both are pointed at the cache volume. */
  cacheVariables: ["HF_HOME", "HUGGINGFACE_HUB_CACHE"],
  cachePath: "/data",

  /** Share of a GPU's memory that TGI may use; Google's Gemma sample sets it. */
  cudaMemoryFraction: 0.93,
  /** Share of what is left after weights and warm-up that TGI 2.4.0 gives to KV blocks. */
  kvCacheShare: 0.9,
  /**
   * Memory that warm-up takes on each GPU: a constant plus a multiple of the logits of a full prefill
   * (2 bytes × vocabulary × MAX_BATCH_PREFILL_TOKENS). Derived from four logged start-ups, so an estimate.
   */
  warmupReserveGb: 2,
  warmupLogitsCopies: 2.5,

  /** What the image itself allows when MAX_CONCURRENT_REQUESTS is not set. */
  defaultMaxConcurrentRequests: 128,
  /** Newcomers that a running batch is interrupted for, as a share of it (`--waiting-served-ratio`). */
  waitingServedRatio: 0.3,
  /** Decode steps, the last prefill counted in, after which one newcomer is enough (`--max-waiting-tokens`). */
  maxWaitingTokens: 20,

  /**
   * The host's part of a prefill, and of each sequence's token in a decode step, in milliseconds: launching kernels,
   * sampling, detokenising. Fitted to a model so small that its GPU hardly matters (Qwen2.5-0.5B on an A100 40GB:
   * one request at a time, and 32; FreedomIntelligence/AccelMark@5797fc4). That was vLLM 0.7.3: nobody published TGI's.
   */
  prefillOverheadMs: 16,
  sequenceOverheadMs: 0.075,

  /** A pod leaves the Service's endpoints while it sleeps before SIGTERM; requests on their way still reach a server. */
  preStopSeconds: 20,
  /** On SIGTERM the server goes on answering what it has accepted for up to this long. */
  drainSeconds: 90,
  /** Shared memory for NCCL between the shards of a pod. It counts against the memory limit. */
  sharedMemoryGib: 1,
} as const;
