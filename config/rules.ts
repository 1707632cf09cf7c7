import { tolerancesOf } from "../autoscaling/hpa/behavior";
import { isGpuStrategy, type StrategyTarget } from "../autoscaling/metricStrategy";
import { imageStreams } from "../catalog/gke";
import { TGI } from "../catalog/tgi";
import { checkGpuCount, checkGpuMemory, checkPodOnNode, checkPoolCapacity, checkZones, TOKENS } from "./fits";
import type { Problem } from "./problem";
import type { StackConfig } from "./stackConfig";
import { combine, figure, unless, type Verdict, when } from "./verdict";
import { checkWatching } from "./watching";

/** Every rule that looks at more than one key, and the checks and warnings that the plan prints. */
export function checkConfig(config: StackConfig): Verdict {
  return combine([
    checkGpuCount(config),
    checkGpuMemory(config),
    checkPodOnNode(config),
    checkPoolCapacity(config),
    checkZones(config),
    checkLimits(config),
    checkBounds(config),
    checkMetrics(config),
    checkPool(config),
    checkNames(config),
    { warnings: warningsOf(config) },
    checkWatching(config),
  ]);
}

/** TGI's token limits against each other and the model's context. */
function checkLimits({ server }: StackConfig): Partial<Verdict> {
  const { maxInputTokens, maxTotalTokens, maxBatchPrefillTokens } = server.limits;
  const context = server.model?.contextTokens ?? Number.POSITIVE_INFINITY;
  const batch = server.batchCapacity;
  return {
    checks: [
      {
        name: "Limits",
        state: "ok",
        figures:
          `${figure(maxInputTokens)} tokens in, ${figure(maxTotalTokens)} in all, prefill ${figure(maxBatchPrefillTokens)}; ` +
          `${figure(server.maxConcurrentRequests)} requests a replica` +
          (batch === undefined ? "" : `, of which about ${figure(batch)} typical chats decode together [estimate]`),
      },
    ],
    problems: [
      ...unless(maxInputTokens < maxTotalTokens, () => ({
        keys: ["maxInputTokens", ...TOKENS],
        value: String(maxInputTokens),
        rule: `must be below maxTotalTokens (${maxTotalTokens}), which includes the answer`,
        fix: "a smaller maxInputTokens or a larger maxTotalTokens",
      })),
      ...unless(maxBatchPrefillTokens >= maxInputTokens, () => ({
        keys: ["maxBatchPrefillTokens", ...TOKENS],
        value: String(maxBatchPrefillTokens),
        rule: `must hold one prompt of maxInputTokens (${maxInputTokens}), or the server does not start`,
        fix: `pulumi config set maxBatchPrefillTokens ${maxInputTokens}`,
      })),
      ...unless(maxTotalTokens <= context, () => ({
        keys: ["maxTotalTokens", ...TOKENS],
        value: String(maxTotalTokens),
        rule: `must not exceed the context of ${server.modelId} (${context} tokens)`,
        fix: `pulumi config set maxTotalTokens ${context}`,
      })),
    ],
  };
}

function checkBounds({ autoscaler }: StackConfig): Partial<Verdict> {
  const { minReplicas, maxReplicas } = autoscaler;
  return {
    problems: unless(minReplicas <= maxReplicas, () => ({
      keys: ["minReplicas", "maxReplicas"],
      value: String(minReplicas),
      rule: `must not exceed maxReplicas (${maxReplicas})`,
      fix: "fewer minReplicas or more maxReplicas",
    })),
  };
}

/** The targets: in their range, able to fire, and no strategy twice. */
function checkMetrics(config: StackConfig): Partial<Verdict> {
  const { metrics } = config.autoscaler;
  const strategies = metrics.map((metric) => metric.strategy);
  const twice = strategies.filter((strategy, index) => strategies.indexOf(strategy) !== index);
  return combine([
    {
      problems: unless(twice.length === 0, () => ({
        keys: ["extraMetrics", "metricStrategy"],
        value: twice.join(", "),
        rule: "each strategy may be used once, metricStrategy included",
        fix: "remove the repetition from extraMetrics",
      })),
    },
    ...metrics.map((metric, index) => checkTarget(metric, index === 0 ? "metricTarget" : "extraMetrics", config)),
  ]);
}

function checkTarget(metric: StrategyTarget, key: string, { autoscaler, server }: StackConfig): Partial<Verdict> {
  const { strategy, target } = metric;
  const tolerance = tolerancesOf(autoscaler.behavior).up;
  const fires = target * (1 + tolerance);
  const share = `${figure(tolerance * 100)} %`;
  if (isGpuStrategy(strategy)) {
    return {
      problems: unless(target <= 100, () => ({
        keys: [key, "metricStrategy"],
        value: String(target),
        rule: `${strategy} is a percentage of one GPU, above 0 and at most 100`,
        fix: `a target such as 70`,
      })),
      warnings: when(
        target <= 100 && fires > 100,
        `${strategy} ${target} never adds a replica: the HPA tolerates ${share} above it, and a GPU is never more than 100 % busy.`,
      ),
    };
  }
  const most = mostRequests(strategy, server);
  if (strategy === "queue-size" && most.count <= 1 + tolerance) return { problems: [noQueueForms(server)] };
  return {
    problems: unless(fires < most.count, () => ({
      keys: [key, "metricStrategy", "scaleBehavior", "maxConcurrentRequests", ...TOKENS],
      value: String(target),
      rule: `${strategy} must be able to pass its target by the HPA's tolerance (${share}): ${figure(fires)} must be below ${figure(most.count)}, ${most.why}`,
      fix: `a target below ${figure(Math.max(1, Math.floor(most.count / (1 + tolerance))))}, or more maxConcurrentRequests`,
    })),
    warnings: when(
      strategy === "batch-size" && fires < most.count && fires > (server.batchCapacity ?? fires),
      `batch-size ${target} is more than about ${figure((server.batchCapacity ?? 0) / (1 + tolerance))} typical chats, which is where the KV cache is full: only shorter requests reach it.`,
    ),
  };
}

/** A concurrency limit at which even the smallest target cannot fire. */
function noQueueForms({ maxConcurrentRequests, batchCapacity }: StackConfig["server"]): Problem {
  const running = batchCapacity ?? 0;
  return {
    keys: ["maxConcurrentRequests", "metricStrategy", "scaleBehavior", ...TOKENS],
    value: String(maxConcurrentRequests),
    rule: `must be more than the about ${figure(running)} requests that run at once, or clients are refused before a queue forms`,
    fix: `more than ${figure(running + 2)}, or leave it to its default`,
  };
}

/** The most requests that a gauge can show on one replica: the running batch and the queue share one limit. */
export function mostRequests(strategy: string, server: StackConfig["server"]): { count: number; why: string } {
  const { maxConcurrentRequests, batchCapacity } = server;
  const limit = `maxConcurrentRequests (${figure(maxConcurrentRequests)})`;
  if (strategy === "batch-size" || batchCapacity === undefined) return { count: maxConcurrentRequests, why: limit };
  return {
    count: maxConcurrentRequests - batchCapacity,
    why: `${limit} less the about ${figure(batchCapacity)} that run`,
  };
}

function checkPool({ gpuPool }: StackConfig): Partial<Verdict> {
  return {
    problems: unless(!(gpuPool.spot && gpuPool.reservation !== undefined), () => ({
      keys: ["reservation", "spot"],
      value: gpuPool.reservation,
      rule: "Spot VMs cannot consume a reservation",
      fix: "remove one of spot and reservation",
    })),
  };
}

/** Namespaces that belong to Kubernetes, GKE or the adapter. */
const SYSTEM_NAMESPACE = /^(kube|gke|gmp|custom-metrics)(-|$)/;
/** Gemma 3 needs TGI 3.2 or later, and no Google image has it. */
const NEWER_GEMMA = /^google\/gemma-(?!2-|2b|7b|1\.1-)/;

function checkNames({ namespace, server }: StackConfig): Partial<Verdict> {
  return {
    problems: [
      ...unless(!SYSTEM_NAMESPACE.test(namespace), () => ({
        keys: ["namespace"],
        value: namespace,
        rule: "namespaces of Kubernetes, GKE and the adapter are theirs, and managed Prometheus does not collect there",
        fix: "pulumi config set namespace llm",
      })),
      ...unless(!(NEWER_GEMMA.test(server.modelId) && server.image.startsWith(TGI.imageRepository)), () => ({
        keys: ["serverImage", "modelId"],
        value: server.image,
        rule: `${server.modelId} needs TGI 3.2 or later, which no Google image has`,
        fix: "pulumi config set serverImage ghcr.io/huggingface/text-generation-inference:3.3.7",
      })),
    ],
  };
}

function warningsOf(config: StackConfig): readonly string[] {
  const { cluster, gpuPool, server, autoscaler, location } = config;
  const { behavior } = autoscaler;
  const tolerant = behavior?.scaleUp?.tolerance ?? behavior?.scaleDown?.tolerance;
  return [
    ...when(
      cluster.kind === "create" && cluster.authorizedNetworks.length === 0,
      "The control plane's public endpoint is reachable from anywhere, guarded by IAM alone. To narrow it: authorizedNetworks.",
    ),
    ...when(
      gpuPool.imageStreaming && !imageStreams(server.image, location.region),
      `The image does not stream to ${location.region}: every new node pulls more than 10 GB first. Mirror it into Artifact Registry there.`,
    ),
    ...when(
      gpuPool.spot,
      `Spot nodes go with 30 s notice; the server drains for up to ${TGI.drainSeconds} s, so clients will see cut answers.`,
    ),
    ...when(
      server.token.from === "secret" && config.namespace !== "default",
      `The Secret of huggingFaceSecret must be in namespace ${config.namespace}, which the stack makes: the first pods wait until you have put it there.`,
    ),
    ...when(tolerant !== undefined, "scaleBehavior.tolerance is dropped silently by Kubernetes before 1.35."),
    ...when(
      config.metricsAdapter === "existing",
      "The HPA depends on the metrics APIs that something else in the cluster serves; it must read Cloud Monitoring under the adapter's names.",
    ),
    ...when(
      TGI.imageThatCuts.test(server.image),
      "This image does not hand SIGTERM to the server: every scale-down cuts the answers that it is giving. Take TGI 2.4.0 or later.",
    ),
    ...when(
      !server.image.includes("@sha256:"),
      "The server image is not pinned by digest; what its tag means can change. Pin it once you have pulled it.",
    ),
  ];
}
