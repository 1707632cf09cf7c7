import assert from "node:assert/strict";
import { type Aggregation, aggregate, alignerOf, reducerOf } from "../../standins/monitoring/align";
import { InvalidArgument } from "../../standins/monitoring/invalidArgument";
import type { MetricKind, TimeSeries, ValueType } from "../../standins/monitoring/store";

const END = Date.parse("2026-11-24T10:05:00Z");
const SECOND = 1000;
const INTERVAL = { start: END - 300 * SECOND, end: END };
const NEXT_OLDER: Aggregation = {
  aligner: "ALIGN_NEXT_OLDER",
  alignmentPeriod: 300 * SECOND,
  reducer: "REDUCE_NONE",
  groupByFields: [],
};

/** @param points value by seconds before the end, the oldest first. */
function series(
  points: readonly (readonly [secondsBefore: number, value: number])[],
  labels: Readonly<Record<string, string>> = { pod: "a" },
  { metricKind = "GAUGE", valueType = "DOUBLE" }: { metricKind?: MetricKind; valueType?: ValueType } = {},
): TimeSeries {
  return {
    project: "p",
    metric: { type: "m", labels },
    resource: { type: "k8s_container", labels: { project_id: "p", pod_name: labels.pod ?? "" } },
    descriptor: { type: "m", metricKind, valueType },
    points: points.map(([before, value]) => ({ at: END - before * SECOND, value, visibleAt: 0 })),
  };
}

/** Points as seconds before the end, and value. */
function aligned(points: Parameters<typeof series>[0], aggregation: Partial<Aggregation> = {}) {
  const [one] = aggregate([series(points)], INTERVAL, { ...NEXT_OLDER, ...aggregation });
  return one?.points.map(({ at, value }) => [(END - at) / SECOND, value]);
}

describe("aligners", () => {
  it("leave raw points alone, the newest first", () => {
    const raw = aligned(
      [
        [200, 1],
        [100, 2],
        [0, 3],
      ],
      { aligner: "ALIGN_NONE", alignmentPeriod: 0 },
    );
    assert.deepEqual(raw, [
      [0, 3],
      [100, 2],
      [200, 1],
    ]);
  });

  it("move the newest point of a period to its end", () => {
    assert.deepEqual(
      aligned([
        [250, 1],
        [61, 2],
      ]),
      [[0, 2]],
    );
    assert.deepEqual(aligned([[0, 7]]), [[0, 7]]);
  });

  it("count periods from the end of the interval, each without its start and with its end", () => {
    const minutes = { alignmentPeriod: 60 * SECOND };
    assert.deepEqual(
      aligned(
        [
          [121, 1],
          [120, 2],
          [119, 3],
          [60, 4],
          [59.999, 5],
          [1, 6],
        ],
        minutes,
      ),
      [
        [0, 6],
        [60, 4],
        [120, 2],
      ],
    );
  });

  it("give no point for a period without any", () => {
    assert.deepEqual(
      aligned(
        [
          [290, 1],
          [10, 2],
        ],
        { alignmentPeriod: 60 * SECOND },
      ),
      [
        [0, 2],
        [240, 1],
      ],
    );
  });

  it("see nothing outside the interval, even where a period reaches beyond it", () => {
    const period = { alignmentPeriod: 400 * SECOND, aligner: "ALIGN_MAX" } as const;
    assert.deepEqual(
      aligned(
        [
          [350, 99],
          [300, 98],
          [299, 1],
          [-1, 97],
        ],
        period,
      ),
      [[0, 1]],
    );
  });

  it("take the mean, as a floating-point number whatever the metric is, or the highest", () => {
    const points = [
      [30, 1],
      [20, 4],
      [10, 2],
    ] as const;
    assert.deepEqual(aligned(points, { aligner: "ALIGN_MAX" }), [[0, 4]]);
    const whole = series(points, { pod: "a" }, { valueType: "INT64" });
    const typeOf = (aligner: Aggregation["aligner"]) =>
      aggregate([whole], INTERVAL, { ...NEXT_OLDER, aligner })[0]?.valueType;
    assert.equal(aggregate([whole], INTERVAL, { ...NEXT_OLDER, aligner: "ALIGN_MEAN" })[0]?.points[0]?.value, 7 / 3);
    assert.equal(typeOf("ALIGN_MEAN"), "DOUBLE");
    assert.equal(typeOf("ALIGN_MAX"), "INT64");
    assert.equal(typeOf("ALIGN_NEXT_OLDER"), "INT64");
  });

  it("are refused for kinds of metrics that they mean nothing for", () => {
    const of = (metricKind: MetricKind, aligner: Aggregation["aligner"]) => () =>
      aggregate([series([[1, 1]], { pod: "a" }, { metricKind })], INTERVAL, { ...NEXT_OLDER, aligner });
    assert.throws(of("CUMULATIVE", "ALIGN_NEXT_OLDER"), InvalidArgument);
    assert.throws(of("DELTA", "ALIGN_NEXT_OLDER"), /not valid for m, which is DELTA/);
    assert.throws(of("CUMULATIVE", "ALIGN_MEAN"), InvalidArgument);
    assert.doesNotThrow(of("DELTA", "ALIGN_MEAN"));
    assert.doesNotThrow(of("CUMULATIVE", "ALIGN_NONE"));
  });

  it("are refused by names that are not played", () => {
    assert.equal(alignerOf("ALIGN_MAX"), "ALIGN_MAX");
    for (const name of ["", "ALIGN_RATE", "ALIGN_PERCENTILE_99", "align_max", "MAX"]) {
      assert.throws(() => alignerOf(name), /perSeriesAligner: .* is not played here/, name);
    }
    for (const name of ["", "REDUCE_COUNT", "REDUCE_PERCENTILE_95", "reduce_sum"]) {
      assert.throws(() => reducerOf(name), /crossSeriesReducer: .* is not played here/, name);
    }
  });
});

describe("reducers", () => {
  const pods = [
    series(
      [
        [70, 1],
        [5, 2],
      ],
      { pod: "a", gpu: "0" },
    ),
    series(
      [
        [70, 10],
        [5, 20],
      ],
      { pod: "a", gpu: "1" },
    ),
    series([[5, 200]], { pod: "b", gpu: "0" }),
  ];
  const reduce = (aggregation: Partial<Aggregation>, of = pods) =>
    aggregate(of, INTERVAL, { ...NEXT_OLDER, alignmentPeriod: 60 * SECOND, ...aggregation });
  const values = (aggregation: Partial<Aggregation>) =>
    reduce(aggregation).map(({ metric, points }) => [metric.labels, points.map(({ value }) => value)]);

  it("leave every series as it is, with REDUCE_NONE", () => {
    assert.equal(reduce({}).length, 3);
  });

  it("make one series of all, moment by moment, without the labels that were lost", () => {
    assert.deepEqual(values({ reducer: "REDUCE_SUM" }), [[{}, [222, 11]]]);
    assert.deepEqual(values({ reducer: "REDUCE_MEAN" }), [[{}, [74, 5.5]]]);
    assert.deepEqual(values({ reducer: "REDUCE_MAX" }), [[{}, [200, 10]]]);
    const [sum] = reduce({ reducer: "REDUCE_SUM" });
    assert.deepEqual(sum?.resource, { type: "k8s_container", labels: { project_id: "p" } });
    assert.equal(sum?.metric.type, "m");
  });

  it("make one of each group, and keep what it is grouped by", () => {
    const byPod = values({ reducer: "REDUCE_SUM", groupByFields: ["metric.labels.pod"] });
    assert.deepEqual(byPod, [
      [{ pod: "a" }, [22, 11]],
      [{ pod: "b" }, [200]],
    ]);
    const [first] = reduce({ reducer: "REDUCE_SUM", groupByFields: ["resource.label.pod_name", "metric.type"] });
    assert.deepEqual(first?.resource.labels, { project_id: "p", pod_name: "a" });
    assert.deepEqual(first?.metric.labels, {});
    assert.equal(
      reduce({ reducer: "REDUCE_SUM", groupByFields: ["metric.labels.pod", "metric.labels.gpu"] }).length,
      3,
    );
  });

  it("do not add up series of different resources", () => {
    const other = { ...series([[5, 1]]), resource: { type: "k8s_pod", labels: {} } };
    assert.equal(reduce({ reducer: "REDUCE_SUM" }, [...pods, other]).length, 2);
  });

  it("make floating-point numbers of a mean alone", () => {
    const whole = [series([[5, 1]], { pod: "a" }, { valueType: "INT64" }), series([[5, 2]], { pod: "b" })];
    assert.equal(reduce({ reducer: "REDUCE_SUM" }, whole)[0]?.valueType, "INT64");
    assert.equal(reduce({ reducer: "REDUCE_MEAN" }, whole)[0]?.valueType, "DOUBLE");
  });

  it("make nothing of nothing", () => {
    assert.deepEqual(reduce({ reducer: "REDUCE_SUM" }, []), []);
  });

  it("refuse to group by what no series has", () => {
    const grouped = (field: string) => () => reduce({ reducer: "REDUCE_SUM", groupByFields: [field] });
    assert.throws(grouped("pod"), /pod is no field of a series/);
    assert.throws(grouped("metadata.user_labels.app"), InvalidArgument);
  });
});
