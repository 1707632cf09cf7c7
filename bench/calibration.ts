import type { StepTimes } from "../autoscaling/roofline";
import { playedServer } from "../standins/tgi/played";
import { virtualStandIn } from "../test/support/virtualStandIn";
import { measure } from "../tools/calibrate/campaign";
import { evaluate } from "../tools/calibrate/evaluate";
import { lengthsOf } from "../tools/calibrate/lengthsOf";
import { samplesOf } from "../tools/simulate/rounds";
import { scenarioOf } from "../tools/simulate/scenario";
import { roundsOf } from "../tools/simulate/start";
import { profileTraffic } from "../tools/simulate/traffic/profiles";
import { split } from "../tools/simulate/traffic/split";
import { TRAINING, TUNING_SAMPLES, tryOut, tune } from "../tools/simulate/tune";
import { DEFAULT_SLO } from "../tools/simulate/world/figures";
import { devStack } from "./stack";

const SEED = 1;
const STRATEGY = "batch-size";
/** The command's own. */
const LADDER = { stepSeconds: 30, repetitions: 3, maxConcurrency: 345, seed: SEED };

/** What a calibration of the stand-in comes to. */
export interface CalibrationFigures {
  /** Of the five constants, the relative error of the one that was fitted worst. */
  readonly worstError: number;
  readonly worstConstant: string;
  readonly target: number;
  /** On traffic that nothing was chosen on, with the step times that the stand-in really has. */
  readonly attained: number;
  readonly gpuHours: number;
  /** Of the best setting that can be found for the strategy when the step times are known. */
  readonly tunedAttained: number;
  readonly tunedGpuHours: number;
  /** Seconds of the stand-in's time. */
  readonly measuredSeconds: number;
}

/**
 * Calibrates the stand-in in virtual time, with its jitter and overhead, and holds the target against the best setting
 * for the same traffic: what is measured is the method, and it comes out the same on every machine.
 */
async function main(): Promise<void> {
  const config = devStack({ metricStrategy: STRATEGY, maxReplicas: "12" });
  const played = playedServer(config);
  const server = virtualStandIn(played, SEED);
  const traffic = profileTraffic("conversation", {});
  const measured = await measure({
    ...{ server, ladder: LADDER, slo: DEFAULT_SLO, now: server.now, epochOffset: 0 },
    lengths: (seed) => lengthsOf(traffic, seed),
    signal: new AbortController().signal,
  });
  const measuredSeconds = server.now();
  const { report, values } = await evaluate({
    ...{ measured, info: server.info, config, slo: DEFAULT_SLO, coldStart: "streamed", dutyCycle: [], seed: SEED },
    trafficAt: async (rate) => profileTraffic("conversation", rate === undefined ? {} : { rate }),
    ...{ rate: undefined, measuredAt: new Date(0) },
  });
  if (report.fit === undefined || values === undefined) throw new Error(report.headline);

  const truth = scenarioOf(config, { traffic, slo: DEFAULT_SLO, coldStart: "streamed" });
  const { training, heldOut } = split(traffic, TRAINING);
  const seeds = Array.from({ length: samplesOf(training, TUNING_SAMPLES) }, (_, sample) => SEED + sample);
  const calibrated = tryOut(
    { strategy: STRATEGY, target: values.metricTarget, behavior: values.scaleBehavior },
    roundsOf({ ...truth, traffic: heldOut }, seeds),
  );
  const tuned = tune(truth, { strategies: [STRATEGY], seed: SEED }).heldOut;
  const figures: CalibrationFigures = {
    ...worstOf(report.fit.times, played.times),
    ...{ target: values.metricTarget, attained: calibrated.attained, gpuHours: calibrated.gpuHours },
    ...{ tunedAttained: tuned.attained, tunedGpuHours: tuned.gpuHours, measuredSeconds },
  };
  console.log(JSON.stringify(figures));
}

function worstOf(fitted: StepTimes, real: StepTimes) {
  const errors = (Object.keys(fitted) as (keyof StepTimes)[]).map((constant) => ({
    worstConstant: constant,
    worstError: Math.abs(fitted[constant] / real[constant] - 1),
  }));
  return errors.reduce((worst, each) => (each.worstError > worst.worstError ? each : worst));
}

void main();
