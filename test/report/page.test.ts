import assert from "node:assert/strict";
import { type DefaultTreeAdapterTypes, parse } from "parse5";
import { simulationPage } from "../../tools/report/html/simulation";
import type { SimulationReport } from "../../tools/report/series";
import { run } from "./support";

type Element = DefaultTreeAdapterTypes.Element;

const DAY = 5760;

function report(more: Partial<SimulationReport> = {}): SimulationReport {
  return {
    title: "Simulated: stack dev",
    subtitle: "a day",
    headline: "99 % of it.",
    assumptions: ["the first", "the second"],
    table: { columns: ["figure", "value"], rows: [["GPU-hours", "5.00"]] },
    runs: [run(240)],
    ...more,
  };
}

/** Elements of a page, and what its parser complains of. */
function parsed(html: string): { elements: readonly Element[]; errors: readonly string[] } {
  const errors: string[] = [];
  const document = parse(html, { onParseError: ({ code }) => errors.push(code) });
  const elements: Element[] = [];
  const walk = (node: DefaultTreeAdapterTypes.Node): void => {
    if ("tagName" in node) elements.push(node);
    if ("childNodes" in node) node.childNodes.forEach(walk);
  };
  walk(document);
  return { elements, errors };
}

const named = (elements: readonly Element[], tagName: string) => elements.filter((it) => it.tagName === tagName);
const attribute = ({ attrs }: Element, wanted: string) => attrs.find(({ name }) => name === wanted)?.value;

describe("the page of a simulation", () => {
  it("is well-formed, and says first that nothing of it was measured", () => {
    const html = simulationPage(report());
    const { elements, errors } = parsed(html);
    assert.deepEqual(errors, []);
    assert.ok(html.indexOf("Simulated") < html.indexOf("99 % of it."));
    assert.match(html, /the first/);
    assert.equal(named(elements, "html").length, 1);
  });

  it("needs nothing from elsewhere, and runs nothing", () => {
    const { elements } = parsed(simulationPage(report({ runs: [run(240), run(240, "another")] })));
    for (const tag of ["script", "link", "img", "iframe", "object"]) assert.deepEqual(named(elements, tag), [], tag);
    for (const element of elements) {
      for (const { name, value } of element.attrs) {
        assert.ok(!name.startsWith("on"), name);
        assert.ok(!/^https?:|^\/\//.test(value) || name === "xmlns", `${name}=${value}`);
      }
    }
  });

  it("describes each chart to those who cannot see it", () => {
    const { elements } = parsed(simulationPage(report()));
    const charts = named(elements, "svg").filter((it) => attribute(it, "role") === "img");
    assert.equal(charts.length, 4);
    for (const chart of charts) {
      const inner = chart.childNodes.flatMap((node) => ("tagName" in node ? [node.tagName] : []));
      assert.deepEqual(inner.slice(0, 2), ["title", "desc"]);
    }
  });

  it("fits the dark, and paper", () => {
    const html = simulationPage(report());
    assert.match(html, /prefers-color-scheme: ?dark/);
    assert.match(html, /@media print/);
  });

  it("leaves out the misses where there are none, and says so", () => {
    const html = simulationPage(report({ runs: [run(240, "calm", { misses: new Float64Array(240) })] }));
    assert.match(html, /No request missed the objective/);
  });

  it("writes texts, whatever they are made of", () => {
    const evil = `"><script>alert('&')</script>`;
    const html = simulationPage(
      report({
        title: evil,
        subtitle: evil,
        headline: evil,
        assumptions: [evil],
        notes: [evil],
        table: { columns: [evil], rows: [[evil]] },
        runs: [run(40, evil), run(40, `${evil} 2`)],
      }),
    );
    const { elements, errors } = parsed(html);
    assert.deepEqual(errors, []);
    assert.deepEqual(named(elements, "script"), []);
    assert.ok(!html.includes("<script"));
  });

  it("stays small for a day, and for eight of them", () => {
    assert.ok(simulationPage(report({ runs: [run(DAY)] })).length < 300_000);
    const runs = Array.from({ length: 8 }, (_, index) => run(DAY, `run ${index}`));
    assert.ok(simulationPage(report({ runs })).length < 1_500_000);
  });

  it("draws several runs small, with axes in common", () => {
    const busy = run(240, "busy", { wanted: new Float64Array(240).fill(40), ready: new Float64Array(240).fill(40) });
    const html = simulationPage(report({ runs: [run(240, "calm"), busy] }));
    assert.match(html, /side by side/);
    // The calm run's replicas are drawn on an axis that ends where the busy one's does.
    const panels = html.split('<section class="run">').slice(1);
    assert.equal(panels.length, 2);
    for (const panel of panels) assert.match(panel, />40</);
  });
});
