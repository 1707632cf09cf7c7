import assert from "node:assert/strict";
import { ADAPTER } from "../../catalog/adapter";
import { DCGM } from "../../catalog/dcgm";
import { OBSERVED, promqlName, SERIES } from "../../catalog/metrics";
import { alertRules } from "../../observability/alerts";
import { dashboardDocument } from "../../observability/dashboard";
import type { ObservedStack } from "../../observability/observedStack";
import { OBSERVED_VARIANTS, observed } from "../support/observed";
import { parseQuery } from "../support/promql";

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
  ...["sum", "max", "avg", "count", "rate", "increase", "changes", "avg_over_time"],
  ...["histogram_quantile", "label_replace", "vector"],
]);

describe("Every PromQL expression", () => {
  for (const [variant, file] of Object.entries(OBSERVED_VARIANTS)) {
    const stack = observed(file);
    it(`is one for Prometheus' grammar, of metrics of the catalogue, in this cluster and namespace: ${variant}`, async () => {
      const queries = queriesOf(stack);
      assert.ok(queries.size > 25, `only ${queries.size} expressions`);
      for (const [where, query] of queries) {
        const { errors, selectors, functions } = await parseQuery(query);
        assert.equal(errors, 0, `${where}: ${query}`);
        assert.ok(selectors.length > 0, where);
        for (const name of functions) assert.ok(FUNCTIONS.has(name), `${where}: ${name}`);
        for (const { metric, matchers } of selectors) {
          assert.ok(CATALOGUE.has(metric), `${where}: ${metric} is not in the catalogue`);
          const exact = new Map(
            matchers.filter(([, operator]) => operator === "=").map(([label, , value]) => [label, value]),
          );
          const system = metric.startsWith("kubernetes_io:");
          if (metric.startsWith("tgi_")) {
            // Another TGI in the namespace is not ours.
            const pod = matchers.find(([label]) => label === "pod");
            assert.deepEqual(pod, ["pod", "=~", "tgi-gemma-deployment-.+"], `${where}: ${metric}`);
          }
          assert.equal(exact.get(system ? "cluster_name" : "cluster"), stack.cluster, where);
          assert.equal(exact.get("location"), stack.location, where);
          assert.equal(exact.get("monitored_resource"), system ? "k8s_container" : undefined, where);
          const namespace = exact.get("exported_namespace") ?? exact.get(system ? "namespace_name" : "namespace");
          const adapter = query.includes(ADAPTER.name) || query.includes(ADAPTER.containerName);
          assert.equal(namespace, adapter ? ADAPTER.namespace : stack.namespace, `${where}: ${metric}`);
          if (exact.has("exported_namespace")) assert.equal(exact.get("namespace"), DCGM.namespace, where);
        }
      }
    });
  }

  it("would be told from one that is broken", async () => {
    for (const broken of ["sum(rate(a[5m])", "a{b=c}", "a > ", "sum by (a (b)", 'a{b="c"', "a unless on b"]) {
      assert.ok((await parseQuery(broken)).errors > 0, broken);
    }
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
