import { type Answer, aboutOf, hours, nothingAsked, percent, ratioTo, seriesOf, tooSmall } from "./answer";
import { holds, type Outcome } from "./rounds";
import type { Scenario } from "./scenario";
import { formatSetting } from "./settings";
import { settingLines } from "./stackFileSetting";
import { neverScaled, type Trial, type Tuned, type TuneOptions, tune } from "./tune";

/** The cheapest setting that meets the SLO, and what it takes. */
export function answerTuning(scenario: Scenario, options: TuneOptions): Answer & { readonly tuned: Tuned } {
  const tuned = tune(scenario, options);
  const { best, heldOut, frontier } = tuned;
  const before = tuned.before();
  const clairvoyant = tuned.plan();
  const ratio = ratioTo(clairvoyant, heldOut);
  const meets = holds(heldOut);
  const isIdle = neverScaled(best);
  const headline =
    nothingAsked([...best.results, ...heldOut.results]) ??
    (holds(best) ? undefined : tooSmall(scenario, [options.seed])) ??
    (isIdle && holds(best)
      ? `Simulated, no setting follows from this traffic: the HPA never had to scale, ${formatSetting(best.setting)} is as good as another.`
      : undefined) ??
    `Simulated, ${formatSetting(best.setting)} ${meets ? "meets" : "comes nearest to"} the SLO: ${percent(heldOut.attained)} at ${hours(heldOut.gpuHours)} GPU-hours${ratio === undefined ? "" : `, ${ratio.toFixed(2)} × the clairvoyant's`}.`;
  const row = (name: string, trial: Outcome) => [
    name,
    percent(trial.attained),
    hours(trial.gpuHours),
    ratioTo(clairvoyant, trial)?.toFixed(2) ?? "–",
  ];
  const [first] = heldOut.results;
  return {
    tuned,
    ...(isIdle ? {} : { stackFile: settingLines(best.setting) }),
    report: {
      ...aboutOf(scenario, "tuned"),
      headline,
      table: {
        columns: ["", "in SLO", "GPU-h", "×"],
        rows: [
          row("tuned, on what it was tuned on", best),
          row("tuned, on traffic held out", heldOut),
          row("the stack as it is, held out", before),
          row("clairvoyant, held out", clairvoyant),
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
      clairvoyantGpuHours: holds(clairvoyant) ? clairvoyant.gpuHours : null,
      frontier: frontier.map((trial) => ({ setting: trial.setting, ...summary(trial) })),
    },
  };
}

const FRONTIER_ROWS = 8;

function summary({ attained, gpuHours, results }: Trial): object {
  return { attainment: attained, gpuHours, samples: results.length };
}
