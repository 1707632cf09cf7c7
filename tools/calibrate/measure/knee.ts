import { OBJECTIVE } from "../../simulate/contend";
import type { Load, StageFigures } from "../contract";
import { notRising } from "./statistics";

/**
 * The highest load at which the SLO is met.
 *
 * - `none`: it is met under no load; `above` is the lightest.
 * - `found`: it lies between two loads. `limit` says what ends it: the SLO, or answers with HTTP 429.
 * - `beyond`: it is met under all loads; the knee lies at `at` or above.
 */
export type Knee =
  | { readonly kind: "none"; readonly above: StageFigures; readonly limit: Limit }
  | {
      readonly kind: "found";
      readonly at: StageFigures;
      readonly above: StageFigures;
      readonly limit: Limit;
      /** Whether the intervals of both sides leave no doubt on which side of the objective they are. */
      readonly isClear: boolean;
    }
  | { readonly kind: "beyond"; readonly at: StageFigures };

export type Limit = "slo" | "refusals";

/** Closed loads, then open ones, the lightest of each first. */
export function byLoad({ load: a }: Pick<StageFigures, "load">, { load: b }: Pick<StageFigures, "load">): number {
  if (a.kind !== b.kind) return a.kind === "closed" ? -1 : 1;
  return sizeOf(a) - sizeOf(b);
}

/** Clients, or requests a second. */
export function sizeOf(load: Load): number {
  switch (load.kind) {
    case "closed":
      return load.concurrency;
    case "open":
      return load.requestsPerSecond;
  }
}

/** Whether the server refused somebody with HTTP 429. */
export function hasRefused({ results }: StageFigures): boolean {
  return results.overloaded > 0;
}

/**
 * Finds the knee of one kind of load. More load does not do better: where it seems to, the stages are taken together
 * (isotonic regression, by their requests). A load under which the server refuses requests is past the knee.
 *
 * @param stages in any order. Those without a judged request say nothing.
 * @returns undefined without a stage of that kind.
 */
export function findKnee(stages: readonly StageFigures[], kind: Load["kind"]): Knee | undefined {
  const rising = stages
    .filter(({ load, attainment }) => load.kind === kind && Number.isFinite(attainment.mean))
    .toSorted(byLoad);
  const attained = notRising(
    rising.map(({ attainment }) => attainment.mean),
    rising.map(({ requests, results }) => Math.max(1, requests - results.rejected)),
  );
  const end = rising.findIndex((stage, index) => hasRefused(stage) || (attained[index] ?? 0) < OBJECTIVE);
  const [above, at] = [rising[end], end === -1 ? rising.at(-1) : rising[end - 1]];
  if (above === undefined) return at === undefined ? undefined : { kind: "beyond", at };
  const limit = hasRefused(above) ? "refusals" : "slo";
  if (at === undefined) return { kind: "none", above, limit };
  const isClear = at.attainment.low >= OBJECTIVE && (limit === "refusals" || above.attainment.high < OBJECTIVE);
  return { kind: "found", at, above, limit, isClear };
}
