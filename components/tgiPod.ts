import type { core } from "@pulumi/kubernetes/types/input";
import type * as pulumi from "@pulumi/pulumi";
import { quantityOf } from "../autoscaling/quantity";
import { ACCELERATOR_LABEL, GPU_RESOURCE, GPU_TAINT } from "../catalog/gke";
import { TGI } from "../catalog/tgi";
import type { GpuPoolConfig, ServerConfig } from "../config/stackConfig";

/** Time that is left to TGI after its drain. */
const SHUTDOWN_MARGIN_SECONDS = 20;
const PROBE_PERIOD_SECONDS = 10;

/** The pod of the TGI Deployment. */
export function tgiPodSpec(
  server: ServerConfig,
  pool: GpuPoolConfig,
  tokenSecret: pulumi.Input<string>,
): core.v1.PodSpec {
  return {
    // The server calls no Kubernetes API, and reads its settings from the environment, where Services would add theirs.
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    nodeSelector: { [ACCELERATOR_LABEL]: pool.accelerator },
    tolerations: [
      { key: GPU_TAINT.key, operator: "Equal", value: GPU_TAINT.value, effect: GPU_TAINT.kubernetesEffect },
    ],
    terminationGracePeriodSeconds: TGI.preStopSeconds + TGI.drainSeconds + SHUTDOWN_MARGIN_SECONDS,
    // runAsNonRoot is left out: TGI most likely needs root, for its caches under /root and /tmp.
    securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    containers: [tgiContainer(server, tokenSecret)],
    volumes: [
      { name: "weights", emptyDir: { sizeLimit: gibibytes(server.diskGib) } },
      { name: "shared-memory", emptyDir: { medium: "Memory", sizeLimit: gibibytes(TGI.sharedMemoryGib) } },
    ],
  };
}

function tgiContainer(server: ServerConfig, tokenSecret: pulumi.Input<string>): core.v1.Container {
  const resources = {
    cpu: quantityOf(server.cpu),
    memory: gibibytes(server.memoryGib),
    "ephemeral-storage": gibibytes(server.diskGib),
    [GPU_RESOURCE]: String(server.gpus),
  };
  return {
    name: TGI.containerName,
    image: server.image,
    env: environment(server, tokenSecret),
    ports: [{ name: TGI.portName, containerPort: TGI.port }],
    resources: { requests: resources, limits: resources },
    ...probes(server.readyTimeoutMinutes),
    lifecycle: { preStop: { sleep: { seconds: TGI.preStopSeconds } } },
    // readOnlyRootFilesystem is left out: TGI writes beside its code. privileged, user and group are the image's.
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    volumeMounts: [
      { name: "weights", mountPath: TGI.cachePath },
      { name: "shared-memory", mountPath: "/dev/shm" },
    ],
  };
}

function environment(server: ServerConfig, tokenSecret: pulumi.Input<string>): core.v1.EnvVar[] {
  const { limits } = server;
  const values: Record<string, string> = {
    MODEL_ID: server.modelId,
    NUM_SHARD: String(server.gpus),
    MAX_INPUT_TOKENS: String(limits.maxInputTokens),
    MAX_TOTAL_TOKENS: String(limits.maxTotalTokens),
    MAX_BATCH_PREFILL_TOKENS: String(limits.maxBatchPrefillTokens),
    MAX_CONCURRENT_REQUESTS: String(server.maxConcurrentRequests),
    CUDA_MEMORY_FRACTION: String(TGI.cudaMemoryFraction),
    USAGE_STATS: "off",
  };
  for (const name of TGI.portVariables) values[name] = String(TGI.port);
  for (const name of TGI.cacheVariables) values[name] = TGI.cachePath;
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    ...TGI.tokenVariables.map((name) => ({
      name,
      valueFrom: { secretKeyRef: { name: tokenSecret, key: TGI.secret.key } },
    })),
  ];
}

/**
 * - startup: a real generation. TGI's gauges do not exist before a pod has served, and a pod without series blinds the
 *   HPA. `--fail` makes 424 and 429 failures; several tokens make a decode step, which `tgi_batch_current_size` needs.
 * - readiness: `/health` asks the shard, which can take long under pressure: three misses of five seconds.
 * - liveness: `/info` is answered by the web server alone, so a full queue cannot fail it.
 */
function probes(
  readyTimeoutMinutes: number,
): Pick<core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe"> {
  const warmUp = { inputs: "Count: one, two, three,", parameters: { max_new_tokens: 8 } };
  return {
    startupProbe: {
      exec: {
        command: [
          "curl",
          "--fail",
          "--silent",
          "--show-error",
          "--max-time",
          "25",
          "--header",
          "Content-Type: application/json",
          "--data",
          JSON.stringify(warmUp),
          `http://127.0.0.1:${TGI.port}/generate`,
        ],
      },
      periodSeconds: PROBE_PERIOD_SECONDS,
      timeoutSeconds: 30,
      failureThreshold: Math.ceil((readyTimeoutMinutes * 60) / PROBE_PERIOD_SECONDS),
    },
    readinessProbe: {
      httpGet: { path: "/health", port: TGI.portName },
      periodSeconds: PROBE_PERIOD_SECONDS,
      timeoutSeconds: 5,
      failureThreshold: 3,
    },
    livenessProbe: {
      httpGet: { path: "/info", port: TGI.portName },
      periodSeconds: 30,
      timeoutSeconds: 10,
      failureThreshold: 5,
    },
  };
}

/** A size in GiB as a quantity in whole Gi, else in whole Mi. */
export function gibibytes(gib: number): string {
  return Number.isInteger(gib) ? `${gib}Gi` : `${Math.ceil(gib * 1024)}Mi`;
}
