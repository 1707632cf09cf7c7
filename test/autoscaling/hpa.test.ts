import assert from "node:assert/strict";
import { externalMetric, player, pods, podsMetric, QUEUE_HPA } from "../support/hpa";

describe("A sync of the HPA controller", () => {
  it("scales up, and its status tells how it came to it", () => {
    const { hpa, sync } = player(QUEUE_HPA);
    assert.equal(sync(2, [pods("15 16")]), 4);
    assert.deepEqual(hpa.status, {
      currentReplicas: 2,
      desiredReplicas: 4,
      lastScaleMs: 0,
      averagesMilli: [15_500],
      conditions: {
        AbleToScale: {
          status: "True",
          reason: "SucceededRescale",
          message: "the HPA controller was able to update the target scale to 4",
        },
        ScalingActive: {
          status: "True",
          reason: "ValidMetricFound",
          message: "the HPA was able to successfully calculate a replica count from pods metric queue",
        },
        ScalingLimited: {
          status: "False",
          reason: "DesiredWithinRange",
          message: "the desired count is within the acceptable range",
        },
      },
    });
  });

  it("has not happened to a new HPA", () => {
    const { hpa } = player(QUEUE_HPA);
    const { conditions, ...status } = hpa.status;
    assert.deepEqual(status, { currentReplicas: 0, desiredReplicas: 0, lastScaleMs: undefined, averagesMilli: [] });
    assert.deepEqual(Object.keys(conditions), ["AbleToScale"]);
    assert.equal(conditions.AbleToScale.reason, "SucceededGetScale");
  });

  it("does nothing on the target", () => {
    const { hpa, sync } = player(QUEUE_HPA);
    assert.equal(sync(2, [pods("10 10")]), 2);
    assert.equal(hpa.status.lastScaleMs, undefined);
    assert.equal(hpa.status.desiredReplicas, 2);
    assert.deepEqual(hpa.status.conditions.AbleToScale, {
      status: "True",
      reason: "ReadyForNewScale",
      message: "recommended size matches current size",
    });
  });

  it("remembers when it scaled last", () => {
    const { hpa, sync } = player(QUEUE_HPA);
    sync(1, [pods("10")]);
    sync(1, [pods("20")]);
    sync(2, [pods("10 10")]);
    assert.equal(hpa.status.lastScaleMs, 15_000);
  });

  it("takes what runs at first for its first proposal", () => {
    const { sync, reasons } = player(QUEUE_HPA);
    assert.equal(sync(3, [pods("0 0 0")]), 3);
    assert.deepEqual(reasons(), ["ScaleDownStabilized", "ValidMetricFound", "DesiredWithinRange"]);
  });

  it("leaves a target alone that somebody scaled to zero", () => {
    const { hpa, sync, reasons } = player(QUEUE_HPA);
    sync(2, [pods("20 20")]);
    assert.equal(sync(0, [pods("")]), 0);
    assert.deepEqual(reasons(), ["SucceededGetScale", "ScalingDisabled", "DesiredWithinRange"]);
    assert.deepEqual(hpa.status.conditions.AbleToScale, {
      status: "True",
      reason: "SucceededGetScale",
      message: "the HPA controller was able to get the target's current scale",
    });
    assert.deepEqual(hpa.status.conditions.ScalingActive, {
      status: "False",
      reason: "ScalingDisabled",
      message: "scaling is disabled since the replica count of the target is zero",
    });
    assert.equal(hpa.status.desiredReplicas, 0);
    assert.deepEqual(hpa.status.averagesMilli, []);
  });

  it("starts from zero where that is the minimum", () => {
    const { sync } = player({ ...QUEUE_HPA, minReplicas: 0, metrics: [externalMetric("jobs", "5")] });
    assert.equal(sync(0, [{ seriesMilli: [11_000] }]), 3);
  });

  it("returns at once to the bounds, whatever the metrics", () => {
    const { sync, reasons } = player({ ...QUEUE_HPA, minReplicas: 2 });
    assert.equal(sync(9, [{ error: "down" }]), 8);
    assert.deepEqual(reasons(), ["SucceededRescale", undefined, undefined]);
    assert.equal(sync(1, [{ error: "down" }]), 2);
    assert.equal(sync(8, [pods("100 100 100 100 100 100 100 100")]), 8);
  });

  it("has a minimum of one where none is given", () => {
    const { sync } = player({
      maxReplicas: 5,
      metrics: QUEUE_HPA.metrics,
      behavior: { scaleDown: { stabilizationWindowSeconds: 0 } },
    });
    assert.equal(sync(3, [pods("0 0 0")]), 1);
    assert.equal(sync(0, [pods("")]), 0);
  });

  it("counts returning to the bounds for the policies", () => {
    const behavior = {
      scaleDown: { stabilizationWindowSeconds: 0, policies: [{ type: "Pods", value: 3, periodSeconds: 600 }] },
    } as const;
    const { sync, reasons } = player({ ...QUEUE_HPA, behavior });
    assert.equal(sync(10, [pods("")]), 8);
    assert.equal(sync(8, [pods("0 0 0 0 0 0 0 0")]), 7);
    assert.deepEqual(reasons(), ["SucceededRescale", "ValidMetricFound", "ScaleDownLimit"]);
  });

  it("counts pods by what is specified for Pods metrics, by what exists for External ones", () => {
    const metrics = [podsMetric("queue", "10")];
    assert.equal(player({ ...QUEUE_HPA, metrics }).sync(4, [pods("10 10")], 2), 4);
    const external = { ...QUEUE_HPA, metrics: [externalMetric("duty", "10")] };
    assert.equal(player(external).sync(4, [{ seriesMilli: [60_000] }], 6), 6);
    assert.equal(player(external).sync(4, [{ seriesMilli: [60_000] }], 1), 6);
  });

  it("uses the tolerances of the behavior", () => {
    const behavior = { scaleUp: { tolerance: "0" }, scaleDown: { tolerance: "500m", stabilizationWindowSeconds: 0 } };
    const { sync } = player({ ...QUEUE_HPA, behavior });
    assert.equal(sync(2, [pods("10.001 10.001")]), 3);
    assert.equal(sync(3, [pods("5 5 5")]), 3);
    assert.equal(sync(3, [pods("4.999 4.999 4.999")]), 2);
  });

  it("uses the flags of the controller", () => {
    const { sync } = player(QUEUE_HPA, { flags: { tolerance: 0.5, scaleDownStabilizationSeconds: 20 } });
    assert.equal(sync(2, [pods("15 15")]), 2);
    assert.equal(sync(2, [pods("1 1")]), 2);
    assert.equal(sync(2, [pods("1 1")]), 1);
  });
});
