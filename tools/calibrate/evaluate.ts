import { sum } from "d3-array";
import { type HpaBehavior, tolerancesOf } from "../../autoscaling/hpa/behavior";
import { thousandths } from "../../autoscaling/quantity";
import { rooflineStepTimes } from "../../autoscaling/roofline";
import { toleranceBand } from "../../autoscaling/targets";
import type { ColdStartName } from "../../catalog/coldStarts";
import type { StackConfig } from "../../config/stackConfig";
import type { CalibratedTarget, CalibrationReport } from "../report/calibration";
import { rateOf } from "../report/calibrationText";
import { assumptionsOf, tooSmall } from "../simulate/answer";
import { OBJECTIVE } from "../simulate/contend";
import { type Scenario, scenarioOf } from "../simulate/scenario";
import { parseCalibration } from "../simulate/server/calibration";
import { digestOf } from "../simulate/server/digest";
import { keyLines } from "../simulate/stackFileSetting";
import type { Traffic } from "../simulate/traffic/arrival";
import type { Slo } from "../simulate/world/figures";
import type { Measured } from "./campaign";
import type { Lengths, ServerInfo, StageFigures } from "./contract";
import { calibrationOf } from "./measure/calibrationFile";
import type { DutySample } from "./measure/dutyCycle";
import { FitError, type Fitted, fitStepTimes } from "./measure/fit";
import { byLoad, findKnee, type Knee } from "./measure/knee";
import { type TargetAdvice, targets, toleranceText } from "./measure/targets";
import { simulatedKnee } from "./simulatedKnee";
import { fewNotes, headlineOf, heldRate, reportedKnee } from "./words";

/** What is known when the measuring is over. */
export interface Findings {
  readonly measured: Measured;
  readonly info: ServerInfo;
  readonly config: StackConfig;
  readonly slo: Slo;
  readonly coldStart: ColdStartName;
  /** The traffic at a rate, in requests a second; at its own without one. */
  readonly trafficAt: (rate?: number) => Promise<Traffic>;
  /** The rate that was asked for. */
  readonly rate: number | undefined;
  readonly dutyCycle: readonly DutySample[];
  readonly seed: number;
  readonly measuredAt: Date;
  readonly progress?: (share: number, what: string) => void;
}

/** What a calibration ends with. */
export interface Evaluation {
  readonly report: CalibrationReport;
  /** Undefined where too little was measured, or the SLO is met under no load. */
  readonly calibration: { readonly text: string; readonly digest: string } | undefined;
  /** Values of the stack file's keys; undefined where the stack's own strategy has no target that holds. */
  readonly values: CalibratedValues | undefined;
  /** Requests a second of the traffic that targets were tried on; undefined where it is the traffic's own. */
  readonly rate: number | undefined;
}

/** Values of keys of the stack file. */
export interface CalibratedValues {
  readonly metricTarget: number;
  readonly calibration: string;
  /** With which the target holds, where the stack had none of its own. */
  readonly scaleBehavior?: HpaBehavior;
}

/** Of the servers that there may be, how many the simulated traffic needs where it would else need more. */
const FLEET_SHARE = 0.5;
/** With fewer served requests nothing follows from them. */
const FEWEST_SERVED = 5;

/** Makes of what was measured: the knee, the fit, a target for each strategy, and a report of it all. */
export async function evaluate(findings: Findings): Promise<Evaluation> {
  const { measured, config, info, slo, dutyCycle } = findings;
  const stages = measured.figures(dutyCycle).toSorted(byLoad);
  const { fitted, why } = fitOf(measured);
  const knee = kneeOf(stages);
  const at = knee === undefined || knee.kind === "none" ? undefined : knee.at;
  // What was not finished must not replace what was.
  const isUsable = measured.partialBecause === undefined && at !== undefined && at.results.served >= FEWEST_SERVED;
  const calibration = !isUsable || fitted === undefined ? undefined : calibrationFile(findings, fitted);
  const simulated =
    calibration === undefined || at === undefined ? undefined : await simulatedWith(findings, calibration.text, at);
  const advice =
    simulated === undefined || at === undefined
      ? []
      : targets({
          ...{ stages, knee: at, scenario: simulated.scenario, seed: findings.seed },
          ...(findings.progress === undefined ? {} : { progress: findings.progress }),
        });
  const [{ strategy }] = config.autoscaler.metrics;
  const own = advice.find((it) => it.strategy === strategy);
  const chosen = own?.recommended === undefined ? cheapestOf(advice) : own;
  const values = valuesOf(own, calibration);
  const small =
    simulated && chosen?.recommended === undefined ? tooSmall(simulated.scenario, [findings.seed]) : undefined;
  const { model } = config.server;
  const report: CalibrationReport = {
    origin: info.isStandIn ? "stand-in" : "measured",
    title: `Calibration of stack ${config.stack}`,
    subtitle: subtitleOf(findings, stages),
    headline: headlineOf(knee, {
      own,
      chosen,
      isUsable,
      isTooSmall: small !== undefined,
      simulatedRate: simulated?.rate,
    }),
    partialBecause: measured.partialBecause,
    slo,
    attainmentGoal: OBJECTIVE,
    stages,
    knee: reportedKnee(knee, simulated?.rate),
    targets: advice.map((it) => calibratedTarget(it, config)),
    targetsNote: advice.length === 0 ? undefined : toleranceText(config),
    fit: fitted,
    roofline: model && rooflineStepTimes({ model, accelerator: config.gpuPool.accelerator, gpus: config.server.gpus }),
    checks: measured.disagreements,
    assumptions: [
      "The server was alone with this load: one replica, and nobody else's requests.",
      "Answers are as long as they were asked for; prompts are random words, so that no prefix cache helps.",
      ...(simulated === undefined
        ? []
        : ["Targets are simulated, with the fitted step times:", ...assumptionsOf(simulated.scenario)]),
    ],
    notes: [
      ...why,
      ...(small === undefined ? [] : [small]),
      ...(fitted?.reasons ?? []),
      ...limitNotes(findings),
      ...fewNotes(at),
    ],
    stackFile: values === undefined ? linesFor(chosen, calibration) : keyLines({ ...values }),
  };
  return { report, calibration, values, rate: simulated?.playedRate };
}

/** Another strategy than the stack's own has to be named. */
function linesFor(chosen: TargetAdvice | undefined, calibration: Evaluation["calibration"]): readonly string[] {
  const values = valuesOf(chosen, calibration);
  return values === undefined ? [] : keyLines({ metricStrategy: chosen?.strategy, ...values });
}

function valuesOf(advice: TargetAdvice | undefined, calibration: Evaluation["calibration"]) {
  if (advice?.recommended === undefined || calibration === undefined) return undefined;
  const { recommended: metricTarget, behavior: scaleBehavior } = advice;
  return { metricTarget, calibration: calibration.digest, ...(scaleBehavior === undefined ? {} : { scaleBehavior }) };
}

function fitOf({ observations }: Measured): { fitted: Fitted | undefined; why: readonly string[] } {
  try {
    return { fitted: fitStepTimes(observations), why: [] };
  } catch (error) {
    if (!(error instanceof FitError)) throw error;
    return { fitted: undefined, why: [`Step times could not be fitted: ${error.message}.`] };
  }
}

/** An open load is what users are like; where none was measured, a closed one has to do. */
function kneeOf(stages: readonly StageFigures[]): Knee | undefined {
  return findKnee(stages, "open") ?? findKnee(stages, "closed");
}

function calibrationFile({ config, info, measuredAt, measured }: Findings, fitted: Fitted) {
  const text = calibrationOf({
    fit: { times: fitted.times, maxBatchTotalTokens: kvTokens(fitted, measured, config) },
    ...{ model: config.server.modelId, measuredAt },
    accelerator: config.gpuPool.accelerator,
    gpus: config.server.gpus,
    notes: info.isStandIn ? "Measured on the stand-in: its step times are simulated, no GPU ran." : undefined,
  });
  return { text, digest: digestOf(text) };
}

/**
 * Of what was seen of the KV cache, all of it a lower bound, the best: where requests waited for it, what was reserved;
 * for a model that has no estimate, the most that ever was. A server has room for at least one full request.
 */
function kvTokens({ maxBatchTotalTokens }: Fitted, { observations }: Measured, { server }: StackConfig) {
  const seen = maxBatchTotalTokens ?? (server.model === undefined ? observations.largestKvTokens : undefined);
  return seen && Math.max(seen, server.limits.maxTotalTokens);
}

interface Simulated {
  /** The stack under its traffic, with what was fitted; at a rate that leaves the HPA room to act. */
  readonly scenario: Scenario;
  /** Requests per second that one server holds when simulated; undefined where that is none, or any. */
  readonly rate: number | undefined;
  /** Requests a second that the traffic was brought to; undefined where it is its own. */
  readonly playedRate: number | undefined;
}

async function simulatedWith(findings: Findings, calibrationText: string, knee: StageFigures): Promise<Simulated> {
  const { config, slo, coldStart, trafficAt, rate: asked, seed } = findings;
  const file = "the calibration";
  const own = scenarioOf(config, {
    ...{ traffic: await trafficAt(asked), slo, coldStart },
    calibration: { file, calibration: parseCalibration(calibrationText, file) },
  });
  const rate = simulatedKnee(own, rateOf(knee), seed);
  const held = FLEET_SHARE * config.autoscaler.maxReplicas * heldRate(knee, rate);
  if (asked !== undefined || own.traffic.meanRate <= held || !(held > 0))
    return { scenario: own, rate, playedRate: asked };
  const playedRate = Number(held.toPrecision(2));
  return { scenario: { ...own, traffic: await trafficAt(playedRate) }, rate, playedRate };
}

/** The strategy that holds for the fewest GPU-hours. */
function cheapestOf(advice: readonly TargetAdvice[]): TargetAdvice | undefined {
  return advice
    .filter(({ recommended }) => recommended !== undefined)
    .toSorted((a, b) => (a.simulated?.gpuHours ?? 0) - (b.simulated?.gpuHours ?? 0))[0];
}

function subtitleOf({ config, info, slo }: Findings, stages: readonly StageFigures[]): string {
  const { server, gpuPool } = config;
  const served = stages.filter(({ results }) => results.served > 0);
  const meanOf = (key: keyof Lengths) =>
    Math.round(
      sum(served, ({ planned, results }) => planned[key] * results.served) /
        sum(served, ({ results }) => results.served),
    );
  const lengths =
    served.length === 0
      ? ""
      : `, prompts of ${meanOf("inputTokens")} and answers of ${meanOf("outputTokens")} tokens on average`;
  const version = info.version === undefined ? info.api : `TGI ${info.version}`;
  return `${server.modelId} on ${server.gpus} × ${gpuPool.accelerator}, ${version}${lengths}; SLO: first token within ${slo.ttftSeconds} s, later ones ${Math.round(slo.tpotSeconds * 1000)} ms each`;
}

function calibratedTarget(advice: TargetAdvice, { autoscaler }: StackConfig): CalibratedTarget {
  const { strategy, unit, atKnee = Number.NaN, ceiling = Number.NaN, recommended, sentence } = advice;
  const { down, up } = tolerancesOf(autoscaler.behavior);
  const band = recommended === undefined ? undefined : toleranceBand(recommended, down, up);
  return {
    ...{ strategy, atKnee, ceiling },
    isOwn: autoscaler.metrics[0].strategy === strategy,
    unit: unit === "requests" ? "requests" : "%",
    target: recommended ?? Number.NaN,
    low: band === undefined ? Number.NaN : thousandths(band.low),
    high: band === undefined ? Number.NaN : thousandths(band.high),
    sentence,
  };
}

/** A server that is not configured as the stack has it gives another target than the stack's. */
function limitNotes({ info, config }: Findings): readonly string[] {
  const { limits, maxConcurrentRequests } = config.server;
  const pairs = [
    ["maxInputTokens", info.maxInputTokens, limits.maxInputTokens],
    ["maxTotalTokens", info.maxTotalTokens, limits.maxTotalTokens],
    ["maxConcurrentRequests", info.maxConcurrentRequests, maxConcurrentRequests],
  ] as const;
  return pairs.flatMap(([key, has, wanted]) =>
    has === undefined || has === wanted ? [] : [`The server has ${key} ${has}, and the stack ${wanted}.`],
  );
}
