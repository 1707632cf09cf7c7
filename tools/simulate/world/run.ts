import type { ColdStart } from "../../../catalog/coldStarts";
import { HPA_DEFAULTS } from "../../../catalog/gke";
import { validate } from "../server/limits";
import type { Arrival } from "../traffic/arrival";
import type { Random } from "../traffic/random";
import { Agenda } from "./agenda";
import { Figures, type RequestFigures, type Slo } from "./figures";
import { Fleet, type ServerShape } from "./fleet";
import type { Pod } from "./pod";
import type { PoolShape } from "./pool";
import { Sampler } from "./sampler";
import type { Scaler } from "./scalers";
import { type ScalingFigures, ScalingLog, type ScalingSeries } from "./scalingLog";

/** A run of a fleet under traffic. */
export interface RunOptions {
  readonly server: ServerShape;
  readonly pool: PoolShape;
  readonly coldStart: ColdStart;
  readonly scaler: Scaler;
  /** Most servers that the scaler may want. */
  readonly maxReplicas: number;
  /** Servers that have been up for long when the run begins. */
  readonly initialReplicas: number;
  readonly arrivals: Iterable<Arrival>;
  readonly durationSeconds: number;
  readonly slo: Slo;
  /** To a server at random, as kube-proxy does, or to the one with the fewest requests. */
  readonly routing: "random" | "least-loaded";
  /** For delays and places: not the traffic's. */
  readonly random: Random;
  /** Hears of the simulated time that has passed, now and then. */
  readonly progress?: (seconds: number) => void;
}

export interface RunResult extends RequestFigures, ScalingFigures {
  readonly series: ScalingSeries;
}

const INTERVAL_SECONDS = HPA_DEFAULTS.syncPeriodSeconds;

/** Simulates a run. Everything that is drawn comes from `random`: the same options give the same result. */
export function simulate(options: RunOptions): RunResult {
  const { server, scaler, slo, durationSeconds, random, routing } = options;
  const uniform = () => random.uniform();
  const agenda = new Agenda();
  const figures = new Figures(slo, INTERVAL_SECONDS);
  const sampler = new Sampler(agenda, scaler.metrics, server, uniform);
  const fleet = new Fleet(agenda, {
    ...options,
    metrics: scaler.metrics.length,
    sink: figures,
    uniform,
    started: (pod, at) => sampler.watch(pod, at),
  });
  fleet.standBy(options.initialReplicas);
  const log = new ScalingLog(options, fleet, sampler);

  const decide = (at: number) => {
    const wanted = scaler.decide(fleet, at);
    if (wanted !== fleet.replicas) fleet.scaleTo(wanted, at);
    agenda.add(at + scaler.everySeconds, decide);
  };
  agenda.add(scaler.firstAt ?? scaler.everySeconds * uniform(), decide);
  const observe = (at: number) => {
    log.observe(at);
    options.progress?.(at);
    if (at + INTERVAL_SECONDS <= durationSeconds) agenda.add(at + INTERVAL_SECONDS, observe);
  };
  agenda.add(INTERVAL_SECONDS, observe);

  for (const { at, inputTokens, outputTokens } of options.arrivals) {
    agenda.run(at);
    log.arrived();
    if (validate(server.limits, inputTokens, outputTokens) !== undefined) {
      figures.rejected += 1;
      continue;
    }
    figures.admissible += 1;
    // A client asks for as many tokens as it gets: what it reserves beyond is not known of any published trace.
    const request = { at, inputTokens, outputTokens, maxNewTokens: outputTokens };
    const pod = routing === "random" ? anyOf(fleet.ready, uniform) : leastLoaded(fleet.ready, at);
    const offered = pod?.replica?.offer(request, at);
    if (offered === "overloaded") figures.overloaded(request);
    else if (offered !== "accepted") figures.noServer(request);
  }
  agenda.run(durationSeconds);
  const scaling = log.summary(durationSeconds);
  // What was accepted by the end is answered after it.
  for (const { replica } of fleet.pods) replica?.advance(Number.MAX_VALUE);
  return { ...figures.summary(), ...scaling, series: log.series(figures.misses) };
}

function anyOf(ready: readonly Pod[], uniform: () => number): Pod | undefined {
  return ready.length <= 1 ? ready[0] : ready[Math.floor(uniform() * ready.length)];
}

function leastLoaded(ready: readonly Pod[], at: number): Pod | undefined {
  let best: Pod | undefined;
  let fewest = Number.POSITIVE_INFINITY;
  for (const pod of ready) {
    pod.replica?.advance(at);
    const open = pod.replica?.openRequests ?? 0;
    if (open < fewest) {
      fewest = open;
      best = pod;
    }
  }
  return best;
}
