import { adapterUnhealthy } from "./adapterAlert";
import type { AlertRule } from "./alertRule";
import { gpuIdle, hpaAtMaximum, hpaCannotRead, signalMissing } from "./hpaAlerts";
import type { ObservedStack } from "./observedStack";
import { clientsRefused, replicasNotReady, serverNotScraped } from "./serverAlerts";
import { type AlertThresholds, checked, defaultThresholds } from "./thresholds";

/**
 * The alerts of a stack. Each is silent during an ordinary cold start, a scale-down and a rollout.
 *
 * @param thresholds instead of those that follow from the stack.
 * @throws RangeError for a threshold that Google would refuse, or that says nothing.
 */
export function alertRules(stack: ObservedStack, thresholds: Partial<AlertThresholds> = {}): readonly AlertRule[] {
  const limits = checked({ ...defaultThresholds(stack), ...thresholds });
  // Who forbids the HPA to scale down has asked for staying at the maximum, and for idle GPUs.
  const comesDown = !stack.scaleDown.disabled;
  return [
    hpaCannotRead(stack, limits),
    ...(comesDown ? [hpaAtMaximum(stack, limits)] : []),
    replicasNotReady(stack, limits),
    serverNotScraped(stack, limits),
    clientsRefused(stack, limits),
    ...(stack.adapter ? [adapterUnhealthy(stack, limits)] : []),
    signalMissing(stack, limits),
    ...(comesDown ? [gpuIdle(stack, limits)] : []),
  ];
}
