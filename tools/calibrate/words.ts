import type { CalibrationReport, Knee as ReportedKnee } from "../report/calibration";
import { inFlightOf, loadText, rateOf, shareText } from "../report/calibrationText";
import { OBJECTIVE } from "../simulate/contend";
import type { StageFigures } from "./contract";
import type { Knee } from "./measure/knee";
import type { TargetAdvice } from "./measure/targets";

/** With fewer requests, a share of 99 % says little. */
const FEW_REQUESTS = 100;

/** What a headline tells of, besides the knee. */
export interface Advised {
  /** For the stack's own strategy, and for the one that is proposed: the same, if its own has a target. */
  readonly own: TargetAdvice | undefined;
  readonly chosen: TargetAdvice | undefined;
  /** Requests per second that one server holds for hours, simulated with what was fitted; undefined without a fit. */
  readonly simulatedRate: number | undefined;
  /** Whether enough was measured for a target. */
  readonly isUsable: boolean;
  /** Whether not even all replicas that there may be hold the traffic. */
  readonly isTooSmall: boolean;
}

/** The answer in one sentence. */
export function headlineOf(knee: Knee | undefined, advised: Advised): string {
  const { own, chosen, isUsable, isTooSmall, simulatedRate } = advised;
  if (knee === undefined) return "No request fell into the measured times: no target. More --step-seconds may help.";
  if (knee.kind === "none") {
    return `The SLO is not met even under the lightest load, ${loadText(knee.above.load)}: no target, and nothing is written.`;
  }
  const holds = holdsText(knee, simulatedRate);
  if (!isUsable) return `${holds}, as far as was measured, which is too little for a target.`;
  if (isTooSmall) return `${holds}; simulated, all replicas that this stack may have do not hold the traffic.`;
  if (chosen?.recommended === undefined) return `${holds}; no strategy has a target, for the reasons below.`;
  if (chosen === own) return `${holds}; the target for ${own.strategy} is ${chosen.recommended}.`;
  return `${holds}; the stack's own strategy has no target, the one for ${chosen.strategy} is ${chosen.recommended}.`;
}

/**
 * Requests a second that one server holds: as measured, but of few requests all may meet the SLO under any load, and then
 * the simulation says better.
 */
export function heldRate(knee: StageFigures, simulatedRate: number | undefined): number {
  return (isFew(knee) ? simulatedRate : undefined) ?? rateOf(knee);
}

function holdsText({ at, kind }: Exclude<Knee, { kind: "none" }>, simulatedRate: number | undefined): string {
  const within = "requests a second within the SLO";
  if (isFew(at) && simulatedRate !== undefined) {
    return `One server holds ${simulatedRate} ${within}, simulated with the step times that were measured`;
  }
  const rate = `${kind === "beyond" ? "at least " : ""}${rateOf(at).toPrecision(2)} ${within}`;
  return isFew(at) ? `One server held ${rate}, measured with ${at.requests} requests` : `One server holds ${rate}`;
}

/**
 * The knee as the report has it.
 *
 * @param simulatedRate requests per second that one server holds for hours, simulated with what was fitted
 */
export function reportedKnee(knee: Knee | undefined, simulatedRate: number | undefined): CalibrationReport["knee"] {
  if (knee === undefined) return { load: undefined, why: "No request fell into the measured times." };
  if (knee.kind === "none") {
    const { above } = knee;
    return {
      load: undefined,
      why:
        knee.limit === "refusals"
          ? `The server refused requests (429) under the lightest load already, ${loadText(above.load)}.`
          : `Under the lightest load, ${loadText(above.load)}, ${shareText(above.attainment.mean)} met the SLO: it has to be ${shareText(OBJECTIVE)}.`,
    };
  }
  const { at } = knee;
  const found: Omit<ReportedKnee, "why"> = {
    load: at.load,
    requestsPerSecond: rateOf(at),
    inFlight: inFlightOf(at),
    simulatedRequestsPerSecond: simulatedRate,
  };
  return { ...found, why: whyThere(knee) };
}

function whyThere(knee: Exclude<Knee, { kind: "none" }>): string {
  const met = `${shareText(knee.at.attainment.mean)} met the SLO`;
  if (knee.kind === "beyond") return `${met}, under this load as under all others: the knee lies here or above.`;
  const { above, limit, isClear } = knee;
  const next = limit === "refusals" ? "the server refused requests" : `${shareText(above.attainment.mean)} did`;
  const doubt = isClear ? "" : " The intervals overlap: more --repetitions or --step-seconds would tell better.";
  return `${met}; under the next one, ${loadText(above.load)}, ${next}.${doubt}`;
}

/** Says so where a share of 99 % rests on a handful of requests. */
export function fewNotes(at: StageFigures | undefined): readonly string[] {
  if (at === undefined || !isFew(at)) return [];
  return [`Only ${at.requests} requests were measured at the knee: more --step-seconds or --repetitions say more.`];
}

function isFew({ requests }: StageFigures): boolean {
  return requests < FEW_REQUESTS;
}
