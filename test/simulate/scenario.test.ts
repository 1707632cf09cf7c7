import assert from "node:assert/strict";
import { COLD_STARTS } from "../../catalog/coldStarts";
import { METRIC_PATHS } from "../../catalog/metricPath";
import { attainment, contend, pooledAttainment } from "../../tools/simulate/contend";
import { hpaScaler, scenarioOf } from "../../tools/simulate/scenario";
import { serverLimits } from "../../tools/simulate/server/limits";
import { serverTimes } from "../../tools/simulate/server/serverTimes";
import { MAX_SEED } from "../../tools/simulate/traffic/random";
import { FixedScaler } from "../../tools/simulate/world/scalers";
import { paced, SLO, scenario, stack } from "./support";

describe("a scenario", () => {
  const traffic = paced([[60, 1]]);

  it("is the stack as it is configured", () => {
    const config = stack({ gpuMinNodes: "1", gpuMaxNodes: "7" });
    const made = scenarioOf(config, { traffic, slo: SLO, coldStart: "nothing-cached" });
    assert.deepEqual(made, {
      config,
      traffic,
      slo: SLO,
      routing: "random",
      coldStart: COLD_STARTS["nothing-cached"],
      server: {
        limits: serverLimits(config),
        times: serverTimes(config),
        gpus: config.server.gpus,
        warmsUp: true,
        isProbed: true,
      },
      pool: {
        minNodes: 1,
        maxNodes: 7,
        replicasPerNode: config.gpuPool.replicasPerNode,
        gpusPerNode: config.gpuPool.machine.gpus,
        lossesPerNodeHour: 0,
        unneededSeconds: 600,
      },
    });
  });

  it("has Spot nodes that are lost, and the routing that is asked for", () => {
    const made = scenarioOf(stack({ spot: "true" }), {
      ...{ traffic, slo: SLO, coldStart: "streamed", routing: "least-loaded" },
    });
    assert.deepEqual([made.pool.lossesPerNodeHour, made.routing], [0.05, "least-loaded"]);
  });

  it("has the times and the memory that somebody has measured", () => {
    const config = stack();
    const times = {
      ...{ prefillBaseSeconds: 1, prefillPerTokenSeconds: 2, decodeBaseSeconds: 3 },
      ...{ decodePerSequenceSeconds: 4, decodePerKvTokenSeconds: 5 },
    };
    const calibration = {
      file: "c.json",
      calibration: {
        ...{ model: config.server.modelId, accelerator: config.gpuPool.accelerator, gpus: config.server.gpus },
        ...{ maxBatchTotalTokens: 77_777, measuredAt: "2026-11-01", ...times },
      },
    };
    const { server } = scenarioOf(config, { traffic, slo: SLO, coldStart: "streamed", calibration });
    assert.deepEqual([server.times, server.limits.maxBatchTotalTokens], [{ source: "calibration", ...times }, 77_777]);
  });
});

describe("the scaler of a stack", () => {
  it("has its metrics, bounds and behavior, and each metric's path", () => {
    const config = stack({
      ...{ metricStrategy: "gke-duty-cycle", metricTarget: "60", minReplicas: "2", maxReplicas: "4" },
      extraMetrics: '[{"strategy":"dcgm-gpu-util","target":70},{"strategy":"batch-size","target":9}]',
      scaleBehavior: '{"scaleDown":{"stabilizationWindowSeconds":77}}',
    });
    const { spec, metrics, high } = hpaScaler(config);
    assert.deepEqual([spec.minReplicas, spec.maxReplicas, spec.metrics.length], [2, 4, 3]);
    assert.equal(spec.behavior?.scaleDown?.stabilizationWindowSeconds, 77);
    assert.deepEqual(metrics, [
      { strategy: "gke-duty-cycle", path: METRIC_PATHS.dutyCycle },
      { strategy: "dcgm-gpu-util", path: METRIC_PATHS.managedDcgm },
      { strategy: "batch-size", path: METRIC_PATHS.scraped },
    ]);
    assert.ok(Math.abs(high - 66) < 1e-9);
  });

  it("has other settings where they are given", () => {
    const config = stack({ scaleBehavior: '{"scaleDown":{"stabilizationWindowSeconds":77}}' });
    const metrics = [{ strategy: "queue-size", target: 4 }] as const;
    const { spec } = hpaScaler(config, { metrics, maxReplicas: 9, behavior: undefined });
    assert.deepEqual([spec.maxReplicas, spec.behavior], [9, undefined]);
    assert.equal(hpaScaler(config, { metrics }).spec.behavior?.scaleDown?.stabilizationWindowSeconds, 77);
  });
});

describe("a contest", () => {
  const few = scenario(paced([[300, 1]]));
  const contest = { initialReplicas: 1, maxReplicas: 1 };

  it("takes every seed", () => {
    for (const seed of [0, 1, MAX_SEED]) {
      assert.equal(contend(few, new FixedScaler(1), { ...contest, seed }).admissible, 300);
    }
  });

  it("has the traffic and the world of its seed, and says how far it is", () => {
    const seeds: number[] = [];
    const arrivals = (seed: number) => {
      seeds.push(seed);
      return few.traffic.arrivals(seed);
    };
    const shares: number[] = [];
    const progress = (share: number) => shares.push(share);
    const watched = { ...few, traffic: { ...few.traffic, arrivals } };
    contend(watched, new FixedScaler(1), { ...contest, seed: 5, progress });
    assert.deepEqual([seeds, shares.length, shares[0], shares.at(-1)], [[5], 20, 0.05, 1]);
    const by = (seed: number) =>
      contend(few, hpaScaler(few.config, { metrics: [{ strategy: "gke-duty-cycle", target: 10 }] }), {
        ...{ seed, initialReplicas: 1, maxReplicas: 5 },
      }).series;
    assert.deepEqual(by(1), by(1));
    assert.notDeepEqual(by(1), by(2));
  });

  it("is judged by the share of what is admissible, all runs together", () => {
    assert.equal(attainment({ met: 99, admissible: 100 }), 0.99);
    assert.equal(attainment({ met: 0, admissible: 0 }), 1);
    const base = contend(few, new FixedScaler(1), { ...contest, seed: 1 });
    const of = (met: number, admissible: number) => ({ ...base, met, admissible });
    assert.equal(pooledAttainment([of(50, 100), of(300, 300)]), 0.875);
  });
});
