import assert from "node:assert/strict";
import { simulationPage } from "../../tools/report/html/simulation";
import { STYLE } from "../../tools/report/html/style";
import type { SimulationReport } from "../../tools/report/series";
import { all, attribute, coordinates, type Element, one, parsed, text } from "./document";
import { DAY, fakeMetric, fakeRun } from "./runs";

const report: SimulationReport = {
  title: "queue-size at 10",
  subtitle: "Stack dev",
  headline: "1.8 % missed the objective.",
  assumptions: ["A node takes 150 s.", "Tokens follow a log-normal."],
  table: { columns: ["strategy", "missed", "note"], rows: [["queue-size at 10", "1.8 %", "cheap"]] },
  runs: [fakeRun(DAY)],
};
type Document = ReturnType<typeof parsed>;
const pageOf = (runs: SimulationReport["runs"]) => parsed(simulationPage({ ...report, runs }));
const EIGHT = Array.from({ length: 8 }, (_, index) => fakeRun(DAY, { label: `run ${index}` }));

function charts(document: Document, title: string): readonly Element[] {
  return all(document, "figure", "chart").filter((figure) => text(one(figure, "b")) === title);
}
const labels = (chart: Element | undefined, side: string) =>
  chart === undefined ? [] : all(chart, "text", side).map((label) => `${text(label)} at ${attribute(label, "y")}`);

describe("the page of a run", () => {
  const source = simulationPage(report);
  const document = parsed(source);

  it("says that it is simulated before anything else, and what it assumes", () => {
    const body = text(one(document, "body")).trim();
    assert.match(body, /^Simulated/);
    assert.match(text(one(document, "head")), /queue-size at 10 \(simulated\)/);
    for (const assumption of report.assumptions) assert.ok(body.includes(assumption));
    assert.ok(body.includes("1.8 % missed the objective."));
  });

  it("needs nothing from elsewhere, and runs nothing", () => {
    assert.equal(all(document, "script").length, 0);
    for (const element of all(document, "*")) {
      for (const { name, value } of element.attrs) {
        assert.ok(!/^(on|src|href|srcset|style$|data$)/.test(name), `${element.tagName} ${name}`);
        assert.ok(!/url\(|https?:|data:/.test(value), `${element.tagName} ${name}="${value.slice(0, 40)}"`);
      }
    }
    assert.doesNotMatch(STYLE, /url\(|@import|https?:/);
  });

  it("draws the load, the replicas, the metric and the misses over one time axis", () => {
    assert.deepEqual(
      all(document, "figcaption").map((caption) => text(one(caption, "b"))),
      ["Load", "Replicas", "tgi_queue_size", "Missed the objective"],
    );
    const times = all(document, "figure", "chart").map((chart) => all(chart, "text", "below").map(text));
    assert.deepEqual(times, [[], [], [], ["0", "3 h", "6 h", "9 h", "12 h", "15 h", "18 h", "21 h", "24 h"]]);
    for (const svg of all(document, "svg", "plot")) assert.match(text(one(svg, "desc")), / to .*Over 24 h\./);
  });

  it("draws the metric against its target and its band", () => {
    const [chart] = charts(document, "tgi_queue_size");
    assert.ok(chart !== undefined);
    const [plot] = all(chart, "svg", "plot");
    assert.ok(plot !== undefined);
    const [y, height] = ["y", "height"].map((name) => Number(attribute(one(plot, "rect", "band"), name)));
    const target = Number(attribute(one(plot, "line", "level"), "y1"));
    assert.ok(Math.abs((y ?? 0) + (height ?? 0) / 2 - target) < 0.2);
    assert.match(text(one(chart, "figcaption")), /tolerated: 9 to 11.*average.*target 10/);
  });

  it("keeps a spike of a single entry", () => {
    const load = Float64Array.from({ length: DAY }, (_, index) => (index === 3333 ? 600 : 1));
    const misses = Float64Array.from({ length: DAY }, (_, index) => (index === 3333 ? 40 : 0));
    const spiked = pageOf([fakeRun(DAY, { load, misses })]);
    const highest = (title: string, name: string) => {
      const [chart] = charts(spiked, title);
      const path = all(one(chart ?? assert.fail(), "svg", "plot"), "path", name);
      return Math.min(...coordinates(path[0] ?? assert.fail()).map(([, height]) => height));
    };
    assert.equal(highest("Load", "spread"), 2);
    assert.equal(highest("Missed the objective", "area"), 2);
  });

  it("shows the band also where the metric is a hundred times its target", () => {
    const average = Float64Array.from({ length: DAY }, (_, index) => (index === 99 ? 1000 : 8));
    const [chart] = charts(pageOf([fakeRun(DAY, { metric: fakeMetric({ average }) })]), "tgi_queue_size");
    assert.ok(chart !== undefined);
    assert.match(text(one(chart, "figcaption")), /↑ up to 1K/);
    assert.ok(Number(attribute(one(one(chart, "svg", "plot"), "rect", "band"), "height")) >= 5);
  });

  it("says so where no request missed the objective", () => {
    const calm = pageOf([fakeRun(100, { misses: new Float64Array(100) })]);
    assert.equal(charts(calm, "Missed the objective").length, 0);
    assert.match(text(calm), /No request missed the objective/);
  });

  it("is small for a day, and no larger for a week", () => {
    assert.ok(source.length < 150_000, `${source.length} bytes`);
    const week = simulationPage({ ...report, runs: [fakeRun(7 * DAY)] });
    assert.ok(week.length < 1.3 * source.length, `${week.length} bytes`);
  });

  for (const entries of [0, 1, 2]) {
    it(`survives a run of ${entries} entries`, () => {
      const few = simulationPage({ ...report, runs: [fakeRun(entries)] });
      parsed(few);
      assert.doesNotMatch(few, /NaN|undefined|Infinity/);
    });
  }
});

describe("the page of several runs", () => {
  const halved = { ...fakeRun(DAY / 2), label: "half a day" };
  const doubled = fakeRun(DAY, { label: "double", wanted: Array.from(fakeRun(DAY).wanted, (value) => 2 * value) });
  const document = pageOf([halved, doubled]);

  it("has a small multiple for each, with one axis for all charts of a kind", () => {
    assert.deepEqual(all(document, "h3").map(text), ["half a day", "double"]);
    for (const kind of ["Load", "Replicas", "tgi_queue_size", "Missed the objective"]) {
      const [first, second, ...others] = charts(document, kind);
      assert.equal(others.length, 0);
      assert.ok(labels(first, "left").length > 1);
      assert.deepEqual(labels(first, "left"), labels(second, "left"), kind);
    }
    const [first, second] = charts(document, "Missed the objective");
    assert.ok(labels(first, "below").length > 1);
    assert.deepEqual(labels(first, "below"), labels(second, "below"));
    const [half] = charts(document, "Replicas").map(
      (chart) => coordinates(one(one(chart, "svg", "plot"), "path", "line")).at(-1)?.[0],
    );
    assert.ok(half !== undefined && Math.abs(half - 190) < 1, `${half}`);
  });

  it("gives metrics of different names axes of their own", () => {
    const metric = fakeMetric({ name: "gke-duty-cycle", unit: "%", average: [90], target: 70, low: 63, high: 77 });
    const both = pageOf([fakeRun(100), fakeRun(100, { metric })]);
    assert.notDeepEqual(
      labels(charts(both, "tgi_queue_size")[0], "left"),
      labels(charts(both, "gke-duty-cycle")[0], "left"),
    );
  });

  it("draws a load that all have once", () => {
    const same = pageOf(EIGHT.map(({ label }) => fakeRun(100, { label })));
    assert.equal(charts(same, "Load").length, 1);
    assert.equal(charts(same, "Replicas").length, 8);
    assert.equal(charts(document, "Load").length, 2);
  });

  it("names no target that only one of them has, and explains its marks once", () => {
    const [key, ...others] = all(document, "span", "key");
    assert.equal(others.length, 0);
    assert.doesNotMatch(text(key ?? assert.fail()), /\d{2,}(?! s)/);
  });

  it("stays small for eight days", () => {
    const shifted = EIGHT.map((run, index) => ({ ...run, load: Array.from(run.load, (value) => value + index) }));
    const { length } = simulationPage({ ...report, runs: shifted });
    assert.ok(length < 600_000, `${length} bytes`);
  });
});
