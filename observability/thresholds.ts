import { SLOWEST_COLD_START_SECONDS } from "../catalog/gke";
import type { ObservedStack, ScaleDownPolicy } from "./observedStack";

/** When each alert fires. Durations are in seconds and multiples of 30, the interval of evaluation. */
export interface AlertThresholds {
  /** The HPA cannot read its metric, although servers run. */
  readonly cannotReadSeconds: number;
  /** The HPA wants its maximum. */
  readonly atMaximumSeconds: number;
  /** As many replicas as wanted are not ready, and none gets ready. */
  readonly notReadySeconds: number;
  /** Ready servers are not scraped. */
  readonly notScrapedSeconds: number;
  /** Clients are refused with 429. */
  readonly refusedSeconds: number;
  /** Refused requests within five minutes that are too many. */
  readonly refusedRequests: number;
  /** The adapter is down, or restarts. */
  readonly adapterSeconds: number;
  /** Restarts of adapter containers within 15 minutes that are too many. */
  readonly adapterRestarts: number;
  /** The scaling signal has no recent point, although requests come. */
  readonly signalSeconds: number;
  /** A replica's GPUs do nothing, and there are more replicas than the minimum. */
  readonly idleSeconds: number;
  /** Duty cycle, in percent, below which a GPU counts as idle. */
  readonly idlePercent: number;
}

const INTERVAL_SECONDS = 30;
/** The reading of idleness looks back this far. */
export const IDLE_WINDOW_SECONDS = 600;
/** The longest that a PromQL condition may have to hold. Source: Google's "Create alerting policies with PromQL". */
const LONGEST_SECONDS = 86_400;
/** For the metric path, the HPA's sync and the load to settle once new replicas serve. */
const SETTLE_SECONDS = 150;

/**
 * Thresholds that an ordinary cold start does not pass:
 *
 * - at the maximum for as long as new replicas need to start, the load to settle and the HPA to come down again: 15
 *   minutes with Kubernetes' own stabilisation window;
 * - not ready for longer than a replica may take to start;
 * - idle for longer than a start (a loading server computes nothing), the window of the reading, and the time in which
 *   the HPA may go from maximum to minimum.
 */
export function defaultThresholds(stack: ObservedStack): AlertThresholds {
  const { startBudgetSeconds, scaleDown } = stack;
  return {
    cannotReadSeconds: 300,
    atMaximumSeconds: evaluated(SLOWEST_COLD_START_SECONDS + SETTLE_SECONDS + scaleDown.stabilizationSeconds),
    notReadySeconds: evaluated(startBudgetSeconds),
    notScrapedSeconds: 180,
    refusedSeconds: 120,
    refusedRequests: 2,
    adapterSeconds: 300,
    adapterRestarts: 2,
    signalSeconds: 300,
    idleSeconds: Math.min(
      evaluated(startBudgetSeconds + IDLE_WINDOW_SECONDS + scaleDownSeconds(stack)),
      LONGEST_SECONDS,
    ),
    idlePercent: 5,
  };
}

/** Rounded up to a multiple of the interval of evaluation. */
function evaluated(seconds: number): number {
  return Math.ceil(seconds / INTERVAL_SECONDS) * INTERVAL_SECONDS;
}

/** How long the HPA may take from the maximum to the minimum once the load has gone. */
function scaleDownSeconds({ scaleDown, minReplicas, maxReplicas }: ObservedStack): number {
  const each = scaleDown.policies.map((policy) => policySeconds(policy, maxReplicas, minReplicas));
  const steps = each.length === 0 ? 0 : scaleDown.select === "Min" ? Math.max(...each) : Math.min(...each);
  return scaleDown.stabilizationSeconds + steps;
}

/** Pods by number: so many a period. Percent of what is left, rounded against the removal, but always at least one. */
function policySeconds({ type, value, periodSeconds }: ScaleDownPolicy, from: number, to: number): number {
  let periods = 0;
  for (let replicas = from; replicas > to; periods += 1) {
    const left = type === "Pods" ? replicas - value : Math.trunc(replicas * (1 - value / 100));
    replicas = Math.min(left, replicas - 1);
  }
  return periods * periodSeconds;
}

/**
 * Thresholds that make alerts: durations of whole evaluations, a day at most, and numbers that can be passed.
 *
 * @throws RangeError with all that are wrong.
 */
export function checked(thresholds: AlertThresholds): AlertThresholds {
  const wrong = Object.entries(thresholds).flatMap(([name, value]) => {
    if (name.endsWith("Seconds")) {
      const right = value > 0 && value <= LONGEST_SECONDS && value % INTERVAL_SECONDS === 0;
      return right
        ? []
        : [`${name} (${value}) must be a multiple of ${INTERVAL_SECONDS} from 30 to ${LONGEST_SECONDS}`];
    }
    if (name === "idlePercent") return value > 0 && value <= 100 ? [] : [`${name} (${value}) must be in (0, 100]`];
    return Number.isInteger(value) && value >= 1 ? [] : [`${name} (${value}) must be a whole number from 1`];
  });
  if (wrong.length > 0) throw new RangeError(`alert thresholds: ${wrong.join("; ")}`);
  return thresholds;
}
