import assert from "node:assert/strict";
import { html, trusted } from "../../tools/report/html/markup";
import { page, tableOf } from "../../tools/report/html/page";
import { simulationPage } from "../../tools/report/html/simulation";
import type { SimulationReport } from "../../tools/report/series";
import { all, attribute, one, parsed, text } from "./document";
import { fakeMetric, fakeRun } from "./runs";

describe("text in a page", () => {
  const evil = `</title></style></svg><script>alert("1")</script><img src=x onerror='alert(1)'>"' onload="x`;
  const everywhere = (of: string): SimulationReport => ({
    title: of,
    subtitle: of,
    headline: of,
    assumptions: [of],
    notes: [of],
    table: { columns: [of, of], rows: [[of, of]] },
    runs: ["a", "b"].map((name) =>
      fakeRun(20, { label: of + name, metric: fakeMetric({ name: of, unit: of, average: [1] }) }),
    ),
  });

  it("is never markup, wherever it comes from", () => {
    const shape = (source: string) =>
      all(parsed(source), "*").map(({ tagName, attrs }) => `${tagName} ${attrs.map(({ name }) => name).join(" ")}`);
    const source = simulationPage(everywhere(evil));
    assert.deepEqual(shape(source), shape(simulationPage(everywhere("good"))));
    assert.equal(text(one(parsed(source), "h1")), evil);
    assert.ok(
      all(parsed(source), "title").some((title) => text(title) === evil),
      "not in an SVG",
    );
  });

  it("is escaped once by templates, and markup not again", () => {
    assert.equal(
      html`<b title="${'"<'}">${"&"}${html`<i>${1}</i>`}${undefined}${["x", "<"]}</b>`.source,
      '<b title="&quot;&lt;">&amp;<i>1</i>x&lt;</b>',
    );
    assert.equal(html`${trusted("<br>")}`.source, "<br>");
  });

  it("loses what is no character", () => {
    assert.equal(html`<b>${"a\u0000\ud800\n"}</b>`.source, "<b>a\ufffd\ufffd </b>");
  });
});

describe("a table of figures", () => {
  const rows = [
    ["a", "1.8 %", "12", "none", "–"],
    ["b", "< 1 s", "$1,234", "3", "7"],
  ];
  const table = parsed(tableOf({ columns: ["run", "missed", "cost", "note", "more"], rows }).source);

  it("names its columns and rows for those who hear it, and aligns numbers", () => {
    assert.deepEqual(
      all(table, "th").map((head) => attribute(head, "scope")),
      ["col", "col", "col", "col", "col", "row", "row"],
    );
    assert.deepEqual(all(table, "td", "number").map(text), ["1.8 %", "12", "–", "< 1 s", "$1,234", "7"]);
  });
});

describe("a page", () => {
  it("may be of measured figures too, and then does not say that they are simulated", () => {
    const source = page({
      title: "t",
      subtitle: "s",
      headline: "h",
      origin: "measured",
      sections: [{ title: "One", body: html`<p>x</p>` }],
    });
    assert.match(text(one(parsed(source), "body")).trim(), /^Measured/);
    assert.doesNotMatch(source, /simulated/i);
  });
});
