import assert from "node:assert/strict";
import { fieldReader, parseFilter } from "../../standins/monitoring/filter";
import { InvalidArgument } from "../../standins/monitoring/invalidArgument";
import type { SeriesKey } from "../../standins/monitoring/store";

const QUEUE: SeriesKey = {
  project: "demo-proj",
  metric: { type: "prometheus.googleapis.com/tgi_queue_size/gauge", labels: { pod: "tgi-a", model: "" } },
  resource: { type: "prometheus_target", labels: { cluster: "demo-cluster", location: "us-central1" } },
  systemLabels: { top_level_controller_name: "tgi" },
};

const admits = (filter: string, series: SeriesKey = QUEUE) => parseFilter(filter).admits(series);
const withPod = (pod: string): SeriesKey => ({ ...QUEUE, metric: { ...QUEUE.metric, labels: { pod } } });

describe("a filter of Cloud Monitoring", () => {
  const answers: readonly (readonly [filter: string, admitted: boolean])[] = [
    ["", true],
    ["  \n ", true],
    ['metric.type = "prometheus.googleapis.com/tgi_queue_size/gauge"', true],
    ['metric.type="prometheus.googleapis.com/tgi_queue_size/gauge"', true],
    ['metric.type = "prometheus.googleapis.com/tgi_queue_size"', false],
    ['resource.type = "prometheus_target"', true],
    ['resource.type != "prometheus_target"', false],
    ['project = "demo-proj"', true],
    ['project = "other"', false],
    ['metric.labels.pod = "tgi-a"', true],
    ['metric.label.pod = "tgi-a"', true],
    ['metric.labels.pod = "TGI-A"', false],
    ['metadata.system_labels.top_level_controller_name = "tgi"', true],
    ['metadata.system_labels.top_level_controller_name = "another"', false],
    ['metadata.system_labels.node_name = ""', true],
    ['resource.labels.cluster = "demo-cluster"', true],
    ['resource.label.cluster = "demo-cluster"', true],
    // Of another resource: `duty_cycle` has it, a Prometheus series does not.
    ['resource.labels.cluster_name = "demo-cluster"', false],
    ['resource.labels.cluster_name = ""', true],
    ['resource.labels.cluster_name != "demo-cluster"', true],
    ['resource.labels.constructor = ""', true],
    ['metric.labels.pod = one_of("tgi-b","tgi-a")', true],
    ['metric.labels.pod = one_of( "tgi-b" , "tgi-c" )', false],
    ['metric.labels.pod != one_of("tgi-b", "tgi-c")', true],
    ['NOT metric.labels.pod = one_of("tgi-a")', false],
    ['metric.labels.pod = starts_with("tgi")', true],
    ['metric.labels.pod = ends_with("tgi")', false],
    ['metric.labels.pod = has_substring("gi-")', true],
    ["metric.labels : pod", true],
    ['metric.labels : "pod"', true],
    ["metric.labels:model", true],
    ["metric.label : nothing", false],
    ["resource.labels : location", true],
    ["resource.labels : toString", false],
    ["NOT metric.labels : pod", false],
  ];
  for (const [filter, admitted] of answers) {
    it(`${admitted ? "admits" : "keeps out"} a series by ${JSON.stringify(filter)}`, () => {
      assert.equal(admits(filter), admitted);
    });
  }

  const TRUE = 'project = "demo-proj"';
  const FALSE = 'project = "other"';
  const logic: readonly (readonly [filter: string, admitted: boolean])[] = [
    [`${TRUE} AND ${TRUE}`, true],
    [`${TRUE} AND ${FALSE}`, false],
    [`${FALSE} OR ${TRUE}`, true],
    [`${FALSE} OR ${FALSE}`, false],
    [`NOT ${FALSE} AND ${TRUE}`, true],
    [`NOT (${TRUE} OR ${FALSE})`, false],
    [`NOT (NOT ${TRUE})`, true],
    // `OR` first, unlike in most languages.
    [`${TRUE} OR ${TRUE} AND ${FALSE}`, false],
    [`(${TRUE} OR ${TRUE}) AND ${FALSE}`, false],
    [`${TRUE} OR (${TRUE} AND ${FALSE})`, true],
    [`${FALSE} AND ${FALSE} OR ${TRUE}`, false],
    [`((${TRUE}))`, true],
  ];
  for (const [filter, admitted] of logic) {
    it(`reads ${filter} as ${admitted}`, () => assert.equal(admits(filter), admitted));
  }

  it("takes texts as they are written, escapes included", () => {
    assert.ok(admits('metric.labels.pod = "a\\"b"', withPod('a"b')));
    assert.ok(admits('metric.labels.pod = "a\\\\"', withPod("a\\")));
    assert.ok(admits('metric.labels.pod = "AND OR NOT ( = :"', withPod("AND OR NOT ( = :")));
    assert.ok(admits('metric.labels.pod = "größe-☃-𝔾"', withPod("größe-☃-𝔾")));
    assert.ok(admits('metric.labels.pod = "\\u00e9\\x41\\n"', withPod("éA\n")));
    assert.ok(admits('metric.labels.pod = ""', withPod("")));
    assert.ok(!admits('metric.labels.pod = " tgi-a"', withPod("tgi-a")));
  });

  it("takes a hundred alternatives, and no more", () => {
    const of = (count: number) => `metric.labels.pod = one_of(${Array.from({ length: count }, (_, i) => `"${i}"`)})`;
    assert.ok(admits(of(100), withPod("99")));
    assert.throws(() => parseFilter(of(101)), InvalidArgument);
  });

  it("says which one metric type it demands", () => {
    const typeOf = (filter: string) => parseFilter(filter).metricType;
    assert.equal(typeOf('metric.type = "a"'), "a");
    assert.equal(typeOf('project = "p" AND (metric.type = "a" AND metric.labels.pod = "b")'), "a");
    assert.equal(typeOf('metric.type = "a" AND metric.type = "a"'), "a");
    for (const filter of [
      "",
      'metric.labels.pod = "a"',
      'metric.type != "a"',
      'NOT metric.type = "a"',
      'metric.type = "a" OR metric.type = "b"',
      'metric.type = "a" AND metric.type = "b"',
      'metric.type = one_of("a","b")',
      'metric.type = starts_with("a")',
    ]) {
      assert.equal(typeOf(filter), undefined, filter);
    }
  });

  const refused: readonly (readonly [filter: string, message: RegExp])[] = [
    ['metric.type = "a', /column 15 has no closing quote/],
    ['metric.type = "a\\"', /no closing quote/],
    ['metric.type = "a\nb"', /no closing quote/],
    ['metric.type = "a\\qb"', /column 15 has no escape \\q/],
    ["metric.type = 'a'", /no reading/],
    ["metric.type = a", /expected a text in quotes/],
    ["metric.type = 5", /no reading/],
    ["metric.type =", /expected a text in quotes or a function, found the end/],
    ["metric.type", /expected a comparison, found the end/],
    ['= "a"', /column 1: expected a field/],
    ['"metric.type" = "a"', /expected a field/],
    ['metric.type == "a"', /expected a text in quotes/],
    ['metric.type =~ "a"', /expected =, != or :, found =~/],
    ["metric.labels.x > 5", /no reading "5"/],
    ['metric.labels.x > "5"', /found >/],
    ['metric = "a"', /metric is no field/],
    ['metric.labels = "a"', /metric.labels is no field/],
    ['metric.labels.a.b = "a"', /no field/],
    ['cluster_name = "a"', /cluster_name is no field/],
    ['resource.id = "a"', /no field/],
    ['group.id = "a"', /no field/],
    ['metadata.user_labels.app = "a"', /no field/],
    ['metric.labels.a-b = "a"', /no reading "-b/],
    ['metric.labels.größe = "a"', /no reading "öße/],
    ['metric.labels."a" = "b"', /no reading/],
    ['metric.type = "a" and project = "b"', /expected AND, OR or the end, found and/],
    ['metric.type = "a" project = "b"', /expected AND, OR or the end, found project/],
    ['metric.type = "a" AND', /expected a field, found the end/],
    ['AND metric.type = "a"', /expected a field, found AND/],
    ['metric.type = "a" OR OR project = "b"', /expected a field, found OR/],
    ['NOT NOT metric.type = "a"', /expected a field, found NOT/],
    ['-metric.type = "a"', /no reading/],
    ["NOT", /expected a field/],
    ["()", /expected a field/],
    ['(metric.type = "a"', /expected \), found the end/],
    ['metric.type = "a")', /expected AND, OR or the end, found \)/],
    ["metric.type = one_of()", /expected a text in quotes, found \)/],
    ['metric.type = one_of("a",)', /expected a text in quotes, found \)/],
    ['metric.type = one_of("a" "b")', /expected \)/],
    ['metric.type = one_of "a"', /expected \(/],
    ['metric.type = starts_with("a", "b")', /starts_with takes 1 texts at most/],
    ['metric.type = monitoring.regex.full_match("a")', /found monitoring\.regex\.full_match/],
    ['metric.type = constructor("a")', /found constructor/],
    ["metric.type : a", /expected metric.labels or resource.labels before :/],
    ["constructor : a", /expected metric.labels/],
    ["metric.labels : AND", /expected the name of a label/],
    ["metric.labels :", /expected the name of a label, found the end/],
    ["metric.labels.pod : *", /no reading/],
    ["☃", /no reading "☃" at column 1/],
  ];
  for (const [filter, message] of refused) {
    it(`refuses ${JSON.stringify(filter)}`, () => {
      assert.throws(
        () => parseFilter(filter),
        (error) => {
          assert.ok(error instanceof InvalidArgument);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("has the fields by which series can be grouped, too", () => {
    assert.equal(fieldReader("metric.labels.pod")?.(QUEUE), "tgi-a");
    assert.equal(fieldReader("resource.label.cluster")?.(QUEUE), "demo-cluster");
    assert.equal(fieldReader("resource.labels.namespace")?.(QUEUE), undefined);
    assert.equal(fieldReader("resource.labels"), undefined);
    assert.equal(fieldReader("pod"), undefined);
  });
});
