import { healthyOthers } from "./elsewhere";
import type { Load, Stage, World } from "./model";
import { type Firing, itPlays } from "./promtool";
import { always, type Seconds, steps } from "./series";
import { SCRAPED_FROM_TGI } from "./serverSeries";
import { BUSY, coldServer, HEALTHY_ADAPTER, IDLE, ONE, REFUSING, SWAMPED, server, servers, steady } from "./situations";

/** When the trouble begins. */
const BEGIN = 600;
const NEVER = Number.POSITIVE_INFINITY;
/** A step of the Deployment is looked back to: what is stuck after it is so from then on. */
const AFTER_STEP = 120;
/** For how long a scrape is looked back to. */
const SCRAPED = 120;
/** When the trouble of an adapter begins: it has had its time to start. */
const OLD = 1800;

const ONE_REFUSED: Load = { ...BUSY, refusedPerSecond: ONE };

interface Trouble {
  readonly world: (stage: Stage) => World;
  readonly minutes: number;
  readonly fires: readonly Firing[];
}

const wanting = (replicas: number, before = 2) => ({ desired: steps([0, before], [BEGIN, replicas]) });
const facing = (load: Load, until = NEVER) => servers(2, { load: steps([0, BUSY], [BEGIN, load], [until, BUSY]) });

const PENDING = coldServer("pending", BEGIN, { startedAt: NEVER }, NEVER);

/** Servers that follow each other. */
const takenAway = (suffix: string, every: Seconds) =>
  Array.from({ length: 5 }, (_, index) =>
    coldServer(`${suffix}-${index}`, index * every, { deletedAt: (index + 1) * every }),
  );

const TROUBLES: Readonly<Record<string, Trouble>> = {
  "the HPA is blind": {
    world: (stage) => ({ ...steady(stage), hpa: { desired: always(2), blind: { from: BEGIN, until: 1200 } } }),
    minutes: 30,
    fires: [{ alert: "hpa-cannot-read-metric", at: BEGIN + 300, until: 1200 }],
  },
  "the HPA of a fresh stack has never read anything, and so wants nothing": {
    world: (stage) => ({
      ...steady(stage),
      bornAt: 60,
      servers: [coldServer("first", 60)],
      hpa: { desired: always(0), blind: {} },
    }),
    minutes: 75,
    fires: [{ alert: "hpa-cannot-read-metric", at: 60 + 450 + 300 }],
  },
  "the load is more than the maximum holds": {
    world: (stage) => ({
      ...steady(stage),
      servers: [
        ...servers(2, { load: always(SWAMPED) }),
        ...["a", "b", "c"].map((suffix) => coldServer(suffix, BEGIN, { load: always(SWAMPED) })),
      ],
      hpa: { desired: steps([0, 2], [BEGIN, 5], [1800, 4]) },
    }),
    minutes: 40,
    fires: [{ alert: "hpa-at-maximum", at: BEGIN + 900, until: 1800 }],
  },
  "there is no GPU for a new server": {
    world: (stage) => ({ ...steady(stage), servers: [...servers(2), PENDING], hpa: wanting(3) }),
    minutes: 60,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 2700 }],
  },
  "there is no GPU for a new server, and another one is taken away each half hour": {
    world: (stage) => ({
      ...steady(stage),
      servers: [server("old-0"), ...takenAway("spot", 1800), PENDING],
      hpa: wanting(3),
    }),
    minutes: 120,
    fires: [{ alert: "replicas-not-ready" }],
  },
  "there is no GPU for a new server, while the load goes up and down": {
    world: (stage) => ({
      ...steady(stage),
      servers: [
        ...servers(2),
        coldServer("pending", BEGIN, {}, NEVER),
        ...[1, 3, 5].map((turn) => {
          const from = BEGIN + turn * 600;
          return coldServer(`fourth-${turn}`, from, { deletedAt: from + 600 }, NEVER);
        }),
      ],
      hpa: {
        desired: steps([0, 2], ...[0, 1, 2, 3, 4, 5].map((turn) => [BEGIN + turn * 600, 3 + (turn % 2)] as const)),
      },
    }),
    minutes: 60,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 2700 }],
  },
  "the Deployment does not hear what the HPA wants": {
    world: (stage) => ({ ...steady(stage), hpa: { ...wanting(3), told: always(2) } }),
    minutes: 60,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 2700 }],
  },
  "a rollout brings a model that cannot be loaded": {
    world: (stage) => ({
      ...steady(stage),
      servers: [
        server("old-0"),
        server("old-1", { deletedAt: BEGIN }),
        coldServer("new", BEGIN, { revision: 2 }, NEVER),
      ],
    }),
    minutes: 60,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + AFTER_STEP + 2700 }],
  },
  "more servers stay than are wanted": {
    world: (stage) => ({ ...steady(stage), servers: servers(3), hpa: wanting(2, 3) }),
    minutes: 60,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 2700 }],
  },
  "the first server of a fresh stack never starts": {
    world: (stage) => ({
      ...steady(stage),
      bornAt: BEGIN,
      servers: [coldServer("first", BEGIN, {}, NEVER)],
      hpa: { desired: always(0) },
    }),
    minutes: 60,
    fires: [{ alert: "replicas-not-ready", at: BEGIN + 2700 }],
  },
  "a server that was scraped is not any more": {
    world: (stage) => ({ ...steady(stage), losses: [{ metrics: SCRAPED_FROM_TGI, suffix: "old-0", from: BEGIN }] }),
    minutes: 30,
    fires: [{ alert: "server-not-scraped", at: BEGIN + SCRAPED + 180 }],
  },
  "a new server is never scraped": {
    world: (stage) => ({
      ...steady(stage),
      servers: [server("old-0"), server("old-1"), coldServer("new", 150)],
      hpa: { desired: steps([0, 2], [150, 3]) },
      losses: [{ metrics: SCRAPED_FROM_TGI, suffix: "new" }],
    }),
    minutes: 30,
    fires: [{ alert: "server-not-scraped", at: 150 + 450 + 180 }],
  },
  "clients are refused": {
    world: (stage) => ({ ...steady(stage), servers: facing(REFUSING, 1200) }),
    minutes: 30,
    // An increase needs two samples, and the first one appears a scrape after the first refusal.
    fires: [{ alert: "clients-refused", at: BEGIN + 30 + 120, until: 1200 + 300 }],
  },
  "many clients are refused at once, by a server that has refused before": {
    world: (stage) => {
      const load = steps(
        [0, ONE_REFUSED],
        [15, BUSY],
        [BEGIN, { ...REFUSING, refusedPerSecond: 2000 }],
        [BEGIN + 15, BUSY],
      );
      return { ...steady(stage), servers: servers(2, { readyAt: 0, load }) };
    },
    minutes: 30,
    fires: [{ alert: "clients-refused", at: BEGIN + 30 + 120, until: BEGIN + 330 }],
  },
  "one replica of the adapter is down": {
    world: (stage) => ({
      ...steady(stage),
      adapter: { ...HEALTHY_ADAPTER, available: steps([0, 2], [OLD, 1], [OLD + 600, 2]) },
    }),
    minutes: 60,
    fires: [{ alert: "metrics-adapter-unhealthy", at: OLD + 300, until: OLD + 600 }],
  },
  "the adapter is killed again and again": {
    world: (stage) => ({
      ...steady(stage),
      adapter: { available: always(2), restarts: [steps([0, 7], [OLD, 8], [OLD + 120, 9]), always(0)] },
    }),
    minutes: 60,
    fires: [{ alert: "metrics-adapter-unhealthy", at: OLD + 120 + 300, until: OLD - 60 + 900 + 30 }],
  },
  "the adapter is killed again and again, where its Deployment is not collected": {
    world: (stage) => ({
      ...steady(stage),
      adapter: { available: steps(), restarts: [steps([0, 0], [OLD, 1], [OLD + 60, 2]), always(0)] },
    }),
    minutes: 60,
    fires: [{ alert: "metrics-adapter-unhealthy", at: OLD + 60 + 300 }],
  },
  "one of three servers does next to nothing": {
    world: (stage) => ({
      ...steady(stage),
      // A request each ten minutes.
      servers: [
        server("old-0"),
        server("old-1"),
        server("idle", { load: (at) => ({ ...IDLE, duty: at % 600 < 60 ? 20 : 0 }) }),
      ],
      hpa: { desired: always(3) },
    }),
    minutes: 75,
    fires: [{ alert: "gpu-idle" }],
  },
  "one of three servers is idle from some time on": {
    world: (stage) => ({
      ...steady(stage),
      servers: [server("old-0"), server("old-1"), server("idle", { load: steps([0, BUSY], [BEGIN, IDLE]) })],
      hpa: { desired: always(3) },
    }),
    minutes: 90,
    // The last busy minute leaves the window of ten.
    fires: [{ alert: "gpu-idle", at: BEGIN - 60 + 600 + 30 + 3600 }],
  },
};

describe("an alert fires, and no other,", () => {
  for (const [name, { world, minutes, fires }] of Object.entries(TROUBLES)) {
    itPlays(
      `when ${name}`,
      {},
      { name, worlds: (stage) => [world(stage), ...healthyOthers(stage)], end: minutes * 60, fires },
    );
  }
});
