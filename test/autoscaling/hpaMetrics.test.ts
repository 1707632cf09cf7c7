import assert from "node:assert/strict";
import { HorizontalPodAutoscaler, type HpaSpec } from "../../autoscaling/hpa";
import { externalMetric, player, pods, podsMetric, QUEUE_HPA } from "../support/hpa";

describe("A metric that fails", () => {
  it("freezes the number of replicas when it is the only one, and keeps what was wanted", () => {
    const { hpa, sync, reasons } = player(QUEUE_HPA);
    sync(1, [pods("20")]);
    assert.equal(sync(2, [pods("- -")]), 2);
    assert.deepEqual(reasons(), ["SucceededGetScale", "FailedGetPodsMetric", "DesiredWithinRange"]);
    assert.deepEqual(hpa.status.conditions.ScalingActive, {
      status: "False",
      reason: "FailedGetPodsMetric",
      message:
        "the HPA was unable to compute the replica count: unable to get metric queue: no metrics returned from custom metrics API",
    });
    assert.deepEqual(hpa.status.averagesMilli, [null]);
    assert.equal(hpa.status.desiredReplicas, 2);
    assert.equal(hpa.status.currentReplicas, 2);
  });

  it("leaves nothing to stabilise on", () => {
    const { sync } = player({ ...QUEUE_HPA, behavior: { scaleUp: { stabilizationWindowSeconds: 30 } } });
    sync(2, [pods("10 10")]);
    sync(2, [{ error: "down" }]);
    sync(2, [{ error: "down" }]);
    assert.equal(sync(2, [pods("20 20")]), 4);
  });

  it("is told with the client's error", () => {
    const { hpa, sync } = player(QUEUE_HPA);
    sync(1, [{ error: "unable to fetch metrics from custom metrics API: timeout" }]);
    assert.equal(
      hpa.status.conditions.ScalingActive?.message,
      "the HPA was unable to compute the replica count: unable to get metric queue: unable to fetch metrics from custom metrics API: timeout",
    );
  });

  it("is told without the metric's name where only its pods are at fault", () => {
    const { hpa, sync } = player(QUEUE_HPA);
    sync(1, [pods("pending:5")]);
    assert.equal(
      hpa.status.conditions.ScalingActive?.message,
      "the HPA was unable to compute the replica count: did not receive metrics for targeted pods (pods might be unready)",
    );
  });

  it("is told with its selector where it is an External one", () => {
    const metrics = [externalMetric("duty", "60", { m: "b", z: "c", a: "a" })];
    const { hpa, sync } = player({ ...QUEUE_HPA, metrics }, { namespace: "llm" });
    sync(1, [{ seriesMilli: [] }]);
    assert.deepEqual(hpa.status.conditions.ScalingActive, {
      status: "False",
      reason: "FailedGetExternalMetric",
      message:
        "the HPA was unable to compute the replica count: unable to get external metric llm/duty/" +
        "&LabelSelector{MatchLabels:map[string]string{a: a,m: b,z: c,},MatchExpressions:[]LabelSelectorRequirement{},}" +
        ": no metrics returned from external metrics API",
    });
  });

  it("is in the default namespace where none is given", () => {
    const { hpa, sync } = player({ ...QUEUE_HPA, metrics: [externalMetric("duty", "60")] });
    sync(1, [{ seriesMilli: [] }]);
    assert.match(
      hpa.status.conditions.ScalingActive?.message ?? "",
      /external metric default\/duty\/&LabelSelector\{MatchLabels:map\[string\]string\{\},/,
    );
  });
});

describe("Several metrics of an HPA", () => {
  const spec: HpaSpec = {
    ...QUEUE_HPA,
    metrics: [podsMetric("queue", "10"), externalMetric("duty", "60", { zone: "a" })],
  };

  it("scale to the larger proposal, which the status names", () => {
    const { hpa, sync } = player(spec);
    assert.equal(sync(2, [pods("11 11"), { seriesMilli: [300_000] }]), 4);
    assert.deepEqual(hpa.status.averagesMilli, [11_000, 150_000]);
    assert.equal(hpa.status.conditions.ScalingLimited?.reason, "ScaleUpLimit");
    assert.equal(
      hpa.status.conditions.ScalingActive?.message,
      "the HPA was able to successfully calculate a replica count from external metric duty(" +
        "&LabelSelector{MatchLabels:map[string]string{zone: a,},MatchExpressions:[]LabelSelectorRequirement{},})",
    );
  });

  it("scale up though one fails", () => {
    const { hpa, sync, reasons } = player(spec);
    assert.equal(sync(2, [{ error: "down" }, { seriesMilli: [180_000] }]), 3);
    assert.deepEqual(hpa.status.averagesMilli, [null, 180_000 / 2]);
    assert.deepEqual(reasons(), ["SucceededRescale", "ValidMetricFound", "DesiredWithinRange"]);
  });

  it("do not scale down while one fails", () => {
    const { sync, reasons } = player({ ...spec, behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } });
    assert.equal(sync(4, [pods("1 1 1 1"), { error: "down" }]), 4);
    assert.deepEqual(reasons(), ["SucceededGetScale", "FailedGetExternalMetric", undefined]);
    assert.equal(sync(4, [pods("1 1 1 1"), { seriesMilli: [60_000] }]), 1);
  });

  it("need a reading each, of their kind and in their order", () => {
    const wanted = /one for each metric, in the spec's order/;
    assert.throws(() => player(spec).sync(1, [pods("10")]), wanted);
    assert.throws(() => player(spec).sync(1, [{ seriesMilli: [1] }, pods("10")]), wanted);
    assert.throws(() => player(spec).sync(1, [pods("10"), pods("10")]), wanted);
    assert.throws(() => player(QUEUE_HPA).sync(1, [{ seriesMilli: [1] }]), wanted);
  });
});

describe("The target of a metric", () => {
  for (const averageValue of ["0", "0m", "ten", "-1"]) {
    it(`is refused where it is ${averageValue}`, () => {
      for (const metric of [podsMetric("queue", averageValue), externalMetric("duty", averageValue)]) {
        assert.throws(() => new HorizontalPodAutoscaler({ ...QUEUE_HPA, metrics: [metric] }), {
          name: "RangeError",
          message: `averageValue ${averageValue} is not a positive quantity`,
        });
      }
    });
  }

  it("may be a fraction", () => {
    const { sync } = player({ ...QUEUE_HPA, metrics: [podsMetric("queue", "2500m")] });
    assert.equal(sync(2, [pods("3.75 3.75")]), 3);
  });
});
