import { tolerancesOf } from "../../autoscaling/hpa/behavior";
import { isGpuStrategy, type StrategyTarget, targetPerReplica } from "../../autoscaling/metricStrategy";
import { toleranceBand } from "../../autoscaling/targets";
import { NODE_UNNEEDED_SECONDS } from "../../catalog/coldStarts";
import type { RunSeries, SimulationReport } from "../report/series";
import { attainment, contend, OBJECTIVE, pooledAttainment } from "./contend";
import { formatDuration } from "./duration";
import { holds, type Outcome } from "./rounds";
import type { HpaSettings, Scenario } from "./scenario";
import type { RunResult } from "./world/run";
import { FixedScaler } from "./world/scalers";

/** What the command says, whatever it was asked. */
export interface Answer {
  /** The page, which the screen is made of too. */
  readonly report: SimulationReport;
  /** What to put into the stack file, line by line. */
  readonly stackFile?: readonly string[];
  /** Fewer words, for programs. */
  readonly json: object;
}

export interface Asked {
  readonly seed: number;
  readonly progress?: (share: number, what: string) => void;
}

/** A figure and its name. */
export type Row = readonly [name: string, value: string];

/**
 * What every report says of its scenario.
 *
 * @param done with it, for the title.
 */
export function aboutOf(
  scenario: Scenario,
  done?: string,
): Pick<SimulationReport, "title" | "subtitle" | "assumptions"> {
  const { config, traffic } = scenario;
  const { gpus, modelId } = config.server;
  const { accelerator } = config.gpuPool;
  return {
    title: `Simulated: stack ${config.stack}${done === undefined ? "" : `, ${done}`}`,
    subtitle: `${modelId} on ${gpus} × ${accelerator} a replica, ${traffic.name} at ${traffic.meanRate.toFixed(2)} requests/s for ${duration(traffic.durationSeconds)}`,
    assumptions: assumptionsOf(scenario),
  };
}

/** What a run attains, figure by figure. */
export function figuresOf(result: RunResult, { slo, config }: Scenario): readonly Row[] {
  const { admissible, refused, unserved, dropped, rejected, ttft, tpot } = result;
  const { maxReplicas } = config.autoscaler;
  const reaction = result.longestReactionSeconds;
  return [
    [
      "within the SLO",
      `${admissible === 0 ? "–" : percent(attainment(result))} of ${count(admissible)} requests (goal ${percent(OBJECTIVE)})`,
    ],
    ["time to first token", `${quantiles(ttft)} (limit ${formatDuration(slo.ttftSeconds)})`],
    ["time per output token", `${quantiles(tpot)} (limit ${formatDuration(slo.tpotSeconds)})`],
    ["refused with 429", `${count(refused)}; no server ready: ${count(unserved)}; cut off: ${count(dropped)}`],
    ["over the limits", `${count(rejected)} requests are too long: answered with 422, not counted above`],
    ["GPU-hours", hours(result.gpuHours)],
    ["replica changes", `${result.changes}, of which flaps ${result.flaps}; most replicas ${result.mostReplicas}`],
    ["time at the maximum", `${duration(result.atMaximumSeconds)} at ${maxReplicas} replicas`],
    [
      "longest reaction",
      `${reaction === undefined ? "–" : duration(reaction)} from load to a ready server; ${duration(result.longestWaitSeconds)} from wanted to ready`,
    ],
  ];
}

/** A run for the charts. */
export function seriesOf(
  label: string,
  result: RunResult,
  { config }: Scenario,
  settings: Pick<HpaSettings, "behavior"> & { readonly metric: StrategyTarget | undefined },
): RunSeries {
  const { metric, behavior } = settings;
  const { series } = result;
  if (metric === undefined) return { label, ...series };
  const target = targetPerReplica(metric, config.server.gpus);
  const { down, up } = tolerancesOf(behavior);
  const unit = isGpuStrategy(metric.strategy) ? "%" : "requests";
  return {
    label,
    ...series,
    metric: { name: metric.strategy, unit, average: series.average, target, ...toleranceBand(target, down, up) },
  };
}

/** Says that no setting helps, where the most servers that there may be do not meet the SLO either. */
export function tooSmall(scenario: Scenario, seeds: readonly number[]): string | undefined {
  const { maxReplicas } = scenario.config.autoscaler;
  const results = seeds.map((seed) =>
    contend(scenario, new FixedScaler(maxReplicas), { seed, initialReplicas: maxReplicas, maxReplicas }),
  );
  const attained = pooledAttainment(results);
  if (attained >= OBJECTIVE) return undefined;
  return `Simulated, this stack cannot hold the load: with all of maxReplicas (${maxReplicas}) ready from the start, ${percent(attained)} are served within the SLO. Raise maxReplicas, or take a faster accelerator.`;
}

/** Says that nothing can be judged, where no request came that the server takes. */
export function nothingAsked(results: readonly Pick<RunResult, "admissible" | "rejected">[]): string | undefined {
  if (results.some(({ admissible }) => admissible > 0)) return undefined;
  const rejected = results.reduce((sum, result) => sum + result.rejected, 0);
  return rejected === 0
    ? "Simulated, no request came: there is nothing to judge. A higher rate or a longer duration brings some."
    : `Simulated, there is nothing to judge: all requests (${count(rejected)}) are longer than the server's limits.`;
}

/** GPU-hours, against the clairvoyant's; undefined where that misses the SLO itself, whatever it takes. */
export function ratioTo(clairvoyant: Outcome, { gpuHours }: Outcome): number | undefined {
  return holds(clairvoyant) ? gpuHours / clairvoyant.gpuHours : undefined;
}

/** What is assumed, in the order of weight. */
export function assumptionsOf({ config, server, coldStart, traffic, routing, pool }: Scenario): readonly string[] {
  const { modelId, gpus } = config.server;
  const times =
    server.times.source === "roofline"
      ? "Step times are the roofline's [estimate]; median error 12 % against what others measured (docs/simulator-verification.md)"
      : "Step times are those of the calibration file";
  const { pendingSeconds: pending, loadingSeconds: loading } = coldStart;
  const cold = Number.isFinite(pending.most)
    ? `${pending.least + loading.least}–${pending.most + loading.most} s (${coldStart.description}) [assumption]`
    : `never (${coldStart.description})`;
  return [
    `${times}: ${modelId} on ${gpus} × ${config.gpuPool.accelerator}.`,
    `A new node's server is ready after ${cold}; an empty node goes after ${NODE_UNNEEDED_SECONDS / 60} min.`,
    `Traffic: ${traffic.name}, ${traffic.kind}, ${traffic.meanRate.toFixed(2)} requests/s for ${duration(traffic.durationSeconds)}; clients ask for no more tokens than they get, and do not try again.`,
    `Requests go to ready servers ${routing === "random" ? "at random, as kube-proxy sends them" : "by the fewest open requests"}.`,
    `Signals: sampling and delays of catalog/metricPath.ts; the HPA syncs every 15 s, with the controller's own arithmetic.`,
    ...(pool.lossesPerNodeHour > 0
      ? [`A Spot node is lost ${pool.lossesPerNodeHour} times an hour [assumption].`]
      : []),
    "Left out: network, tokenisation, prefix caching, other tenants. See docs/simulator.md.",
  ];
}

export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}

export function hours(value: number): string {
  return value.toFixed(value < 10 ? 2 : 1);
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

function quantiles({ p50, p95, p99 }: RunResult["ttft"]): string {
  const time = (value: number) =>
    Number.isNaN(value) ? "–" : value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;
  return `p50 ${time(p50)}, p95 ${time(p95)}, p99 ${time(p99)}`;
}
