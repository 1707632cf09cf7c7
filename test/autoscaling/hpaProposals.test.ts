import assert from "node:assert/strict";
import { combine, type Proposal, proposeFromExternal, proposeFromPods } from "../../autoscaling/hpa/proposals";
import { podsOf } from "../support/hpa";

const TENTH = { down: 0.1, up: 0.1 };
const SMALLEST_INT32 = -2_147_483_648;
const LARGEST_INT32 = 2_147_483_647;

describe("The proposal of a Pods metric with a target of 10", () => {
  // What it is about, the pods, spec.replicas, the proposal and the average.
  const rows: readonly (readonly [string, string, number, number, number])[] = [
    ["keeps what runs inside the tolerance", "10 11", 7, 7, 10_500],
    ["keeps it at the upper end", "11 11", 7, 7, 11_000],
    ["scales up above it", "11.001 11.001", 2, 3, 11_001],
    ["keeps it at the lower end", "9 9", 7, 7, 9000],
    ["scales down below it", "8.999 8.999", 7, 2, 8999],
    ["rounds up", "30.5", 1, 4, 30_500],
    ["counts the pods, not the replicas, where all have a sample", "30", 5, 3, 30_000],
    ["cuts the average off", "11.001 11", 7, 7, 11_000],
    ["cuts it off towards zero", "-0.001 -0.002", 1, 0, -1],
    ["can be none", "0 0", 2, 0, 0],
    ["takes a missing sample for the target on the way down", "1 -", 2, 2, 1000],
    ["may keep what runs because of it", "8.5 -", 7, 7, 8500],
    ["takes a missing sample for zero on the way up", "40 -", 1, 4, 40_000],
    ["may stop at the tolerance because of it", "21 -", 2, 2, 21_000],
    ["does not turn round because of it", "15 -", 3, 3, 15_000],
    ["assumes nothing of missing samples where the rest is on the target", "10 -", 5, 5, 10_000],
    ["takes pending pods for zero on the way up", "80 pending:-", 2, 8, 80_000],
    ["does not turn round because of them", "15 pending:-", 3, 3, 15_000],
    ["does not look at pending pods on the way down", "5 pending:-", 4, 1, 5000],
    ["does not look at them on the target", "10 pending:-", 5, 5, 10_000],
    ["does not use the sample of a pending pod", "40 pending:100", 1, 4, 40_000],
    ["takes missing samples, not pending pods, for the target", "1 - pending:-", 3, 2, 1000],
    ["takes both for zero", "60.001 - pending:-", 1, 6, 60_001],
    ["cuts the assumed average off too", "33.001 pending:- pending:-", 9, 9, 33_001],
    ["ignores a deleted pod", "20 deleted:100 deleted:-", 1, 2, 20_000],
    ["ignores a failed pod", "20 failed:100 failed:-", 1, 2, 20_000],
    ["counts a pod that succeeded", "30 succeeded:10", 1, 4, 20_000],
    ["misses the sample of a pod that succeeded", "21 succeeded:-", 2, 2, 21_000],
    ["counts a pod of unknown phase", "30 unknown:10", 1, 4, 20_000],
    ["does not add replicas on the way down", "1 - - - -", 2, 2, 1000],
    ["does not take any away on the way up", "30 pending:-", 5, 5, 30_000],
    ["overflows as the controller does", "99999999999", 1, SMALLEST_INT32, 99_999_999_999_000],
  ];
  for (const [what, pods, currentReplicas, replicas, usageMilli] of rows) {
    it(`${what}: ${pods}`, () => {
      const metric = { currentReplicas, targetMilli: 10_000, tolerances: TENTH, pods: podsOf(pods) };
      assert.deepEqual(proposeFromPods(metric), { replicas, usageMilli });
    });
  }

  const failures = [
    ["without pods", "", "no metrics returned from custom metrics API"],
    ["without samples", "- pending:- failed:-", "no metrics returned from custom metrics API"],
    ["with a sample of a deleted pod only", "- deleted:5", "did not receive metrics for targeted pods"],
    ["with a sample of a pending pod only", "pending:5", "did not receive metrics for targeted pods"],
    ["with a sample of a failed pod only", "failed:5 -", "did not receive metrics for targeted pods"],
  ] as const;
  for (const [what, pods, error] of failures) {
    it(`is none ${what}`, () => {
      const metric = { currentReplicas: 2, targetMilli: 10_000, tolerances: TENTH, pods: podsOf(pods) };
      assert.ok(proposeFromPods(metric).error?.startsWith(error));
    });
  }

  it("has a tolerance for either way", () => {
    const tolerances = { down: 0, up: 0.5 };
    const replicas = (pods: string) => {
      const proposal = proposeFromPods({ currentReplicas: 7, targetMilli: 10_000, tolerances, pods: podsOf(pods) });
      return proposal.error ?? proposal.replicas;
    };
    assert.equal(replicas("15"), 7);
    assert.equal(replicas("15.001"), 2);
    assert.equal(replicas("10"), 7);
    assert.equal(replicas("9.999"), 1);
  });
});

describe("The proposal of an External metric with a target of 60", () => {
  // What it is about, the series, status.replicas, the proposal and the average in thousandths.
  const rows: readonly (readonly [string, readonly number[], number, number, number])[] = [
    ["divides the sum by the target", [100, 200], 3, 5, 100_000],
    ["rounds the average up", [0.1], 3, 1, 34],
    ["keeps what runs at the upper end of the tolerance", [660], 10, 10, 66_000],
    ["scales up above it", [660.001], 10, 12, 66_001],
    ["keeps it at the lower end", [540], 10, 10, 54_000],
    ["scales down below it", [539.999], 10, 9, 54_000],
    ["can be none", [0, 0], 2, 0, 0],
    ["counts series beyond the replicas", [60, 60, 60], 1, 3, 180_000],
    ["starts from none", [61], 0, 2, -(2 ** 63)],
    ["stays at none", [0], 0, 0, -(2 ** 63)],
    ["takes a negative sum for an overflow", [100, -101], 3, LARGEST_INT32, 2 ** 63],
    ["does so at whichever series it gets there", [-1, 100], 3, LARGEST_INT32, 2 ** 63],
    ["adds what is negative", [121, -1], 1, 2, 120_000],
    ["caps the sum", [2 ** 62, 2 ** 62], 3, LARGEST_INT32, 2 ** 63],
    ["does not take back what overflowed", [2 ** 62, -(2 ** 62)], 3, LARGEST_INT32, 2 ** 63],
    ["caps the replicas", [60 * 2 ** 31], 8, LARGEST_INT32, (60_000 * 2 ** 31) / 8],
  ];
  for (const [what, series, currentReplicas, replicas, usageMilli] of rows) {
    it(`${what}: ${series.join(", ")}`, () => {
      const seriesMilli = series.map((value) => Math.round(value * 1000));
      const metric = { currentReplicas, targetMilli: 60_000, tolerances: TENTH, seriesMilli };
      assert.deepEqual(proposeFromExternal(metric), { replicas, usageMilli });
    });
  }

  it("is none without series", () => {
    const metric = { currentReplicas: 1, targetMilli: 60_000, tolerances: TENTH, seriesMilli: [] };
    assert.deepEqual(proposeFromExternal(metric), { error: "no metrics returned from external metrics API" });
  });

  it("has a tolerance for either way", () => {
    const tolerances = { down: 0.5, up: 0 };
    const replicas = (sum: number) => {
      const metric = { currentReplicas: 2, targetMilli: 60_000, tolerances, seriesMilli: [sum] };
      const proposal = proposeFromExternal(metric);
      return proposal.error ?? proposal.replicas;
    };
    assert.equal(replicas(120_001), 3);
    assert.equal(replicas(60_000), 2);
    assert.equal(replicas(59_999), 1);
  });
});

describe("Several metrics", () => {
  const of = (replicas: number | null): Proposal => (replicas === null ? { error: "x" } : { replicas, usageMilli: 1 });
  // Proposals (null fails) for 4 replicas; the outcome (null keeps), the largest and the first that failed.
  const rows: readonly (readonly [string, readonly (number | null)[], number | null, number, number])[] = [
    ["let the largest win", [2, 6, 5], 6, 1, -1],
    ["let the first of the largest win", [6, 6], 6, 0, -1],
    ["can all want fewer", [1, 3], 3, 1, -1],
    ["scale up though one fails", [null, 6], 6, 1, 0],
    ["stay though one fails", [4, null], 4, 0, 1],
    ["do not scale down when one fails", [null, 3], null, 1, 0],
    ["do nothing when the only one fails", [null], null, -1, 0],
    ["do nothing when all fail, and the first is told", [null, null], null, -1, 0],
    ["can want none", [0], 0, 0, -1],
    ["can want none, of which the last is told", [0, 0], 0, 1, -1],
    ["never want fewer than none", [SMALLEST_INT32], 0, 0, -1],
  ];
  for (const [what, proposals, replicas, largest, failed] of rows) {
    it(`${what}: ${proposals.map((value) => value ?? "fails").join(", ")}`, () => {
      assert.deepEqual(combine(proposals.map(of), 4), { replicas, largest, failed });
    });
  }

  it("do nothing when all fail and none runs", () => {
    assert.equal(combine([of(null)], 0).replicas, null);
    assert.equal(combine([of(null), of(0)], 0).replicas, 0);
  });
});
