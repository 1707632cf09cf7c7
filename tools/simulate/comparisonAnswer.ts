import { type Answer, type Asked, aboutOf, hours, nothingAsked, percent, ratioTo, seriesOf, tooSmall } from "./answer";
import { type Comparison, type Contender, compare } from "./compare";
import { attainment } from "./contend";
import { holds, mean } from "./rounds";
import type { Scenario } from "./scenario";
import type { RunResult } from "./world/run";

/** The stack beside what it is held against. */
export function answerComparison(scenario: Scenario, { seed, progress }: Asked): Answer {
  const comparison = compare(scenario, { seed, ...(progress === undefined ? {} : { progress }) });
  const { contenders, clairvoyant, seeds } = comparison;
  const headline =
    nothingAsked(contenders.flatMap(({ results }) => results)) ??
    (strategiesThatHold(comparison).length > 0 ? undefined : tooSmall(scenario, seeds)) ??
    cheapest(comparison);
  const several = seeds.length > 1;
  const about = aboutOf(scenario, "compared");
  return {
    report: {
      ...about,
      headline,
      assumptions: [
        ...about.assumptions,
        "The clairvoyant knows every request beforehand, orders servers a cold start before they are needed, has no maximum, and gives nodes back at once: docs/simulator.md.",
      ],
      table: {
        columns: ["", "in SLO", ...(several ? ["worst"] : []), "GPU-h", "×", "TTFT p95", "changes", "flaps"],
        rows: contenders.map((contender) => rowOf(contender, clairvoyant)),
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
        holds(clairvoyant)
          ? "× is the ratio of GPU-hours to the clairvoyant's, which meets the SLO."
          : "No number of servers meets the SLO: there is nothing to measure GPU-hours by.",
      ],
    },
    json: {
      headline,
      seeds,
      contenders: contenders.map((contender) => {
        const { label, attained, gpuHours, results } = contender;
        const samples = results.map(({ series: _, ...figures }) => figures);
        return { label, attained, gpuHours, ratio: ratioTo(clairvoyant, contender) ?? null, samples };
      }),
    },
  };
}

function rowOf(contender: Contender, clairvoyant: Contender): readonly string[] {
  const { label, attained, gpuHours, results } = contender;
  const meanOf = (figure: (result: RunResult) => number) => Math.round(mean(results.map(figure)));
  const asked = results.filter(({ admissible }) => admissible > 0);
  const slowest = results.map(({ ttft }) => ttft.p95).filter((p95) => !Number.isNaN(p95));
  return [
    label,
    percent(attained),
    ...(results.length > 1 ? [percent(Math.min(1, ...asked.map(attainment)))] : []),
    hours(gpuHours),
    ratioTo(clairvoyant, contender)?.toFixed(2) ?? "–",
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

/** Those that meet the SLO, the cheapest first. */
function strategiesThatHold({ contenders }: Comparison): readonly Contender[] {
  return contenders
    .filter((contender) => contender.metric !== undefined && holds(contender))
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
  const ratio = ratioTo(comparison.clairvoyant, best);
  const against = ratio === undefined ? "" : `, ${ratio.toFixed(2)} × the clairvoyant's`;
  const found = `Simulated, ${best.label} is the cheapest strategy that meets the SLO: ${hours(best.gpuHours)} GPU-hours${against}.`;
  if (fixedFleet === undefined || fixedFleet.gpuHours >= best.gpuHours) return found;
  return `${found} ${capital(fixedFleet.label)}, sized for this very traffic, is cheaper: ${hours(fixedFleet.gpuHours)} GPU-hours.`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function seconds(value: number): string {
  return Number.isNaN(value) ? "–" : value < 10 ? `${value.toFixed(1)} s` : `${Math.round(value)} s`;
}
