import {
  type Answer,
  type Asked,
  aboutOf,
  figuresOf,
  hours,
  nothingAsked,
  percent,
  seriesOf,
  tooSmall,
} from "./answer";
import { attainment, contend } from "./contend";
import { holds } from "./rounds";
import { hpaScaler, type Scenario } from "./scenario";
import { formatMetrics } from "./settings";
import { roundOf } from "./start";

/** What the stack as it is does under the traffic. */
export function answerOne(scenario: Scenario, { seed, progress }: Asked): Answer {
  const { config } = scenario;
  const [metric] = config.autoscaler.metrics;
  const { contest } = roundOf(scenario, seed);
  const result = contend(scenario, hpaScaler(config), { ...contest, progress: (share) => progress?.(share, "run") });
  const attained = attainment(result);
  const meets = holds({ attained });
  const headline =
    nothingAsked([result]) ??
    (meets ? undefined : tooSmall(scenario, [seed])) ??
    `Simulated, the stack ${meets ? "meets" : "misses"} the SLO: ${percent(attained)} of the requests within it, ${hours(result.gpuHours)} GPU-hours.`;
  const label = formatMetrics([metric]);
  const { series, ...figures } = result;
  return {
    report: {
      ...aboutOf(scenario),
      headline,
      table: { columns: ["figure", "value"], rows: figuresOf(result, scenario) },
      runs: [seriesOf(label, result, scenario, { metric, behavior: config.autoscaler.behavior })],
    },
    json: { headline, attainment: attained, ...figures, series },
  };
}
