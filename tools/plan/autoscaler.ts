import { tolerancesOf } from "../../autoscaling/hpa/behavior";
import {
  isGpuStrategy,
  type MetricStrategy,
  type StrategyTarget,
  targetPerReplica,
} from "../../autoscaling/metricStrategy";
import { thousandths } from "../../autoscaling/quantity";
import { toleranceBand } from "../../autoscaling/targets";
import { ACCELERATORS } from "../../catalog/accelerators";
import { HPA_DEFAULTS } from "../../catalog/gke";
import { TGI } from "../../catalog/tgi";
import { nodesFor } from "../../config/derive";
import type { StackConfig } from "../../config/stackConfig";

/** One metric of the HPA in numbers. */
export interface MetricSummary {
  readonly strategy: MetricStrategy;
  /** As in the config: requests, or percent of one GPU. */
  readonly target: number;
  /** What the HPA compares a replica's average with. */
  readonly targetPerReplica: number;
  /** The HPA does nothing between these, both included. */
  readonly band: { readonly low: number; readonly high: number };
}

export interface AutoscalerSummary {
  readonly metrics: readonly MetricSummary[];
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly maxGpus: number;
  readonly maxNodes: number;
  /** The same, for people. */
  readonly sentences: readonly string[];
}

const SIGNALS = {
  "queue-size": "queue",
  "batch-size": "running batch",
  "gke-duty-cycle": "GPU duty cycle",
  "dcgm-gpu-util": "DCGM GPU utilisation",
} as const;

/** What the autoscaler of a stack will do, in words and numbers. */
export function summarizeAutoscaler(config: StackConfig): AutoscalerSummary {
  const { autoscaler, server, gpuPool } = config;
  const { minReplicas, maxReplicas, behavior, calibration } = autoscaler;
  const metrics = autoscaler.metrics.map((metric) => summarizeMetric(metric, config));
  const maxGpus = maxReplicas * server.gpus;
  const maxNodes = nodesFor(maxReplicas, gpuPool.replicasPerNode);
  const gpu = ACCELERATORS[gpuPool.accelerator].displayName;
  const sentences = [
    `${TGI.hpaName} keeps ${TGI.deploymentName} between ${minReplicas} and ${maxReplicas} replicas.`,
    ...metrics.map((metric) => sentence(metric, server.gpus)),
    ...(calibration === undefined
      ? []
      : [`The target of ${autoscaler.metrics[0].strategy} was measured: calibration ${calibration.slice(0, 19)}….`]),
    ...(metrics.length > 1 ? ["The metric that asks for the most replicas wins."] : []),
    `At most ${maxReplicas} replicas = ${maxGpus} × ${gpu} on ${maxNodes} × ${gpuPool.machine.name}${gpuPool.spot ? " (Spot)" : ""}.`,
    behavior === undefined
      ? `Kubernetes' own behavior: scales up at once, to the double or to 4, whichever is more; down once it has been lower for ${HPA_DEFAULTS.scaleDownStabilizationSeconds} s.`
      : `Behavior as set: ${JSON.stringify(behavior)}.`,
  ];
  return { metrics, minReplicas, maxReplicas, maxGpus, maxNodes, sentences };
}

function summarizeMetric(metric: StrategyTarget, { autoscaler, server }: StackConfig): MetricSummary {
  const perReplica = targetPerReplica(metric, server.gpus);
  const { down, up } = tolerancesOf(autoscaler.behavior);
  const band = toleranceBand(perReplica, down, up);
  return {
    strategy: metric.strategy,
    target: metric.target,
    targetPerReplica: perReplica,
    band: { low: thousandths(band.low), high: thousandths(band.high) },
  };
}

function sentence({ strategy, target, targetPerReplica: average, band }: MetricSummary, gpus: number): string {
  const gpuSignal = isGpuStrategy(strategy);
  const unit = gpuSignal ? " %" : "";
  const sum = gpuSignal && gpus > 1 ? ` (${fine(target)} % of each of ${gpus} GPUs, summed)` : "";
  const passes = `${fine(average)}${unit}${sum}`;
  return (
    `${strategy}: adds a replica when the average ${SIGNALS[strategy]} per replica passes ${passes}, ` +
    `does nothing between ${fine(band.low)} and ${fine(band.high)}${unit}.`
  );
}

/** Targets of a queue are below one: a tenth of them matters. */
function fine(value: number): string {
  return String(Number(value.toFixed(2)));
}
