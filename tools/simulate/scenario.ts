import type { HpaBehavior } from "../../autoscaling/hpa/behavior";
import { hpaMetric, metricPathOf, type StrategyTarget } from "../../autoscaling/metricStrategy";
import { COLD_STARTS, type ColdStart, type ColdStartName, NODE_UNNEEDED_SECONDS } from "../../catalog/coldStarts";
import type { AutoscalerConfig, StackConfig } from "../../config/stackConfig";
import type { Calibration } from "./server/calibration";
import { serverLimits } from "./server/limits";
import { serverTimes } from "./server/serverTimes";
import type { Traffic } from "./traffic/arrival";
import type { Slo } from "./world/figures";
import type { ServerShape } from "./world/fleet";
import type { PoolShape } from "./world/pool";
import { HpaScaler } from "./world/scalers";

/** Losses of a Spot node in an hour [assumption: Google publishes none]. */
const SPOT_LOSSES_PER_HOUR = 0.05;

/** A stack under traffic, whatever scales it. */
export interface Scenario {
  readonly config: StackConfig;
  readonly server: ServerShape;
  readonly pool: PoolShape;
  readonly coldStart: ColdStart;
  readonly traffic: Traffic;
  readonly slo: Slo;
  readonly routing: "random" | "least-loaded";
}

export interface ScenarioOptions {
  readonly traffic: Traffic;
  readonly slo: Slo;
  readonly coldStart: ColdStartName;
  readonly routing?: "random" | "least-loaded";
  readonly calibration?: { readonly file: string; readonly calibration: Calibration } | undefined;
}

/** The stack as its configuration has it: what is simulated is what is deployed. */
export function scenarioOf(config: StackConfig, options: ScenarioOptions): Scenario {
  const { gpuPool, server } = config;
  const { calibration, traffic, slo, routing = "random" } = options;
  return {
    ...{ config, traffic, slo, routing },
    coldStart: COLD_STARTS[options.coldStart],
    server: {
      limits: serverLimits(config, calibration?.calibration.maxBatchTotalTokens),
      times: serverTimes(config, calibration),
      gpus: server.gpus,
      warmsUp: true,
      isProbed: true,
    },
    pool: {
      minNodes: gpuPool.minNodes,
      maxNodes: gpuPool.maxNodes,
      replicasPerNode: gpuPool.replicasPerNode,
      gpusPerNode: gpuPool.machine.gpus,
      lossesPerNodeHour: gpuPool.spot ? SPOT_LOSSES_PER_HOUR : 0,
      unneededSeconds: NODE_UNNEEDED_SECONDS,
    },
  };
}

/** What decides how an HPA scales. */
export interface HpaSettings extends Omit<AutoscalerConfig, "metrics" | "behavior" | "calibration"> {
  readonly metrics: readonly StrategyTarget[];
  readonly behavior: HpaBehavior | undefined;
}

/** The stack's own HPA, with other settings where they are given. */
export function hpaScaler(config: StackConfig, settings: Partial<HpaSettings> = {}): HpaScaler {
  const { metrics, minReplicas, maxReplicas, behavior } = { ...config.autoscaler, ...settings };
  const workload = {
    cluster: config.cluster.name,
    location: config.location.name,
    namespace: config.namespace,
    gpusPerReplica: config.server.gpus,
    dcgmExporter: config.dcgmExporter,
  };
  return new HpaScaler(
    { minReplicas, maxReplicas, behavior, metrics: metrics.map((metric) => hpaMetric(metric, workload)) },
    metrics.map(({ strategy }: StrategyTarget) => ({ strategy, path: metricPathOf(strategy, config.dcgmExporter) })),
  );
}
