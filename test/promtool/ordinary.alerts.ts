import { OBSERVED, SERIES } from "../../catalog/metrics";
import type { Settings } from "../support/stack";
import type { Load, Stage, World } from "./model";
import { itPlays } from "./promtool";
import { always, type Seconds, steps } from "./series";
import { SCRAPED_FROM_TGI } from "./serverSeries";
import {
  BUSY,
  burst,
  crashed,
  firstStart,
  growth,
  HEALTHY_ADAPTER,
  IDLE,
  night,
  ONE,
  REFUSING,
  replaced,
  rollout,
  scaleDown,
  server,
  steady,
} from "./situations";

interface Ordinary {
  readonly settings?: Settings;
  readonly world: (stage: Stage) => World;
  readonly minutes: number;
}

const ONE_REPLICA = { minReplicas: 1, maxReplicas: 1 };
const FIVE_REPLICAS = { minReplicas: 5, maxReplicas: 5 };

/** What happens every day, and no alert may speak of. */
const ORDINARY: Readonly<Record<string, Ordinary>> = {
  "busy servers": { world: (stage) => steady(stage), minutes: 75 },
  "a fresh stack": { world: (stage) => firstStart(stage, 450), minutes: 60 },
  "a fresh stack whose first server needs nearly all of its budget": {
    world: (stage) => firstStart(stage, 40 * 60),
    minutes: 75,
  },
  "a fresh stack of more than one server, which need nearly all of their budget": {
    settings: { minReplicas: 2 },
    world: (stage) => firstStart(stage, 44 * 60),
    minutes: 75,
  },
  "a burst to the maximum, through slow starts, and down again": { world: (stage) => burst(stage), minutes: 75 },
  "a scale-down to the minimum": { world: scaleDown, minutes: 90 },
  "a rollout with one server more": { world: (stage) => rollout(stage, 4, 450), minutes: 75 },
  "a rollout with one server more at a fixed size": {
    settings: FIVE_REPLICAS,
    world: (stage) => rollout(stage, 5, 450),
    minutes: 90,
  },
  "a rollout of the only server without room": {
    settings: { ...ONE_REPLICA, gpuMaxNodes: 1 },
    world: (stage) => rollout(stage, 1, 450),
    minutes: 45,
  },
  "a rollout of five servers without room, one after another": {
    settings: { ...FIVE_REPLICAS, gpuMaxNodes: 5 },
    world: (stage) => rollout(stage, 5, 450),
    minutes: 75,
  },
  "the only server is replaced": { world: (stage) => replaced(stage, 1, 75), minutes: 45 },
  "the only server is replaced by one that takes its time": {
    world: (stage) => replaced(stage, 1, 30 * 60),
    minutes: 60,
  },
  "one of four servers is replaced": { world: (stage) => replaced(stage, 4, 450), minutes: 45 },
  "a morning in which each seven minutes bring load for another server": {
    settings: { maxReplicas: 12 },
    world: (stage) => growth(stage, 7 * 60),
    minutes: 120,
  },
  "a rollout with one server more in a night at a minimum of ten": {
    settings: { minReplicas: 10, maxReplicas: 12 },
    world: (stage) => asleep(rollout(stage, 10, 450)),
    minutes: 120,
  },
  "a rollout of twelve servers, each of which loads for six minutes on a node that is there": {
    settings: { maxReplicas: 14 },
    world: (stage) => onNodesThatAreThere(rollout(stage, 12, 360)),
    minutes: 120,
  },
  "a morning in which each five minutes bring a little load for another server, on nodes that are there": {
    settings: { maxReplicas: 17 },
    world: (stage) => lightly(onNodesThatAreThere(growth(stage, 5 * 60))),
    minutes: 120,
  },
  "a server crashes": { world: crashed, minutes: 45 },
  "a night at the minimum": { world: (stage) => night(stage, 1), minutes: 150 },
  "a night at a minimum of two": { settings: { minReplicas: 2 }, world: (stage) => night(stage, 2), minutes: 150 },
  "a fixed size, busy": { settings: FIVE_REPLICAS, world: (stage) => steady(stage, 5), minutes: 90 },
  "a fixed size, idle": { settings: FIVE_REPLICAS, world: (stage) => night(stage, 5), minutes: 90 },
  "one scrape of a server fails": {
    world: (stage) => ({
      ...steady(stage),
      losses: [{ metrics: SCRAPED_FROM_TGI, suffix: "old-0", from: 600, until: 615 }],
    }),
    minutes: 30,
  },
  "no server is scraped for four minutes": {
    world: (stage) => ({ ...steady(stage), losses: [{ metrics: SCRAPED_FROM_TGI, from: 600, until: 840 }] }),
    minutes: 45,
  },
  "system metrics are four minutes late": {
    world: (stage) => ({ ...steady(stage), losses: [{ metrics: [SERIES.gpuDutyCycle], from: 600, until: 840 }] }),
    minutes: 30,
  },
  "kube-state-metrics is away for four minutes": {
    world: (stage) => ({
      ...steady(stage),
      losses: [{ metrics: Object.values(OBSERVED).filter(isOfKubernetes), from: 600, until: 840 }],
    }),
    minutes: 30,
  },
  "one request is refused": { world: (stage) => refusing(stage, [600, 615]), minutes: 30 },
  "one request is refused, and another after a while": {
    world: (stage) => refusing(stage, [600, 615], [1200, 1215]),
    minutes: 45,
  },
  "a container of the adapter restarts": {
    world: (stage) => ({
      ...steady(stage),
      adapter: { available: steps([0, 2], [600, 1], [660, 2]), restarts: [steps([0, 3], [600, 4]), always(0)] },
    }),
    minutes: 45,
  },
  "each container of the adapter restarts once": {
    world: (stage) => ({
      ...steady(stage),
      adapter: { available: always(2), restarts: [steps([0, 3], [1800, 4]), steps([0, 0], [1830, 1])] },
    }),
    minutes: 60,
  },
  "the adapter is made anew": {
    world: (stage) => ({
      ...steady(stage),
      adapter: { ...HEALTHY_ADAPTER, available: steps([0, 2], [600, 1], [840, 2]) },
      hpa: { desired: always(2), blind: { from: 600, until: 840 } },
    }),
    minutes: 45,
  },
};

function onNodesThatAreThere(world: World): World {
  return { ...world, servers: world.servers.map((each) => ({ ...each, startedAt: each.createdAt })) };
}

function lightly(world: World): World {
  return { ...world, servers: world.servers.map((each) => ({ ...each, load: always({ ...BUSY, duty: 10 }) })) };
}

function asleep(world: World): World {
  return { ...world, servers: world.servers.map((each) => ({ ...each, load: always(IDLE) })) };
}

/** One request a span. */
function refusing(stage: Stage, ...spans: readonly (readonly [from: Seconds, until: Seconds])[]): World {
  const refused: Load = { ...REFUSING, refusedPerSecond: ONE };
  const load = steps(
    [0, BUSY],
    ...spans.flatMap(([from, until]) => [[from, refused] as const, [until, BUSY] as const]),
  );
  return { ...steady(stage), servers: [server("old-0", { load }), server("old-1")] };
}

function isOfKubernetes({ origin, ...metric }: (typeof OBSERVED)[keyof typeof OBSERVED]): boolean {
  return origin === "scraped" && "name" in metric && metric.name.startsWith("kube_");
}

describe("all alerts are silent:", () => {
  for (const [name, { settings = {}, world, minutes }] of Object.entries(ORDINARY)) {
    itPlays(name, settings, { name, worlds: (stage) => [world(stage)], end: minutes * 60, fires: [] });
  }

  itPlays("no series at all", {}, { name: "nothing", worlds: () => [], end: 3600, fires: [] });
});
