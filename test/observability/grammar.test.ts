import assert from "node:assert/strict";
import { OBSERVED, promqlName, SERIES } from "../../catalog/metrics";
import { alertRules } from "../../observability/alerts";
import { dashboardDocument } from "../../observability/dashboard";
import type { ObservedStack } from "../../observability/observedStack";
import { combinations, OBSERVED_VARIANTS, observed } from "../support/observed";
import { type ParsedQuery, parseQuery, type Selector } from "../support/promql";

/** Every expression of a stack, by where it stands. */
function queriesOf(stack: ObservedStack): ReadonlyMap<string, string> {
  const charts = dashboardDocument(stack).mosaicLayout.tiles.flatMap(({ widget }) =>
    [
      ...(widget.scorecard === undefined ? [] : [widget.scorecard.timeSeriesQuery]),
      ...(widget.xyChart?.dataSets.map((set) => set.timeSeriesQuery) ?? []),
    ].map(({ prometheusQuery }, index): [string, string] => [`${widget.title} ${index}`, prometheusQuery]),
  );
  return new Map([...charts, ...alertRules(stack).map(({ id, query }): [string, string] => [id, query])]);
}

const CATALOGUE = new Set(
  [...Object.values(SERIES), ...Object.values(OBSERVED)].map(
    (series) => promqlName(series) + (series.origin === "scraped-histogram" ? "_bucket" : ""),
  ),
);

/** What Google's PromQL and promtool 2.42 both know, of what we may want. */
const FUNCTIONS = new Set([
  ...[
    "sum",
    "max",
    "avg",
    "count",
    "rate",
    "increase",
    "changes",
    "delta",
    "avg_over_time",
    "max_over_time",
    "min_over_time",
    "last_over_time",
    "count_over_time",
    "last_over_time",
    "count_over_time",
  ],
  ...["histogram_quantile", "label_replace", "vector"],
]);

/** Which objects a metric is about: a namespace may hold other servers, Deployments and HPAs. */
const OBJECTS: readonly (readonly [metric: RegExp, matchers: readonly string[]])[] = [
  [/^kube_horizontalpodautoscaler_/, ['horizontalpodautoscaler="gemma-hpa"']],
  [/^kube_deployment_/, ['deployment="tgi-gemma-deployment"', 'deployment="custom-metrics-stackdriver-adapter"']],
  [/^(kube_pod|tgi|DCGM)_/, ['pod=~"tgi-gemma-deployment-.+"']],
  [/^dcgm_/, ['exported_container="inference-server"']],
  [/^kubernetes_io:container_accelerator_/, ['container_name="inference-server"']],
  [/^kubernetes_io:container_restart_count$/, ['container_name="pod-custom-metrics-stackdriver-adapter"']],
];

function assertScoped({ metric, matchers }: Selector, stack: ObservedStack, where: string): void {
  const exact = new Map(matchers.flatMap(([label, operator, value]) => (operator === "=" ? [[label, value]] : [])));
  const written = matchers.map(([label, operator, value]) => `${label}${operator}"${value}"`);
  const [, objects = []] = OBJECTS.find(([pattern]) => pattern.test(metric)) ?? assert.fail(`${where}: ${metric}`);
  const object = written.find((matcher) => objects.includes(matcher)) ?? assert.fail(`${where}: ${metric}{${written}}`);
  const system = metric.startsWith("kubernetes_io:");
  assert.equal(exact.get(system ? "cluster_name" : "cluster"), stack.cluster, where);
  assert.equal(exact.get("location"), stack.location, where);
  assert.equal(exact.get("monitored_resource"), system ? "k8s_container" : undefined, where);
  const namespace = object.includes("stackdriver-adapter") ? "custom-metrics" : stack.namespace;
  const writtenIn = exact.get(system ? "namespace_name" : "namespace");
  if (metric.startsWith("dcgm_")) {
    // The exporter's series are written where it runs, and say whom they are about.
    assert.equal(exact.get("exported_namespace"), namespace, where);
    assert.equal(writtenIn, "gmp-public", where);
  } else {
    assert.equal(writtenIn, namespace, where);
  }
  assert.ok(!matchers.some(([label]) => label === "__name__"), where);
  // A sidecar that is ready is no server.
  if (metric.startsWith("kube_pod_container_")) assert.equal(exact.get("container"), "inference-server", where);
}

/** Most stacks share most expressions. */
const parsed = new Map<string, Promise<ParsedQuery>>();

async function assertQueries(stack: ObservedStack): Promise<void> {
  const queries = queriesOf(stack);
  assert.ok(queries.size > 25, `only ${queries.size} expressions`);
  for (const [where, query] of queries) {
    const parsing = parsed.get(query) ?? parseQuery(query);
    parsed.set(query, parsing);
    const { errors, selectors, functions } = await parsing;
    assert.equal(errors, 0, `${where}: ${query}`);
    assert.ok(selectors.length > 0, where);
    for (const name of functions) assert.ok(FUNCTIONS.has(name), `${where}: ${name}`);
    for (const selector of selectors) {
      assert.ok(CATALOGUE.has(selector.metric), `${where}: ${selector.metric} is not in the catalogue`);
      assertScoped(selector, stack, where);
    }
  }
}

describe("Every PromQL expression", () => {
  for (const [variant, file] of Object.entries(OBSERVED_VARIANTS)) {
    it(`is one for Prometheus' grammar, of metrics of the catalogue, in this cluster and namespace: ${variant}`, () =>
      assertQueries(observed(file)));
  }

  it("is one in every combination of signals, exporter, adapter and behavior", async () => {
    for (const { stack } of combinations()) await assertQueries(stack);
  });

  it("would be told from one that is broken", async () => {
    for (const broken of ["sum(rate(a[5m])", "a{b=c}", "a > ", "sum by (a (b)", 'a{b="c"', "a unless on b"]) {
      assert.ok((await parseQuery(broken)).errors > 0, broken);
    }
    assert.equal((await parseQuery('sum by (a) (rate(b{c="d"}[5m]))')).errors, 0);
    assert.deepEqual((await parseQuery('limitk(2, up{a="b"})')).functions, ["limitk"]);
    assert.deepEqual((await parseQuery('up{a="b",c!~"d"}')).selectors, [
      {
        metric: "up",
        matchers: [
          ["a", "=", "b"],
          ["c", "!~", "d"],
        ],
      },
    ]);
  });
});
