import { METRIC_STRATEGIES } from "../../autoscaling/metricStrategy";
import { withGenerated } from "../docs/generated";
import { percent } from "../simulate/answer";
import { formatSetting } from "../simulate/settings";
import type { JudgedReplica, Verdict } from "./judge";

/** docs/simulator.md with its table of defaults made anew. */
export function withDefaultsTable(document: string, replicas: readonly JudgedReplica[]): string {
  return withGenerated(document, "table of defaults", "npm run defaults", defaultsTable(replicas));
}

/** How the defaults do, as Markdown. */
export function defaultsTable(replicas: readonly JudgedReplica[]): string {
  const columns = ["model", "a replica", "requests/s", "tuned", ...METRIC_STRATEGIES.map((it) => `\`${it}\``)];
  return [columns, columns.map(() => "---"), ...replicas.map(rowOf)]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function rowOf({ modelId, accelerator, gpus, judged }: JudgedReplica): readonly string[] {
  const replica = [modelId, `${gpus} × ${accelerator}`];
  if (judged === undefined) return [...replica, "no load meets the SLO", "", ...METRIC_STRATEGIES.map(() => "")];
  const { rate, tuned, defaults } = judged;
  const cells = METRIC_STRATEGIES.map((strategy) => {
    const found = defaults.find((it) => it.strategy === strategy);
    return found === undefined ? "–" : `${found.target}: ${figures(found)}`;
  });
  return [...replica, String(rate), `${formatSetting(tuned.setting)}: ${figures(tuned)}`, ...cells];
}

function figures({ attained, ratio }: Verdict): string {
  return `${percent(attained)}, ${ratio?.toFixed(2) ?? "–"}`;
}
