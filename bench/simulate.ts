import { METRIC_STRATEGIES } from "../autoscaling/metricStrategy";
import { targetOf } from "../tools/simulate/compare";
import { contend } from "../tools/simulate/contend";
import { hpaScaler, scenarioOf } from "../tools/simulate/scenario";
import { roundOf } from "../tools/simulate/start";
import { profileTraffic } from "../tools/simulate/traffic/profiles";
import { devStack } from "./stack";

const SEED = 1;
const RATE = 5.5;

/** A day of traffic on the stack `dev` under each of the strategies; prints how many requests it has simulated. */
function main(): void {
  const config = devStack();
  const scenario = scenarioOf(config, {
    traffic: profileTraffic("diurnal", { rate: RATE }),
    slo: { ttftSeconds: 2, tpotSeconds: 0.1 },
    coldStart: "streamed",
  });
  const { contest } = roundOf(scenario, SEED);
  let requests = 0;
  for (const strategy of METRIC_STRATEGIES) {
    const target = targetOf(config, strategy);
    if (target === undefined) throw new Error(`${strategy} has no default target`);
    const scaler = hpaScaler(config, { metrics: [{ strategy, target }] });
    const { admissible, rejected } = contend(scenario, scaler, contest);
    requests += admissible + rejected;
  }
  console.log(requests);
}

main();
