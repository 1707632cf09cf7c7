import assert from "node:assert/strict";
import { type Method, MonitoringServer } from "../../standins/monitoring/server";
import { SeriesStore } from "../../standins/monitoring/store";

/** What tests look at in the answers. */
interface Body {
  readonly timeSeries?: readonly { readonly metric: object; readonly points: readonly { readonly value: object }[] }[];
  readonly error?: { readonly code: number; readonly status: string; readonly message: string };
}

const T0 = Date.parse("2026-11-24T10:05:00Z");
const QUEUE = "prometheus.googleapis.com/tgi_queue_size/gauge";
const NEWEST = {
  filter: `metric.type = "${QUEUE}"`,
  "interval.startTime": "2026-11-24T10:00:00Z",
  "interval.endTime": "2026-11-24T10:05:00Z",
  "aggregation.perSeriesAligner": "ALIGN_NEXT_OLDER",
  "aggregation.alignmentPeriod": "300s",
};

describe("the Cloud Monitoring API", () => {
  let now = T0;
  let store = new SeriesStore(() => now);
  let server = new MonitoringServer(store);
  let address = "";

  beforeEach(async () => {
    now = T0;
    store = new SeriesStore(() => now);
    server = new MonitoringServer(store);
    address = await server.start();
  });
  afterEach(() => server.stop());

  async function get(path: string, query: Record<string, string> | URLSearchParams = {}, method = "GET") {
    const url = `${address}v3/projects/${path}?${new URLSearchParams(query)}`;
    const answer = await fetch(url, { method });
    return { status: answer.status, body: (await answer.json()) as Body };
  }

  function write(value: number, at: number, { project = "demo-proj", pod = "a", visibleAt = at } = {}): void {
    const resource = { type: "prometheus_target", labels: { project_id: project, cluster: "c" } };
    store.write({ project, metric: { type: QUEUE, labels: { pod } }, resource }, { value, at, visibleAt });
  }

  it("answers with the newest points first, in Google's form", async () => {
    write(3, T0 - 30_000);
    write(4.5, T0 - 14_500);
    const { "aggregation.perSeriesAligner": _aligner, "aggregation.alignmentPeriod": _period, ...raw } = NEWEST;
    const at = (time: string) => ({ startTime: time, endTime: time });
    const series = {
      metric: { type: QUEUE, labels: { pod: "a" } },
      resource: { type: "prometheus_target", labels: { project_id: "demo-proj", cluster: "c" } },
      metricKind: "GAUGE",
      valueType: "DOUBLE",
    };
    assert.deepEqual(await get("demo-proj/timeSeries", raw), {
      status: 200,
      body: {
        timeSeries: [
          {
            ...series,
            points: [
              { interval: at("2026-11-24T10:04:45.500Z"), value: { doubleValue: 4.5 } },
              { interval: at("2026-11-24T10:04:30Z"), value: { doubleValue: 3 } },
            ],
          },
        ],
      },
    });
    assert.deepEqual(await get("demo-proj/timeSeries", NEWEST), {
      status: 200,
      body: {
        timeSeries: [{ ...series, points: [{ interval: at("2026-11-24T10:05:00Z"), value: { doubleValue: 4.5 } }] }],
      },
    });
  });

  it("writes whole numbers as text, and leaves out what is empty", async () => {
    const written = {
      project: "demo-proj",
      metric: { type: "n", labels: {} },
      resource: { type: "global", labels: {} },
    };
    store.write({ ...written, valueType: "INT64" }, { value: 7, at: T0, visibleAt: T0 });
    const { body } = await get("demo-proj/timeSeries", { ...NEWEST, filter: 'metric.type = "n"' });
    assert.deepEqual(body.timeSeries?.[0]?.metric, { type: "n" });
    assert.deepEqual(body.timeSeries?.[0]?.points[0]?.value, { int64Value: "7" });
    const nothing = await get("demo-proj/timeSeries", { ...NEWEST, filter: 'metric.type = "never"' });
    assert.deepEqual(nothing, { status: 200, body: {} });
  });

  it("sums series over the fields that are given, one parameter each", async () => {
    write(3, T0, { pod: "a" });
    write(4, T0, { pod: "b" });
    const query = new URLSearchParams({ ...NEWEST, "aggregation.crossSeriesReducer": "REDUCE_SUM" });
    const sum = await get("demo-proj/timeSeries", query);
    assert.deepEqual(sum.body.timeSeries?.length, 1);
    assert.deepEqual(sum.body.timeSeries?.[0]?.points[0]?.value, { doubleValue: 7 });
    assert.deepEqual(sum.body.timeSeries?.[0]?.metric, { type: QUEUE });
    query.append("aggregation.groupByFields", "resource.type");
    query.append("aggregation.groupByFields", "metric.labels.pod");
    assert.equal((await get("demo-proj/timeSeries", query)).body.timeSeries?.length, 2);
    assert.equal(server.requests.at(-1)?.query["aggregation.groupByFields"], "resource.type,metric.labels.pod");
  });

  it("shows what was written when it is visible, and keeps projects apart", async () => {
    write(1, T0 - 1000, { visibleAt: T0 + 5000 });
    write(2, T0 - 1000, { project: "other" });
    assert.deepEqual((await get("demo-proj/timeSeries", NEWEST)).body, {});
    assert.equal((await get("other/timeSeries", NEWEST)).body.timeSeries?.length, 1);
    now += 5000;
    const { body } = await get("demo-proj/timeSeries", NEWEST);
    assert.deepEqual(body.timeSeries?.[0]?.points[0]?.value, { doubleValue: 1 });
  });

  it("describes metrics that were written, and no others", async () => {
    const name = `demo-proj/metricDescriptors/${QUEUE}`;
    const missing = await get(name);
    assert.equal(missing.status, 404);
    assert.equal(missing.body.error?.status, "NOT_FOUND");
    assert.deepEqual((await get("demo-proj/metricDescriptors")).body, {});
    write(1, T0);
    const descriptor = { name: `projects/${name}`, type: QUEUE, metricKind: "GAUGE", valueType: "DOUBLE" };
    assert.deepEqual(await get(name), { status: 200, body: descriptor });
    assert.deepEqual((await get("demo-proj/metricDescriptors")).body, { metricDescriptors: [descriptor] });
    const listed = (filter: string) => get("demo-proj/metricDescriptors", { filter });
    assert.deepEqual((await listed('resource.type = one_of("k8s_pod")')).body, {});
    assert.deepEqual((await listed('resource.labels.cluster = "c"')).body, { metricDescriptors: [descriptor] });
    assert.equal((await get(`other/metricDescriptors/${QUEUE}`)).status, 404);
    assert.deepEqual((await get("other/metricDescriptors")).body, {});
  });

  const wrong: readonly (readonly [what: string, change: Record<string, string>, message: RegExp])[] = [
    ["a filter with a mistake", { filter: 'metric.type = "a' }, /no closing quote/],
    ["no filter", { filter: "" }, /one metric\.type/],
    ["a filter without a metric", { filter: 'resource.type = "a"' }, /one metric\.type/],
    ["no end", { "interval.endTime": "" }, /interval\.endTime: "" is no RFC 3339 time/],
    ["a date for a start", { "interval.startTime": "2026-11-24" }, /startTime: "2026-11-24" is no RFC 3339/],
    ["a day that there is not", { "interval.startTime": "2026-13-24T10:00:00Z" }, /no RFC 3339/],
    ["an interval of nothing", { "interval.startTime": "2026-11-24T10:05:00Z" }, /must be earlier/],
    ["an aligner that is not played", { "aggregation.perSeriesAligner": "ALIGN_RATE" }, /ALIGN_RATE is not played/],
    ["no period", { "aggregation.alignmentPeriod": "" }, /"" is not 60s or more/],
    ["a period without a unit", { "aggregation.alignmentPeriod": "300" }, /"300" is not 60s/],
    ["a short period", { "aggregation.alignmentPeriod": "59.9s" }, /"59.9s" is not 60s/],
    [
      "a reducer that is not played",
      { "aggregation.crossSeriesReducer": "REDUCE_COUNT" },
      /REDUCE_COUNT is not played/,
    ],
    [
      "a reducer of raw points",
      { "aggregation.perSeriesAligner": "ALIGN_NONE", "aggregation.crossSeriesReducer": "REDUCE_SUM" },
      /needs an aligner/,
    ],
    ["groups without a reducer", { "aggregation.groupByFields": "resource.type" }, /needs a reducer/],
    ["headers alone", { view: "HEADERS" }, /view: HEADERS/],
    ["pages", { pageSize: "10" }, /Unknown name "pageSize"/],
    ["a misspelt parameter", { "interval.starttime": "x" }, /Unknown name "interval.starttime"/],
  ];
  for (const [what, change, message] of wrong) {
    it(`refuses ${what}`, async () => {
      const { status, body } = await get("demo-proj/timeSeries", { ...NEWEST, ...change });
      assert.deepEqual([status, body.error?.code, body.error?.status], [400, 400, "INVALID_ARGUMENT"]);
      assert.match(body.error?.message ?? "", message);
    });
  }

  it("refuses filters of descriptors, too", async () => {
    assert.equal((await get("demo-proj/metricDescriptors", { filter: "x" })).status, 400);
    assert.equal((await get("demo-proj/metricDescriptors", { pageSize: "1" })).status, 400);
    assert.equal((await get(`demo-proj/metricDescriptors/${QUEUE}`, { filter: "x" })).status, 400);
  });

  it("takes what Google's clients send with everything, and times of any zone", async () => {
    write(1, T0);
    const query = { ...NEWEST, "interval.startTime": "2026-11-24T12:00:00.000000001+02:00" };
    const { status, body } = await get("demo-proj/timeSeries", {
      ...query,
      alt: "json",
      prettyPrint: "false",
      view: "FULL",
    });
    assert.deepEqual([status, body.timeSeries?.length], [200, 1]);
  });

  it("has no other methods", async () => {
    for (const path of ["demo-proj/timeSeries/x", "demo-proj/groups", "demo-proj"]) {
      assert.equal((await get(path)).status, 404, path);
    }
    assert.equal((await get("demo-proj/timeSeries", {}, "POST")).status, 404);
    assert.equal(server.requests.at(-1)?.method, undefined);
  });

  const calls: Readonly<Record<Method, () => ReturnType<typeof get>>> = {
    "metricDescriptors.list": () => get("demo-proj/metricDescriptors"),
    "metricDescriptors.get": () => get(`demo-proj/metricDescriptors/${QUEUE}`),
    "timeSeries.list": () => get("demo-proj/timeSeries", NEWEST),
  };
  for (const [method, call] of Object.entries(calls) as [Method, (typeof calls)[Method]][]) {
    it(`fails in ${method} alone, as it is told, until it is healed`, async () => {
      write(1, T0);
      const healthy = await call();
      assert.equal(healthy.status, 200);
      server.fail(method, { status: 403 });
      const denied = await call();
      assert.deepEqual([denied.status, denied.body.error?.status], [403, "PERMISSION_DENIED"]);
      assert.equal(denied.body.error?.message, `Permission monitoring.${method} denied.`);
      for (const [other, ask] of Object.entries(calls)) if (other !== method) assert.equal((await ask()).status, 200);
      server.fail(method, { status: 500 });
      assert.equal((await call()).body.error?.status, "INTERNAL");
      server.fail(method, { empty: true });
      const empty = await call();
      if (method === "metricDescriptors.get") assert.equal(empty.status, 404);
      else assert.deepEqual(empty, { status: 200, body: {} });
      server.heal(method);
      assert.deepEqual(await call(), healthy);
    });
  }

  it("heals from everything at once", async () => {
    server.fail("metricDescriptors.list", { status: 403 });
    server.fail("metricDescriptors.get", { status: 403 });
    server.heal();
    assert.equal((await calls["metricDescriptors.list"]()).status, 200);
    assert.equal((await calls["metricDescriptors.get"]()).status, 404);
  });

  it("answers late, and stops without answering", async () => {
    server.fail("metricDescriptors.list", { delayMs: 40, status: 500 });
    const start = performance.now();
    assert.equal((await calls["metricDescriptors.list"]()).status, 500);
    assert.ok(performance.now() - start >= 35);
    server.fail("metricDescriptors.list", { delayMs: 60_000 });
    const left = assert.rejects(calls["metricDescriptors.list"]());
    while (server.requests.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
    await server.stop();
    await left;
  });

  it("records every request, decoded", async () => {
    await get("demo-proj/timeSeries", { filter: 'metric.type = "größe"', x: "1" });
    await get(`demo-proj/metricDescriptors/${QUEUE.replaceAll("/", "%2F")}`);
    assert.deepEqual(server.requests, [
      {
        method: "timeSeries.list",
        path: "/v3/projects/demo-proj/timeSeries",
        query: { filter: 'metric.type = "größe"', x: "1" },
      },
      { method: "metricDescriptors.get", path: `/v3/projects/demo-proj/metricDescriptors/${QUEUE}`, query: {} },
    ]);
  });
});
