import type { Adapter, Load, Server, Stage, World } from "./model";
import { always, type Seconds, steps } from "./series";

export const IDLE: Load = { duty: 0, queue: 0, batch: 0, requestsPerSecond: 0, refusedPerSecond: 0 };
export const BUSY: Load = { duty: 70, queue: 4, batch: 30, requestsPerSecond: 3, refusedPerSecond: 0 };
export const SWAMPED: Load = { duty: 100, queue: 60, batch: 60, requestsPerSecond: 9, refusedPerSecond: 0 };
export const REFUSING: Load = { ...SWAMPED, refusedPerSecond: 2 };
/** One request, of whatever kind, from one scrape to the next. */
export const ONE = 1 / 15;

/** An ordinary cold start at its slowest: the node and the image, then download, load and warm-up. */
export const COLD_START = 450;
const NODE_AND_IMAGE = 200;

/** A server that has been there all along, and stays. */
export function server(suffix: string, life: Partial<Server> = {}): Server {
  const past = -7200;
  const never = Number.POSITIVE_INFINITY;
  return { suffix, createdAt: past, startedAt: past, readyAt: past, deletedAt: never, load: always(BUSY), ...life };
}

/** A server that is asked for at some time. */
export function coldServer(suffix: string, at: Seconds, life: Partial<Server> = {}, takes = COLD_START): Server {
  const startedAt = at + Math.min(NODE_AND_IMAGE, takes / 2);
  return server(suffix, { createdAt: at, startedAt, readyAt: at + takes, ...life });
}

export function servers(count: number, life: Partial<Server> = {}): readonly Server[] {
  return Array.from({ length: count }, (_, index) => server(`old-${index}`, life));
}

export const HEALTHY_ADAPTER = { available: always(2), restarts: [always(0), always(0)] };

/** Nothing happens: busy servers, as many as wanted. */
export function steady(stage: Stage, replicas = Math.min(2, stage.maxReplicas)): World {
  return { ...stage, servers: servers(replicas), hpa: { desired: always(replicas) }, adapter: HEALTHY_ADAPTER };
}

/** Until its grant holds, minutes after it was made, an adapter exits and is restarted ever more slowly. */
function startingAdapter(made: Seconds): Adapter {
  const exits = [20, 50, 100, 190].map((after, index) => [made + after, index + 1] as const);
  const restarts = steps([made, 0], ...exits);
  return { available: steps([made, 0], [made + 400, 2]), restarts: [restarts, restarts] };
}

/**
 * A stack that has just been made. Before the HPA has read anything it wants nothing, unless the minimum is more than
 * the one replica that a Deployment has by itself.
 */
export function firstStart(stage: Stage, takes: Seconds): World {
  const made = 60;
  const { minReplicas } = stage;
  const ready = made + takes;
  return {
    ...stage,
    bornAt: made,
    servers: Array.from({ length: minReplicas }, (_, index) =>
      coldServer(`first-${index}`, made, { load: steps([ready, IDLE], [ready + 300, BUSY]) }, takes),
    ),
    hpa: { desired: steps([made, minReplicas > 1 ? minReplicas : 0], [ready + 30, minReplicas]) },
    adapter: startingAdapter(made),
  };
}

/**
 * One replica, then suddenly load for all: new ones start as slowly as they ordinarily do, the queue drains, the HPA
 * waits its stabilisation window and comes down.
 */
export function burst(stage: Stage, stabilization = 300): World {
  const { maxReplicas } = stage;
  const seen = 645;
  const ready = seen + COLD_START;
  const drained = ready + 150;
  const down = drained + stabilization;
  const all = Array.from({ length: maxReplicas - 1 }, (_, index) =>
    coldServer(`burst-${index}`, seen, { deletedAt: index === 0 ? down + 600 : down }),
  );
  return {
    ...stage,
    servers: [server("old", { load: steps([0, BUSY], [600, SWAMPED], [drained, BUSY]) }), ...all],
    hpa: { desired: steps([0, 1], [seen - 15, 4], [seen, maxReplicas], [down, 2], [down + 600, 1]) },
    adapter: HEALTHY_ADAPTER,
  };
}

/** Load goes, and all replicas but the minimum at once with it; their series stay for a while. */
export function scaleDown(stage: Stage): World {
  const { minReplicas, maxReplicas } = stage;
  const gone = 600;
  const down = gone + 300;
  const load = steps([0, BUSY], [gone, IDLE]);
  return {
    ...stage,
    servers: servers(maxReplicas - 1, { load }).map((old, index) =>
      index < minReplicas ? old : { ...old, deletedAt: down },
    ),
    hpa: { desired: steps([0, maxReplicas - 1], [down, minReplicas]) },
    adapter: HEALTHY_ADAPTER,
  };
}

/** A new server for each old one, one after another; with room for one more, the new one is there first. */
export function rollout(stage: Stage, replicas: number, takes: Seconds): World {
  const begin = 600;
  return {
    ...stage,
    servers: Array.from({ length: replicas }, (_, index) => {
      const asked = begin + index * takes;
      const deletedAt = stage.surge ? asked + takes : asked;
      return [server(`old-${index}`, { deletedAt }), coldServer(`new-${index}`, asked, { revision: 2 }, takes)];
    }).flat(),
    hpa: { desired: always(replicas) },
    adapter: HEALTHY_ADAPTER,
  };
}

/** A server is deleted, and its successor is asked for at once. */
export function replaced(stage: Stage, replicas: number, takes: Seconds): World {
  const lost = 600;
  const [first, ...others] = servers(replicas);
  return {
    ...steady(stage, replicas),
    servers: [{ ...(first ?? server("old")), deletedAt: lost }, coldServer("new", lost, {}, takes), ...others],
  };
}

/** The server's process dies and its container starts again in the same pod: its counters begin anew. */
export function crashed(stage: Stage): World {
  const at = 600;
  const before = server("same", { deletedAt: at });
  return { ...steady(stage, 1), servers: [before, coldServer("same", at, { startedAt: at }, 240)] };
}

/** Nobody asks anything. */
export function night(stage: Stage, replicas: number): World {
  return { ...steady(stage, replicas), servers: servers(replicas, { load: always(IDLE) }) };
}

/** Load grows by the work of one server each time, until all but one of the maximum serve. */
export function growth(stage: Stage, every: Seconds): World {
  const asked = Array.from({ length: stage.maxReplicas - 2 }, (_, index) => 600 + index * every);
  return {
    ...steady(stage),
    servers: [server("old"), ...asked.map((at, index) => coldServer(`new-${index}`, at))],
    hpa: { desired: steps([0, 1], ...asked.map((at, index) => [at, index + 2] as const)) },
  };
}
