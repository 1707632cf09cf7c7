import {
  type Answer,
  assumptionsOf,
  count,
  duration,
  figuresOf,
  hours,
  nothingAsked,
  percent,
  seriesOf,
  stackRun,
  tooSmall,
} from "./answer";
import { startingReplicas } from "./clairvoyant";
import { type Comparison, type Contender, compare, standing } from "./compare";
import { attainment, OBJECTIVE } from "./contend";
import type { Scenario } from "./scenario";
import { formatSetting, settingLines } from "./stackFileSetting";
import { neverScaled, type Trial, type Tuned, type TuneOptions, tune } from "./tune";

interface Asked {
  readonly seed: number;
  readonly progress?: (share: number, what: string) => void;
}

function titleOf({ config }: Scenario): string {
  return `Simulated: stack ${config.stack}`;
}

function subtitleOf({ config, traffic }: Scenario): string {
  const { gpus, modelId } = config.server;
  const { accelerator } = config.gpuPool;
  return `${modelId} on ${gpus} × ${accelerator} a replica, ${traffic.name} at ${traffic.meanRate.toFixed(2)} requests/s for ${duration(traffic.durationSeconds)}`;
}

/** What the stack as it is does under the traffic. */
export function answerOne(scenario: Scenario, { seed, progress }: Asked): Answer {
  const { config } = scenario;
  const [metric] = config.autoscaler.metrics;
  const result = stackRun(scenario, {
    seed,
    initialReplicas: startingReplicas(scenario, seed),
    progress: (share) => progress?.(share, "run"),
  });
  const attained = attainment(result);
  const verdict = attained >= OBJECTIVE ? "meets the SLO" : "misses the SLO";
  const headline =
    nothingAsked([result]) ??
    (attained >= OBJECTIVE ? undefined : tooSmall(scenario, seed)) ??
    `Simulated, the stack ${verdict}: ${percent(attained)} of the requests within it, ${hours(result.gpuHours)} GPU-hours.`;
  const label = `${metric.strategy} at ${metric.target}`;
  const { series, ...figures } = result;
  return {
    report: {
      title: titleOf(scenario),
      subtitle: subtitleOf(scenario),
      headline,
      assumptions: assumptionsOf(scenario),
      table: { columns: ["figure", "value"], rows: figuresOf(result, scenario) },
      runs: [seriesOf(label, result, scenario, { metric, behavior: config.autoscaler.behavior })],
    },
    json: { headline, attainment: attained, ...figures, series },
  };
}

/** The stack beside what it is held against. */
export function answerComparison(scenario: Scenario, { seed, progress }: Asked): Answer {
  const comparison = compare(scenario, { seed, ...(progress === undefined ? {} : { progress }) });
  const { contenders, plan } = comparison;
  const rows = contenders.map((contender) => rowOf(contender, comparison));
  const headline =
    nothingAsked(contenders.map(({ result }) => result)) ?? tooSmall(scenario, seed) ?? cheapest(comparison);
  return {
    report: {
      title: `${titleOf(scenario)}, compared`,
      subtitle: subtitleOf(scenario),
      headline,
      assumptions: [
        ...assumptionsOf(scenario),
        "The clairvoyant knows every request beforehand, orders servers a cold start before they are needed, has no maximum, and gives nodes back at once: docs/simulator.md.",
      ],
      table: {
        columns: ["", "in SLO", "GPU-h", "×", "TTFT p95", "429", "changes", "flaps"],
        rows,
      },
      runs: contenders.map(({ label, metric, result }) =>
        seriesOf(label, result, scenario, {
          metric,
          behavior: metric === undefined ? undefined : scenario.config.autoscaler.behavior,
        }),
      ),
      notes: [`× is the ratio of GPU-hours to the clairvoyant's, which ${plan.meets ? "meets" : "misses"} the SLO.`],
    },
    json: {
      headline,
      contenders: contenders.map((contender) => {
        const { series: _, ...figures } = contender.result;
        return { label: contender.label, ...standing(contender, plan), ...figures };
      }),
    },
  };
}

function rowOf(contender: Contender, { plan }: Comparison): readonly string[] {
  const { result, label } = contender;
  const { attained, ratio } = standing(contender, plan);
  return [
    label,
    percent(attained),
    hours(result.gpuHours),
    ratio.toFixed(2),
    seconds(result.ttft.p95),
    count(result.refused),
    String(result.changes),
    String(result.flaps),
  ];
}

/** The strategy to take; beside it the fixed fleet, where that takes less: whoever pays for GPUs would ask. */
export function cheapest({ contenders, fixedFleet, plan }: Comparison): string {
  const meeting = contenders.filter(({ metric, result }) => metric !== undefined && attainment(result) >= OBJECTIVE);
  const [best] = meeting.toSorted((a, b) => a.result.gpuHours - b.result.gpuHours);
  if (best === undefined) {
    const fleet =
      fixedFleet && ` ${capital(fixedFleet.label)} meets it, for ${hours(fixedFleet.result.gpuHours)} GPU-hours.`;
    return `Simulated, no strategy meets the SLO with its target: --tune looks for one that does.${fleet ?? ""}`;
  }
  const ratio = standing(best, plan).ratio.toFixed(2);
  const found = `Simulated, ${best.label} is the cheapest strategy that meets the SLO: ${hours(best.result.gpuHours)} GPU-hours, ${ratio} × the clairvoyant's.`;
  if (fixedFleet === undefined || fixedFleet.result.gpuHours >= best.result.gpuHours) return found;
  return `${found} ${capital(fixedFleet.label)}, sized for this very traffic, is cheaper: ${hours(fixedFleet.result.gpuHours)} GPU-hours.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The cheapest setting that meets the SLO, and what it takes. */
export function answerTuning(scenario: Scenario, options: TuneOptions): Answer & { readonly tuned: Tuned } {
  const tuned = tune(scenario, options);
  const { best, heldOut, frontier } = tuned;
  const [before, plans] = [tuned.before(), tuned.plans()];
  const clairvoyantHours = plans.reduce((sum, { result }) => sum + result.gpuHours, 0) / plans.length;
  const ratio = heldOut.gpuHours / clairvoyantHours;
  const meets = heldOut.attained >= OBJECTIVE;
  const isIdle = neverScaled(best);
  const headline =
    nothingAsked([...best.results, ...heldOut.results]) ??
    (best.attained >= OBJECTIVE ? undefined : tooSmall(scenario, options.seed)) ??
    (isIdle && best.attained >= OBJECTIVE
      ? `Simulated, no setting follows from this traffic: the HPA never had to scale, ${formatSetting(best.setting)} is as good as another.`
      : undefined) ??
    `Simulated, ${formatSetting(best.setting)} ${meets ? "meets" : "comes nearest to"} the SLO: ${percent(heldOut.attained)} at ${hours(heldOut.gpuHours)} GPU-hours, ${ratio.toFixed(2)} × the clairvoyant's.`;
  const row = (name: string, trial: Trial) => [
    name,
    percent(trial.attained),
    hours(trial.gpuHours),
    (trial.gpuHours / clairvoyantHours).toFixed(2),
  ];
  const clairvoyantRow = [
    "clairvoyant, held out",
    percent(Math.min(...plans.map(({ result }) => attainment(result)))),
    hours(clairvoyantHours),
    "1.00",
  ];
  const [first] = heldOut.results;
  return {
    tuned,
    ...(isIdle ? {} : { stackFile: settingLines(best.setting) }),
    report: {
      title: `${titleOf(scenario)}, tuned`,
      subtitle: subtitleOf(scenario),
      headline,
      assumptions: assumptionsOf(scenario),
      table: {
        columns: ["", "in SLO", "GPU-h", "×"],
        rows: [
          row("tuned, on what it was tuned on", best),
          row("tuned, on traffic held out", heldOut),
          row("the stack as it is, held out", before),
          clairvoyantRow,
          ...frontier.slice(-FRONTIER_ROWS).map((trial) => row(`frontier: ${formatSetting(trial.setting)}`, trial)),
        ],
      },
      runs:
        first === undefined
          ? []
          : [
              seriesOf(formatSetting(best.setting), first, scenario, {
                metric: best.setting,
                behavior: best.setting.behavior,
              }),
            ],
      notes: [
        `${tuned.tried} settings were tried. The frontier holds those that no other beats in both figures, each on the samples that it was tried on.`,
        ...(isIdle
          ? [
              "The replicas that there were at first stayed throughout, so the target was not put to the test. Try traffic that asks for more or fewer of them: another --rate, or a longer --duration.",
            ]
          : []),
      ],
    },
    json: {
      headline,
      setting: best.setting,
      meets,
      scaled: !isIdle,
      training: summary(best),
      heldOut: summary(heldOut),
      before: summary(before),
      clairvoyantGpuHours: clairvoyantHours,
      frontier: frontier.map((trial) => ({ setting: trial.setting, ...summary(trial) })),
    },
  };
}

const FRONTIER_ROWS = 8;

function summary({ attained, gpuHours, results }: Trial): object {
  return { attainment: attained, gpuHours, samples: results.length };
}

function seconds(value: number): string {
  return Number.isNaN(value) ? "–" : value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}
