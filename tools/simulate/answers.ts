import {
  type Answer,
  assumptionsOf,
  duration,
  figuresOf,
  hours,
  nothingAsked,
  percent,
  seriesOf,
  tooSmall,
} from "./answer";
import { type Comparison, type Contender, compare } from "./compare";
import { attainment, contend, OBJECTIVE } from "./contend";
import { mean, type Outcome, outcomeOf } from "./rounds";
import { hpaScaler, type Scenario } from "./scenario";
import { formatSetting, settingLines } from "./stackFileSetting";
import { neverScaled, type Trial, type Tuned, type TuneOptions, tune } from "./tune";
import { startingReplicas } from "./work";
import type { RunResult } from "./world/run";

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
  const result = contend(scenario, hpaScaler(config), {
    seed,
    initialReplicas: startingReplicas(scenario, seed),
    maxReplicas: config.autoscaler.maxReplicas,
    progress: (share) => progress?.(share, "run"),
  });
  const attained = attainment(result);
  const verdict = attained >= OBJECTIVE ? "meets the SLO" : "misses the SLO";
  const headline =
    nothingAsked([result]) ??
    (attained >= OBJECTIVE ? undefined : tooSmall(scenario, [seed])) ??
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
  const { contenders, seeds, isPossible } = comparison;
  const headline =
    nothingAsked(contenders.flatMap(({ results }) => results)) ??
    (strategiesThatHold(comparison).length > 0 ? undefined : tooSmall(scenario, seeds)) ??
    cheapest(comparison);
  const several = seeds.length > 1;
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
        columns: ["", "in SLO", ...(several ? ["worst"] : []), "GPU-h", "×", "TTFT p95", "changes", "flaps"],
        rows: contenders.map((contender) => rowOf(contender, comparison)),
      },
      runs: contenders.flatMap(({ label, metric, results: [first] }) =>
        first === undefined
          ? []
          : [
              seriesOf(label, first, scenario, {
                metric,
                behavior: metric === undefined ? undefined : scenario.config.autoscaler.behavior,
              }),
            ],
      ),
      notes: [
        samplesNote(seeds),
        isPossible
          ? "× is the ratio of GPU-hours to the clairvoyant's, which meets the SLO."
          : `No number of servers meets the SLO${several ? " in every sample" : ""}: there is nothing to measure GPU-hours by.`,
      ],
    },
    json: {
      headline,
      seeds,
      contenders: contenders.map((contender) => {
        const { label, attained, gpuHours, results } = contender;
        const samples = results.map(({ series: _, ...figures }) => figures);
        return { label, attained, gpuHours, ratio: ratioOf(contender, comparison) ?? null, samples };
      }),
    },
  };
}

function rowOf(contender: Contender, comparison: Comparison): readonly string[] {
  const { label, attained, gpuHours, results } = contender;
  const meanOf = (figure: (result: RunResult) => number) => Math.round(mean(results.map(figure)));
  const asked = results.filter(({ admissible }) => admissible > 0);
  const slowest = results.map(({ ttft }) => ttft.p95).filter((p95) => !Number.isNaN(p95));
  return [
    label,
    percent(attained),
    ...(results.length > 1 ? [percent(Math.min(1, ...asked.map(attainment)))] : []),
    hours(gpuHours),
    ratioOf(contender, comparison)?.toFixed(2) ?? "–",
    seconds(slowest.length === 0 ? Number.NaN : Math.max(...slowest)),
    String(meanOf(({ changes }) => changes)),
    String(meanOf(({ flaps }) => flaps)),
  ];
}

function samplesNote(seeds: readonly number[]): string {
  const [first] = seeds;
  if (seeds.length === 1) return `One sample of the traffic (--seed ${first}), which the charts show.`;
  return `${seeds.length} samples of the traffic (--seed ${first} to ${seeds.at(-1)}): in SLO is of all their requests; worst, and TTFT p95, are those of the sample in which they were worst; the rest are means. The charts show the first.`;
}

/** GPU-hours, against the clairvoyant's; undefined where that misses the SLO itself, whatever it takes. */
function ratioOf({ gpuHours }: Outcome, { clairvoyant, isPossible }: Comparison): number | undefined {
  return isPossible ? gpuHours / clairvoyant.gpuHours : undefined;
}

/** Those that meet the SLO, the cheapest first. */
function strategiesThatHold({ contenders }: Comparison): readonly Contender[] {
  return contenders
    .filter(({ metric, attained }) => metric !== undefined && attained >= OBJECTIVE)
    .toSorted((a, b) => a.gpuHours - b.gpuHours);
}

/** The strategy to take; beside it the fixed fleet, where that takes less: whoever pays for GPUs would ask. */
export function cheapest(comparison: Comparison): string {
  const { fixedFleet } = comparison;
  const [best] = strategiesThatHold(comparison);
  if (best === undefined) {
    const fleet = fixedFleet && ` ${capital(fixedFleet.label)} meets it, for ${hours(fixedFleet.gpuHours)} GPU-hours.`;
    return `Simulated, no strategy meets the SLO with its target: --tune looks for one that does.${fleet ?? ""}`;
  }
  const ratio = ratioOf(best, comparison);
  const against = ratio === undefined ? "" : `, ${ratio.toFixed(2)} × the clairvoyant's`;
  const found = `Simulated, ${best.label} is the cheapest strategy that meets the SLO: ${hours(best.gpuHours)} GPU-hours${against}.`;
  if (fixedFleet === undefined || fixedFleet.gpuHours >= best.gpuHours) return found;
  return `${found} ${capital(fixedFleet.label)}, sized for this very traffic, is cheaper: ${hours(fixedFleet.gpuHours)} GPU-hours.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The cheapest setting that meets the SLO, and what it takes. */
export function answerTuning(scenario: Scenario, options: TuneOptions): Answer & { readonly tuned: Tuned } {
  const tuned = tune(scenario, options);
  const { best, heldOut, frontier } = tuned;
  const before = tuned.before();
  const clairvoyant = outcomeOf(tuned.plans().map(({ result }) => result));
  const clairvoyantHours = clairvoyant.gpuHours;
  const ratio = heldOut.gpuHours / clairvoyantHours;
  const meets = heldOut.attained >= OBJECTIVE;
  const isIdle = neverScaled(best);
  const headline =
    nothingAsked([...best.results, ...heldOut.results]) ??
    (best.attained >= OBJECTIVE ? undefined : tooSmall(scenario, [options.seed])) ??
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
  const clairvoyantRow = ["clairvoyant, held out", percent(clairvoyant.attained), hours(clairvoyantHours), "1.00"];
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
