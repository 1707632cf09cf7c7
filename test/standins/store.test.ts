import assert from "node:assert/strict";
import { SeriesStore, type WrittenSeries } from "../../standins/monitoring/store";

const T0 = Date.parse("2026-11-24T10:00:00Z");
const MINUTE = 60_000;
const ALL = () => true;

function series(pod: string, other: Partial<WrittenSeries> = {}): WrittenSeries {
  return {
    project: "demo-proj",
    metric: { type: "a/gauge", labels: { pod } },
    resource: { type: "prometheus_target", labels: { cluster: "c", namespace: "n" } },
    ...other,
  };
}

describe("the store of series", () => {
  let now = T0;
  let store = new SeriesStore(() => now);
  beforeEach(() => {
    now = T0;
    store = new SeriesStore(() => now);
  });

  const read = (start: number, end: number, project = "demo-proj") =>
    store
      .read(project, ALL, start, end)
      .map(({ metric, points }) => [metric.labels.pod, points.map(({ value }) => value)]);

  it("shows a point from its time on", () => {
    store.write(series("a"), { value: 1, at: T0, visibleAt: T0 + 5000 });
    assert.deepEqual(read(T0 - 1, T0), []);
    now = T0 + 4999;
    assert.deepEqual(read(T0 - 1, T0), []);
    now = T0 + 5000;
    assert.deepEqual(read(T0 - 1, T0), [["a", [1]]]);
  });

  it("shows an older point while a newer one is on its way", () => {
    store.write(series("a"), { value: 1, at: T0, visibleAt: T0 });
    store.write(series("a"), { value: 2, at: T0 + 10, visibleAt: T0 + 5000 });
    now = T0 + 20;
    assert.deepEqual(read(T0 - 1, now), [["a", [1]]]);
  });

  it("reads without the start of an interval, and with its end", () => {
    for (const at of [T0, T0 + 1, T0 + 2, T0 + 3]) store.write(series("a"), { value: at - T0, at, visibleAt: T0 });
    assert.deepEqual(read(T0, T0 + 2), [["a", [1, 2]]]);
    assert.deepEqual(read(T0 + 3, T0 + 9), []);
  });

  it("has a descriptor from the first write on, and none before", () => {
    assert.equal(store.descriptor("demo-proj", "a/gauge"), undefined);
    assert.deepEqual(store.descriptors("demo-proj"), []);
    store.write(series("a"), { value: 1, at: T0, visibleAt: T0 + 5000 });
    const gauge = { type: "a/gauge", metricKind: "GAUGE", valueType: "DOUBLE" };
    assert.deepEqual(store.descriptor("demo-proj", "a/gauge"), gauge);
    assert.deepEqual(store.descriptors("demo-proj"), [gauge]);
    assert.deepEqual(
      store.descriptors("demo-proj", () => false),
      [],
    );
    assert.equal(store.descriptor("other", "a/gauge"), undefined);
  });

  it("keeps the descriptor of a metric whose points it has forgotten", () => {
    store.write(series("a"), { value: 1, at: T0, visibleAt: T0 });
    now = T0 + 61 * MINUTE;
    store.write(series("a"), { value: 2, at: now, visibleAt: now });
    assert.deepEqual(read(T0 - 1, now), [["a", [2]]]);
    now = T0 + 300 * MINUTE;
    assert.notEqual(store.descriptor("demo-proj", "a/gauge"), undefined);
  });

  it("keeps projects apart", () => {
    store.write(series("a"), { value: 1, at: T0, visibleAt: T0 });
    store.write(series("a", { project: "other" }), { value: 2, at: T0, visibleAt: T0 });
    assert.deepEqual(read(T0 - 1, T0), [["a", [1]]]);
    assert.deepEqual(read(T0 - 1, T0, "other"), [["a", [2]]]);
    assert.deepEqual(read(T0 - 1, T0, "third"), []);
  });

  it("tells series apart by every label, in whatever order they are given", () => {
    const labels = { cluster: "c", namespace: "n" };
    const turned = { namespace: "n", cluster: "c" };
    store.write(series("a", { resource: { type: "t", labels } }), { value: 1, at: T0, visibleAt: T0 });
    store.write(series("a", { resource: { type: "t", labels: turned } }), { value: 2, at: T0 + 1, visibleAt: T0 });
    store.write(series("a", { resource: { type: "u", labels } }), { value: 3, at: T0, visibleAt: T0 });
    store.write(series("b", { resource: { type: "t", labels } }), { value: 4, at: T0, visibleAt: T0 });
    assert.deepEqual(read(T0 - 1, T0 + 1), [
      ["a", [1, 2]],
      ["a", [3]],
      ["b", [4]],
    ]);
  });

  it("puts points in the order of their times, and replaces one of the same time", () => {
    for (const [value, at] of [
      [3, T0 + 3],
      [1, T0 + 1],
      [2, T0 + 2],
      [9, T0 + 1],
    ] as const) {
      store.write(series("a"), { value, at, visibleAt: T0 });
    }
    assert.deepEqual(read(T0, T0 + 3), [["a", [9, 2, 3]]]);
  });

  it("takes no value and no kind that the metric does not have", () => {
    const point = (value: number) => ({ value, at: T0, visibleAt: T0 });
    store.write(series("a", { valueType: "INT64" }), point(1));
    assert.throws(() => store.write(series("a"), point(1.5)), /1.5 is no INT64/);
    assert.throws(() => store.write(series("a", { valueType: "DOUBLE" }), point(1)), /cannot change/);
    assert.throws(() => store.write(series("a", { metricKind: "CUMULATIVE" }), point(1)), /cannot change/);
    assert.throws(() => store.write(series("a", { project: "other" }), point(Number.NaN)), /NaN is no DOUBLE/);
  });
});
