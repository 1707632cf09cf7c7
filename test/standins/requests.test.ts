import assert from "node:assert/strict";
import {
  descriptorRequest,
  externalRequest,
  type MetricForm,
  metricTypeOf,
  modelsOf,
  podsMetricTypeOf,
  podsRequests,
  projectOf,
  startRequest,
  windowAt,
} from "../../standins/adapter/requests";
import { parseSelector } from "../../standins/adapter/selector";
import { StatusError } from "../../standins/adapter/status";

const HOME = { project: "demo-proj", cluster: "demo-cluster", location: "us-central1" };
const WINDOW = windowAt(Date.parse("2026-11-24T10:05:00.789Z"));
const GAUGE: MetricForm = { metricKind: "GAUGE", valueType: "DOUBLE" };
const QUEUE = "prometheus.googleapis.com/tgi_queue_size/gauge";
const DUTY = "kubernetes.io/container/accelerator/duty_cycle";

/** What every recorded query of a gauge has beside its filter. */
const NEWEST_OF_FIVE_MINUTES = {
  "aggregation.alignmentPeriod": "300s",
  "aggregation.perSeriesAligner": "ALIGN_NEXT_OLDER",
  "interval.startTime": "2026-11-24T10:00:00Z",
  "interval.endTime": "2026-11-24T10:05:00Z",
};

const pods = (names: readonly string[], type = QUEUE, form = GAUGE) =>
  podsRequests(HOME, { namespace: "default", pods: names, type }, modelsOf(type)[0] ?? "k8s_pod", form, WINDOW);
const external = (selector: string, type = DUTY, form = GAUGE) =>
  externalRequest(HOME, type, parseSelector(selector), form, WINDOW);
const refusal = (code: number, message: string) => (error: unknown) => {
  assert.ok(error instanceof StatusError);
  assert.deepEqual([error.code, error.message], [code, message]);
  return true;
};

describe("what the adapter asks Cloud Monitoring", () => {
  it("when it starts", () => {
    assert.deepEqual(startRequest(HOME), {
      path: "v3/projects/demo-proj/metricDescriptors",
      query: {
        filter:
          'resource.labels.project_id = "demo-proj" AND resource.labels.cluster_name = "demo-cluster" AND resource.labels.location = "us-central1" AND resource.type = one_of("k8s_pod","k8s_node","k8s_container")',
      },
    });
  });

  it("before every query", () => {
    assert.deepEqual(descriptorRequest("demo-proj", QUEUE), {
      path: "v3/projects/demo-proj/metricDescriptors/prometheus.googleapis.com/tgi_queue_size/gauge",
      query: {},
    });
  });

  it("for a Pods metric of one pod", () => {
    assert.deepEqual(pods(["tgi-85954dfcd9-cnpsd"]), [
      {
        path: "v3/projects/demo-proj/timeSeries",
        query: {
          ...NEWEST_OF_FIVE_MINUTES,
          filter:
            'metric.labels.pod = "tgi-85954dfcd9-cnpsd" AND metric.type = "prometheus.googleapis.com/tgi_queue_size/gauge" AND resource.labels.cluster = "demo-cluster" AND resource.labels.location = "us-central1" AND resource.labels.namespace = "default" AND resource.labels.project_id = "demo-proj" AND resource.type = "prometheus_target"',
        },
      },
    ]);
  });

  it("for a Pods metric of several pods", () => {
    const [request] = pods(["a", "b", "c"]);
    assert.match(request?.query.filter ?? "", /^metric\.labels\.pod = one_of\("a","b","c"\) AND metric\.type = /);
  });

  it("for more pods than one filter may name: a hundred at a time", () => {
    const names = Array.from({ length: 201 }, (_, index) => `p${index}`);
    const filters = pods(names).map(({ query }) => query.filter ?? "");
    assert.deepEqual(
      filters.map((filter) => filter.match(/"p\d+"/g)?.length),
      [100, 100, 1],
    );
    assert.match(filters[2] ?? "", /^metric\.labels\.pod = "p200" AND/);
    assert.deepEqual(pods([]), []);
  });

  it("for the same pods in the container model", () => {
    const question = { namespace: "default", pods: ["a", "b"], type: QUEUE };
    const [request] = podsRequests(HOME, question, "k8s_container", GAUGE, WINDOW);
    assert.equal(
      request?.query.filter,
      'metric.type = "prometheus.googleapis.com/tgi_queue_size/gauge" AND resource.labels.cluster_name = "demo-cluster" AND resource.labels.location = "us-central1" AND resource.labels.namespace_name = "default" AND resource.labels.pod_name = one_of("a","b") AND resource.labels.project_id = "demo-proj" AND resource.type = "k8s_container"',
    );
  });

  it("in the models that a metric can be in", () => {
    assert.deepEqual(modelsOf(QUEUE), ["prometheus_target", "k8s_container"]);
    assert.deepEqual(modelsOf(DUTY), ["k8s_pod", "k8s_container"]);
    assert.match(
      pods(["a"], DUTY)[0]?.query.filter ?? "",
      /resource\.labels\.pod_name = "a".*resource\.type = "k8s_pod"$/,
    );
  });

  it("for an External metric: its selector and nothing else", () => {
    const selector =
      "resource.labels.namespace_name=default,resource.labels.cluster_name=demo-cluster,resource.labels.container_name=server,resource.labels.location=us-central1";
    assert.deepEqual(external(selector), {
      path: "v3/projects/demo-proj/timeSeries",
      query: {
        ...NEWEST_OF_FIVE_MINUTES,
        filter:
          'metric.type = "kubernetes.io/container/accelerator/duty_cycle" AND resource.labels.cluster_name = "demo-cluster" AND resource.labels.container_name = "server" AND resource.labels.location = "us-central1" AND resource.labels.namespace_name = "default"',
      },
    });
  });

  const clauses: readonly (readonly [selector: string, clause: string])[] = [
    ["", ""],
    ["resource.labels.cluster=c", ' AND resource.labels.cluster = "c"'],
    ["resource.labels.cluster_name==c", ' AND resource.labels.cluster_name = "c"'],
    ["metric.labels.a!=c", ' AND metric.labels.a != "c"'],
    ["metric.labels.a in (c,b)", ' AND metric.labels.a = one_of("b","c")'],
    ["metric.labels.a in (b)", ' AND metric.labels.a = "b"'],
    ["metric.labels.a notin (c,b)", ' AND NOT metric.labels.a = one_of("b","c")'],
    ["metric.labels.a notin (b)", ' AND metric.labels.a != "b"'],
    ["metric.labels.model", " AND metric.labels : model"],
    ["metadata.user_labels.app=x", ' AND metadata.user_labels.app = "x"'],
    ["metadata.system_labels.name", " AND metadata.system_labels : name"],
    ["resource.type=k8s_container", ' AND resource.type = "k8s_container"'],
    ["metric.labels.a>007", " AND metric.labels.a > 7"],
    ["metric.labels.a<5", " AND metric.labels.a < 5"],
    ["resource.labels.b=1,metric.labels.a=2", ' AND metric.labels.a = "2" AND resource.labels.b = "1"'],
  ];
  for (const [selector, clause] of clauses) {
    it(`for the selector ${JSON.stringify(selector)}`, () => {
      const { path, query } = external(selector);
      assert.equal(path, "v3/projects/demo-proj/timeSeries");
      assert.deepEqual(query, { ...NEWEST_OF_FIVE_MINUTES, filter: `metric.type = "${DUTY}"${clause}` });
    });
  }

  it("in the project that a selector demands, which stays a clause", () => {
    const { path, query } = external("resource.labels.project_id=other");
    assert.equal(path, "v3/projects/other/timeSeries");
    assert.equal(query.filter, `metric.type = "${DUTY}" AND resource.labels.project_id = "other"`);
    assert.equal(projectOf(HOME, parseSelector("resource.labels.project_id=other")), "other");
    assert.equal(projectOf(HOME, []), "demo-proj");
  });

  it("with a reducer, which is no clause", () => {
    const { query } = external("reducer=REDUCE_SUM");
    assert.deepEqual(query, {
      ...NEWEST_OF_FIVE_MINUTES,
      "aggregation.crossSeriesReducer": "REDUCE_SUM",
      filter: `metric.type = "${DUTY}"`,
    });
    assert.equal(
      external("reducer=REDUCE_PERCENTILE_05").query["aggregation.crossSeriesReducer"],
      "REDUCE_PERCENTILE_05",
    );
  });

  it("with an HPA's selector on the metric of pods", () => {
    const question = { namespace: "n", pods: ["a"], type: QUEUE };
    const ask = (selector: string) =>
      podsRequests(HOME, { ...question, metricSelector: parseSelector(selector) }, "prometheus_target", GAUGE, WINDOW);
    const [request] = ask("metric.labels.model=x,reducer=REDUCE_MAX");
    assert.match(request?.query.filter ?? "", /^metric\.labels\.model = "x" AND metric\.labels\.pod = "a" AND/);
    assert.equal(request?.query["aggregation.crossSeriesReducer"], "REDUCE_MAX");
    assert.throws(
      () => ask("resource.labels.location=x"),
      refusal(400, 'Metric label: "resource.labels.location" is not allowed'),
    );
    assert.throws(() => ask("resource.type=x"), refusal(400, 'Metric label: "resource.type" is not allowed'));
  });

  it("as a rate where the metric is none of the moment", () => {
    for (const metricKind of ["CUMULATIVE", "DELTA"] as const) {
      const { query } = external("", DUTY, { metricKind, valueType: "INT64" });
      assert.equal(query["aggregation.perSeriesAligner"], "ALIGN_RATE");
      assert.equal(query["aggregation.alignmentPeriod"], "60s");
    }
  });

  const refused: readonly (readonly [selector: string, message: string])[] = [
    ["cluster_name=c", 'Metric label: "cluster_name" is not allowed'],
    ["cluster_name", 'Metric label: "cluster_name" is not allowed'],
    ["resource.label.cluster=c", 'Metric label: "resource.label.cluster" is not allowed'],
    ["resource.labels=c", 'Metric label: "resource.labels" is not allowed'],
    ["metric.labelsx.a=c", 'Metric label: "metric.labelsx.a" is not allowed'],
    ["metric.type=c", 'Metric label: "metric.type" is not allowed'],
    ["resource.type", 'Metric label: "resource.type" is not allowed'],
    ["!metric.labels.a", "Label selector with operator DoesNotExist is not allowed"],
    ["reducer in (REDUCE_SUM)", `Metric label: "Reducer must use '=' or '==': You used in" is not allowed`],
    ["reducer=REDUCE_ALL", 'Metric label: "Specified reducer is not supported: REDUCE_ALL" is not allowed'],
    ["reducer=sum", 'Metric label: "Specified reducer is not supported: sum" is not allowed'],
    // The first requirement that is refused is the one that is spoken of.
    ["a=b,reducer=sum", 'Metric label: "a" is not allowed'],
    [
      "resource.labels.project_id in (a,b)",
      `Metric label: "Project selector must use '=' or '==': You used in" is not allowed`,
    ],
    [
      "resource.labels.project_id",
      `Metric label: "Project selector must use '=' or '==': You used exists" is not allowed`,
    ],
  ];
  for (const [selector, message] of refused) {
    it(`never for the selector ${JSON.stringify(selector)}`, () => {
      assert.throws(() => external(selector), refusal(400, message));
    });
  }

  it("never for distributions", () => {
    const form: MetricForm = { metricKind: "DELTA", valueType: "DISTRIBUTION" };
    assert.throws(() => external("", DUTY, form), refusal(400, "Distributions are not supported"));
    assert.throws(() => pods(["a"], QUEUE, form), refusal(400, "distributions are not supported"));
  });

  it("by names as they come: the case of letters is the client's affair", () => {
    assert.equal(
      metricTypeOf("prometheus.googleapis.com|DCGM_FI_DEV_GPU_UTIL|gauge"),
      "prometheus.googleapis.com/DCGM_FI_DEV_GPU_UTIL/gauge",
    );
    assert.equal(podsMetricTypeOf("prometheus.googleapis.com|Tgi|gauge"), "prometheus.googleapis.com/Tgi/gauge");
    assert.equal(podsMetricTypeOf("my_metric"), "custom.googleapis.com/my_metric");
    assert.equal(metricTypeOf("my_metric"), "my_metric");
  });

  it("of the last five minutes, in whole seconds, or of as much less as is played faster", () => {
    const now = Date.parse("2026-11-24T10:05:00.789Z");
    assert.deepEqual(windowAt(now), { start: now - 300_789, end: now - 789 });
    // 15 s up to the last twentieth of a second.
    assert.deepEqual(windowAt(now, 20), { start: now - 15_039, end: now - 39 });
    const { query } = externalRequest(HOME, DUTY, [], GAUGE, windowAt(now, 20));
    assert.equal(query["interval.startTime"], "2026-11-24T10:04:45.750Z");
    assert.equal(query["interval.endTime"], "2026-11-24T10:05:00.750Z");
  });
});
