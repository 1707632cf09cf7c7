import assert from "node:assert/strict";
import { StatusError } from "../../standins/adapter/status";
import {
  type AnsweredSeries,
  newestOf,
  quantity,
  requireOneContainer,
  thousandthsByPod,
} from "../../standins/adapter/values";

type Value = { readonly doubleValue?: number; readonly int64Value?: string };

function scraped(pod: string, values: readonly Value[], namespace = "n"): AnsweredSeries {
  return {
    metric: { type: "m", labels: { pod } },
    resource: { type: "prometheus_target", labels: { namespace } },
    points: values.map((value, index) => ({ interval: { endTime: `2026-11-24T10:0${9 - index}:00Z` }, value })),
  };
}

function ofContainer(pod: string, container: string): AnsweredSeries {
  const labels = { namespace_name: "n", pod_name: pod, container_name: container };
  return {
    metric: { type: "m" },
    resource: { type: "k8s_container", labels },
    points: [{ interval: { endTime: "2026-11-24T10:09:00Z" }, value: { doubleValue: 1 } }],
  };
}

describe("values from Cloud Monitoring", () => {
  it("are those of the newest point, in thousandths, cut off", () => {
    assert.deepEqual(newestOf(scraped("a", [{ doubleValue: 3 }, { doubleValue: 9 }])), {
      thousandths: 3000,
      endTime: "2026-11-24T10:09:00Z",
    });
    const of = (value: Value) => newestOf(scraped("a", [value])).thousandths;
    assert.equal(of({ doubleValue: 1.9999 }), 1999);
    assert.equal(of({ doubleValue: -1.9999 }), -1999);
    assert.equal(of({ doubleValue: 0 }), 0);
    assert.equal(of({ int64Value: "42" }), 42_000);
    assert.equal(of({ int64Value: "0" }), 0);
  });

  it("must be numbers, and must be there", () => {
    assert.throws(() => newestOf(scraped("a", [{}])), /Expected metric of type DoubleValue or Int64Value/);
    assert.throws(() => newestOf(scraped("a", [])), /Internal error occurred: Empty time series/);
  });

  it("of several series of one pod are added up, each cut off by itself", () => {
    const series = [
      scraped("a", [{ doubleValue: 90 }]),
      scraped("b", [{ doubleValue: 5 }]),
      scraped("a", [{ doubleValue: 70 }]),
      scraped("c", [{ doubleValue: 0.0009 }]),
      scraped("c", [{ doubleValue: 0.0009 }]),
      scraped("a", [{ int64Value: "1" }]),
    ];
    assert.deepEqual(Object.fromEntries(thousandthsByPod("n", series)), { a: 161_000, b: 5000, c: 0 });
  });

  it("of the other namespaces' pods are nobody's", () => {
    assert.equal(thousandthsByPod("n", [scraped("a", [{ doubleValue: 1 }], "m")]).size, 0);
  });

  it("are of pods, however their resource calls them", () => {
    assert.deepEqual([...thousandthsByPod("n", [ofContainer("a", "server")])], [["a", 1000]]);
    const node: AnsweredSeries = { ...ofContainer("a", "server"), resource: { type: "k8s_node", labels: {} } };
    assert.throws(
      () => thousandthsByPod("n", [node]),
      (error) =>
        error instanceof StatusError && error.code === 500 && /incorrect resource type "k8s_node"/.test(error.message),
    );
  });

  it("are of one container of a pod, where containers are told apart", () => {
    const one = [ofContainer("a", "server"), ofContainer("a", "server"), ofContainer("b", "sidecar")];
    assert.doesNotThrow(() => requireOneContainer("m", one));
    assert.throws(
      () => requireOneContainer("m", [...one, ofContainer("a", "x")]),
      (error) =>
        error instanceof StatusError &&
        error.code === 400 &&
        // Names as bytes: "server", "x", "m", "n:a".
        error.message.endsWith("Containers 736572766572 78 have the same metric 6d in pod 6e3a61"),
    );
  });

  it("are written as Kubernetes writes quantities", () => {
    const written = [
      0, 1, 999, 1000, 1500, 30_000, 999_000, 1_000_000, 10_000_000, 1_500_000, 90_000_000_000, -2500, -3000,
    ];
    assert.deepEqual(written.map(quantity), [..."0 1m 999m 1 1500m 30 999 1k 10k 1500 90M -2500m -3".split(" ")]);
  });
});
