import { replicaRules } from "../../autoscaling/hpa/behavior";
import { newHistory } from "../../autoscaling/hpa/history";
import { normalise, recordInitialRecommendation, recordScaleEvent } from "../../autoscaling/hpa/normalise";
import { type Proposal, proposeFromExternal, proposeFromPods } from "../../autoscaling/hpa/proposals";
import type { Difference } from "./difference";
import type { CalculatorRow, NormalisationRow } from "./rows";

/** What our arithmetic does differently from a row: nothing where the list is empty. */
export function differencesOf(row: CalculatorRow | NormalisationRow): readonly Difference[] {
  return "kind" in row ? calculatorDifferences(row) : normalisationDifferences(row);
}

function calculatorDifferences(row: CalculatorRow): readonly Difference[] {
  const { out } = row;
  const proposal = propose(row);
  if (proposal.error !== undefined) {
    // The controller puts the metric's name before the cause, which alone is ours to know.
    if (out.error?.endsWith(proposal.error)) return [];
    return [{ field: "out.error", expected: out.error ?? "none", got: proposal.error }];
  }
  if (out.error !== undefined) return [{ field: "out.error", expected: out.error, got: "none" }];
  const differences = [];
  if (proposal.replicas !== out.replicas) differences.push(difference("out.replicas", out.replicas, proposal.replicas));
  // A row leaves the usage out where it hangs on the processor: average over no replica.
  if (out.usageMilli !== undefined && proposal.usageMilli !== out.usageMilli) {
    differences.push(difference("out.usageMilli", out.usageMilli, proposal.usageMilli));
  }
  return differences;
}

function propose(row: CalculatorRow): Proposal {
  const { fetchError, kind, currentReplicas, targetMilli, pods, seriesMilli } = row;
  if (fetchError !== undefined) return { error: fetchError };
  const common = { currentReplicas, targetMilli, tolerances: { down: row.tolDown, up: row.tolUp } };
  switch (kind) {
    case "pods_avg":
      return proposeFromPods({ ...common, pods });
    case "external_avg":
      return proposeFromExternal({ ...common, seriesMilli });
  }
}

/** Those of the first step that differs: what follows hangs on it. */
function normalisationDifferences({ min, max, behavior, steps }: NormalisationRow): readonly Difference[] {
  const rules = replicaRules({ minReplicas: min, maxReplicas: max, behavior: behavior ?? undefined });
  const history = newHistory();
  for (const [index, { atSec, current, raw, out, able, limited }] of steps.entries()) {
    const nowMs = atSec * 1000;
    recordInitialRecommendation(history, nowMs, current);
    const { replicas, ableToScale, scalingLimited } = normalise(history, rules, { nowMs, current, desired: raw });
    if (replicas !== out || ableToScale.reason !== able || scalingLimited.reason !== limited) {
      const step = `steps[${index}]`;
      return [
        difference(`${step}.out`, out, replicas),
        difference(`${step}.able`, able, ableToScale.reason),
        difference(`${step}.limited`, limited, scalingLimited.reason),
      ].filter(({ expected, got }) => expected !== got);
    }
    if (replicas !== current) recordScaleEvent(history, rules, nowMs, current, replicas);
  }
  return [];
}

function difference(field: string, expected: number | string, got: number | string): Difference {
  return { field, expected: String(expected), got: String(got) };
}
