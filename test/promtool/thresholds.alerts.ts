import assert from "node:assert/strict";
import { ALERTS } from "../support/observed";
import type { Settings } from "../support/stack";
import { troubled } from "./elsewhere";
import type { Stage, World } from "./model";
import { type AlertId, alertsOf, type Firing, itPlays } from "./promtool";
import { type Seconds, steps } from "./series";
import { BUSY, burst, coldServer, IDLE, rollout, server, servers, steady } from "./situations";

const BEGIN = 600;
const NEVER = Number.POSITIVE_INFINITY;

function atMaximum(stage: Stage): World {
  const asked = ["a", "b", "c"].map((suffix) => coldServer(suffix, BEGIN));
  return { ...steady(stage), servers: [...servers(2), ...asked], hpa: { desired: steps([0, 2], [BEGIN, 5]) } };
}

function neverReady(stage: Stage): World {
  const pending = coldServer("pending", BEGIN, {}, NEVER);
  return { ...steady(stage), servers: [...servers(2), pending], hpa: { desired: steps([0, 2], [BEGIN, 3]) } };
}

/** Two more than the minimum, of which one does nothing from the beginning. */
function idle(stage: Stage): World {
  return { ...steady(stage, 3), servers: [...servers(2), server("idle", { load: () => IDLE })] };
}

/** Load goes; then a replica goes each half hour. */
function slowScaleDown(stage: Stage): World {
  const load = steps([0, BUSY], [BEGIN, IDLE]);
  const down = [1, 2, 3].map((period) => BEGIN + 300 + period * 1800);
  return {
    ...steady(stage),
    servers: [server("last", { load }), ...down.map((deletedAt, index) => server(`s${index}`, { load, deletedAt }))],
    hpa: { desired: steps([0, 4], ...down.map((at, index) => [at, 3 - index] as const)) },
  };
}

interface Consequence {
  readonly settings: Settings;
  readonly world: (stage: Stage) => World;
  readonly end: Seconds;
  readonly fires: readonly Firing[];
}

const slowly = { scaleDown: { policies: [{ type: "Pods", value: 1, periodSeconds: 1800 }] } };
const patiently = { scaleDown: { stabilizationWindowSeconds: 900 } };
const noPatience = { scaleDown: { stabilizationWindowSeconds: 0 } };

const CONSEQUENCES: Readonly<Record<string, Consequence>> = {
  "a longer stabilisation window is waited for at the maximum": {
    settings: { scaleBehavior: patiently },
    world: atMaximum,
    end: 3000,
    fires: [{ alert: "hpa-at-maximum", at: BEGIN + 1500 }],
  },
  "a burst is ordinary with a longer stabilisation window too": {
    settings: { scaleBehavior: patiently },
    world: (stage) => burst(stage, 900),
    end: 4500,
    fires: [],
  },
  "without a stabilisation window the maximum is reported sooner": {
    settings: { scaleBehavior: noPatience },
    world: atMaximum,
    end: 1800,
    fires: [{ alert: "hpa-at-maximum", at: BEGIN + 600 }],
  },
  "a longer start is waited for": {
    settings: { serverReadyTimeoutMinutes: 60 },
    world: neverReady,
    end: 5400,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 4500 }],
  },
  "a shorter start is not": {
    settings: { serverReadyTimeoutMinutes: 15 },
    world: neverReady,
    end: 3000,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 1800 }],
  },
  "a rollout of eight servers without room, one after another, is waited for": {
    settings: { minReplicas: 8, maxReplicas: 8, gpuMaxNodes: 8 },
    world: (stage) => rollout(stage, 8, 450),
    end: 5400,
    fires: [],
  },
  "more replicas are not waited for any longer": {
    settings: { maxReplicas: 8 },
    world: neverReady,
    end: 3600,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 2700 }],
  },
  "idleness is reported after start, window and stabilisation": {
    settings: {},
    world: idle,
    end: 4500,
    fires: [{ alert: "gpu-idle", at: 3600 }],
  },
  "a longer start is not idleness": {
    settings: { serverReadyTimeoutMinutes: 60 },
    world: idle,
    end: 5700,
    fires: [{ alert: "gpu-idle", at: 5400 }],
  },
  "a slow scale-down is ordinary where it was asked for": {
    settings: { scaleBehavior: slowly },
    world: slowScaleDown,
    end: 8400,
    fires: [],
  },
  "and reported where it was not": {
    settings: {},
    world: slowScaleDown,
    end: 5400,
    fires: [{ alert: "gpu-idle", at: BEGIN - 60 + 600 + 30 + 3600 }],
  },
  "who forbids the HPA to scale down has asked for idle GPUs": {
    settings: { scaleBehavior: { scaleDown: { selectPolicy: "Disabled" } } },
    world: idle,
    end: 5400,
    fires: [],
  },
  "and for staying at the maximum": {
    settings: { scaleBehavior: { scaleDown: { selectPolicy: "Disabled" } } },
    world: atMaximum,
    end: 5400,
    fires: [],
  },
  "somebody else's adapter is theirs to watch": {
    settings: { metricsAdapter: "existing" },
    world: (stage) => ({ ...steady(stage), adapter: troubled(stage).adapter }),
    end: 1800,
    fires: [],
  },
};

describe("thresholds follow from the stack", () => {
  for (const [name, { settings, world, end, fires }] of Object.entries(CONSEQUENCES)) {
    itPlays(name, settings, { name, worlds: (stage) => [world(stage)], end, fires });
  }
});

describe("the alerts of a stack", () => {
  const without = (...left: readonly AlertId[]) => ALERTS.filter((each) => !left.includes(each));
  for (const [name, settings, alerts] of [
    ["are eight", {}, ALERTS],
    [
      "leave out the adapter that somebody else runs",
      { metricsAdapter: "existing" },
      without("metrics-adapter-unhealthy"),
    ],
    [
      "leave out idle GPUs and the maximum where the HPA may not scale down",
      { scaleBehavior: { scaleDown: { selectPolicy: "Disabled" } } },
      without("gpu-idle", "hpa-at-maximum"),
    ],
  ] as const) {
    it(name, async () => assert.deepEqual(await alertsOf(settings), alerts));
  }
});
