import { DNS_LABEL, key } from "../key";
import { cpus, gibibytes, text, wholeNumber } from "../read";

const SECRET_NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

/** The model and its server. */
export const serverKeys = {
  modelId: key(
    text(
      /^[A-Za-z0-9][\w.-]*\/[A-Za-z0-9][\w.-]*$/,
      "a Hugging Face model id such as google/gemma-2-2b-it",
      "google/gemma-2-2b-it",
    ),
    "`google/gemma-2-2b-it`",
    "model to serve; outside the catalogue `gpusPerReplica`, `serverMemory` and `serverDisk` are required",
  ),
  serverImage: key(
    text(
      /^[a-z0-9][a-z0-9.-]*(:\d+)?(\/[a-z0-9._-]+)+(:[\w][\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$/,
      "a container image with its registry, such as ghcr.io/huggingface/text-generation-inference:3.3.7",
      "ghcr.io/huggingface/text-generation-inference:3.3.7",
    ),
    "Google's TGI 2.4.0",
    "container image of TGI",
  ),
  huggingFaceToken: key(
    text(/^[\x21-\x7e]{1,256}$/, "a token: printable characters without spaces", "hf_example"),
    "required",
    "token of a Hugging Face account that accepted the Gemma licence; required unless `huggingFaceSecret` is set",
    { secret: true },
  ),
  huggingFaceSecret: key(
    text(SECRET_NAME, "the name of a Kubernetes Secret", "hf-secret"),
    "–",
    "existing Kubernetes Secret in `namespace` that holds the token under the key `hf_api_token`",
  ),
  namespace: key(
    text(DNS_LABEL, "a namespace: at most 63 lower-case letters, digits and hyphens", "llm"),
    "`default`",
    "namespace of the server, its monitoring and the HPA; created when it is another",
  ),
  maxInputTokens: key(wholeNumber(1, 1_000_000), "by model × GPU", "longest prompt that the server accepts, in tokens"),
  maxTotalTokens: key(wholeNumber(2, 1_000_000), "by model × GPU", "longest prompt and answer together, in tokens"),
  maxBatchPrefillTokens: key(
    wholeNumber(1, 1_000_000),
    "`maxInputTokens`",
    "prompt tokens of one prefill; the server's memory reserve grows with it",
  ),
  maxConcurrentRequests: key(
    wholeNumber(1, 100_000),
    "by model × GPU",
    "requests that a replica holds, running and queued; above it clients get HTTP 429",
  ),
  serverCpu: key(cpus(), "by model", "CPUs of a server pod"),
  serverMemory: key(gibibytes("16Gi"), "by model", "memory of a server pod, shared memory included"),
  serverDisk: key(gibibytes("20Gi"), "by model", "ephemeral storage of a server pod, weights included"),
  serverReadyTimeoutMinutes: key(
    wholeNumber(1, 240),
    "30",
    "how long a server may take from its start to its first answer: download, load, warm-up",
  ),
} as const;
