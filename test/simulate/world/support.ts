import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import type { ColdStart } from "../../../catalog/coldStarts";
import type { MetricPath } from "../../../catalog/metricPath";
import type { Arrival } from "../../../tools/simulate/traffic/arrival";
import { Random } from "../../../tools/simulate/traffic/random";
import { Agenda } from "../../../tools/simulate/world/agenda";
import { Fleet, type FleetOptions, type ServerShape } from "../../../tools/simulate/world/fleet";
import type { Pod } from "../../../tools/simulate/world/pod";
import type { PoolShape } from "../../../tools/simulate/world/pool";
import type { Request } from "../../../tools/simulate/world/request";
import { type RunOptions, type RunResult, simulate } from "../../../tools/simulate/world/run";
import type { Scaler } from "../../../tools/simulate/world/scalers";
import { limits } from "../server/support";

/** A prefill takes 2 s, a step 1 s, whoever is in it: n tokens for one request alone take n + 1 seconds. */
export const SERVER: ServerShape = {
  limits: limits(),
  times: {
    source: "calibration",
    prefillBaseSeconds: 2,
    prefillPerTokenSeconds: 0,
    decodeBaseSeconds: 1,
    decodePerSequenceSeconds: 0,
    decodePerKvTokenSeconds: 0,
  },
  gpus: 1,
  warmsUp: true,
  isProbed: true,
};

export const POOL: PoolShape = {
  minNodes: 0,
  maxNodes: 10,
  replicasPerNode: 1,
  gpusPerNode: 1,
  lossesPerNodeHour: 0,
  unneededSeconds: 600,
};

/** A node in 100 s, then 90 s until the server is ready; on a node that is there, 45 to 75 s. */
export const COLD: ColdStart = {
  pendingSeconds: { least: 100, most: 100 },
  loadingSeconds: { least: 90, most: 90 },
  description: "for tests",
};

/** Every 10 s the value of the moment, seen 4 s later. */
export const PATH: MetricPath = {
  periodSeconds: 10,
  averagedSeconds: 0,
  visibleSeconds: { least: 4, most: 4 },
};

/** Random numbers that are none: these, again and again. */
export class Scripted extends Random {
  private next = 0;

  constructor(private readonly values: readonly number[]) {
    super(xoroshiro128plus(1));
  }

  override uniform(): number {
    const value = this.values[this.next % this.values.length] ?? 0;
    this.next += 1;
    return value;
  }
}

/** Wants so many servers from each moment on; looks every second. */
export class Script implements Scaler {
  readonly metrics = [];
  readonly firstAt = 0;
  readonly everySeconds = 1;

  constructor(private readonly plan: readonly (readonly [at: number, replicas: number])[]) {}

  decide(_fleet: Fleet, at: number): number {
    return this.plan.findLast(([from]) => from <= at)?.[1] ?? 1;
  }
}

/** Requests of 10 tokens in and 5 out unless said: alone, the first token after 2 s, the last after 6. */
export function requests(times: readonly number[], outputTokens = 5, inputTokens = 10): Arrival[] {
  return times.map((at) => ({ at, inputTokens, outputTokens }));
}

/** A run of 600 s with one server, where nothing else is said; every draw is 0.5. */
export function run(some: Partial<RunOptions>): RunResult {
  return simulate({
    server: SERVER,
    pool: POOL,
    coldStart: COLD,
    scaler: new Script([[0, some.initialReplicas ?? 1]]),
    maxReplicas: 10,
    initialReplicas: 1,
    arrivals: [],
    durationSeconds: 600,
    slo: { ttftSeconds: 10, tpotSeconds: 2 },
    routing: "random",
    random: new Scripted([0.5]),
    ...some,
  });
}

export interface FleetRig {
  readonly agenda: Agenda;
  readonly fleet: Fleet;
  /** What became of requests: `finished 6`, `dropped 9`. */
  readonly log: string[];
  /** Pods that began to serve, and when. */
  readonly started: [Pod, number][];
  /** The state of each pod at a moment, in the order of creation. */
  states(at: number): readonly string[];
}

/** A fleet alone; every draw is 0.5. */
export function fleetRig(some: Partial<FleetOptions> = {}): FleetRig {
  const agenda = new Agenda();
  const log: string[] = [];
  const started: [Pod, number][] = [];
  const fleet = new Fleet(agenda, {
    server: SERVER,
    pool: POOL,
    coldStart: COLD,
    metrics: 0,
    sink: {
      finished: ({ finishedAt }) => log.push(`finished ${finishedAt}`),
      dropped: (_, at) => log.push(`dropped ${at}`),
    },
    uniform: () => 0.5,
    started: (pod, at) => started.push([pod, at]),
    ...some,
  });
  const states = (at: number) => {
    agenda.run(at);
    return fleet.pods.map(({ state }) => state);
  };
  return { agenda, fleet, log, started, states };
}

/** One request for a server: see `requests`. */
export function request(at: number, outputTokens = 5): Request {
  return { at, inputTokens: 10, outputTokens, maxNewTokens: outputTokens };
}
