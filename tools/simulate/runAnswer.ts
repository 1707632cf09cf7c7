import {
  type Answer,
  type Asked,
  assumptionsOf,
  figuresOf,
  hours,
  nothingAsked,
  percent,
  seriesOf,
  subtitleOf,
  titleOf,
  tooSmall,
} from "./answer";
import { attainment, contend, OBJECTIVE } from "./contend";
import { hpaScaler, type Scenario } from "./scenario";
import { formatMetrics } from "./settings";
import { startingReplicas } from "./start";

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
  const label = formatMetrics([metric]);
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
