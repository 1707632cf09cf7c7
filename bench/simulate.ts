import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { METRIC_STRATEGIES } from "../autoscaling/metricStrategy";
import { parseConfig } from "../config/parse";
import { startingReplicas } from "../tools/simulate/clairvoyant";
import { targetOf } from "../tools/simulate/compare";
import { contend } from "../tools/simulate/contend";
import { hpaScaler, scenarioOf } from "../tools/simulate/scenario";
import { profileTraffic } from "../tools/simulate/traffic/profiles";

const SEED = 1;
const RATE = 5.5;

/** A day of traffic on the stack `dev` under each of the strategies; prints how many requests it has simulated. */
function main(): void {
  const { config: settings } = parse(readFileSync(join(__dirname, "..", "Pulumi.dev.yaml"), "utf8"));
  const raw = Object.entries({
    ...settings,
    "gcp:project": "bench-project",
    "gke-llm-autoscaling:huggingFaceToken": "token",
  }).map(([key, value]) => [key, String(value)]);
  const { config } = parseConfig(Object.fromEntries(raw), "dev");
  if (config === undefined) throw new Error("the stack file is refused");

  const scenario = scenarioOf(config, {
    traffic: profileTraffic("diurnal", { rate: RATE }),
    slo: { ttftSeconds: 2, tpotSeconds: 0.1 },
    coldStart: "streamed",
  });
  const { maxReplicas } = config.autoscaler;
  const initialReplicas = startingReplicas(scenario, SEED);
  let requests = 0;
  for (const strategy of METRIC_STRATEGIES) {
    const target = targetOf(config, strategy);
    if (target === undefined) throw new Error(`${strategy} has no default target`);
    const scaler = hpaScaler(config, { metrics: [{ strategy, target }] });
    const { admissible, rejected } = contend(scenario, scaler, { seed: SEED, initialReplicas, maxReplicas });
    requests += admissible + rejected;
  }
  console.log(requests);
}

main();
