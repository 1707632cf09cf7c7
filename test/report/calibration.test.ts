import assert from "node:assert/strict";
import type { StageFigures } from "../../tools/calibrate/contract";
import type { CalibrationReport } from "../../tools/report/calibration";
import { calibrationPage } from "../../tools/report/html/calibration";
import { around, CLOSED, fakeCalibration, fakeStage, fakeTarget, OPEN } from "./calibrations";
import { all, attribute, type Element, one, parsed, text } from "./document";

type Document = ReturnType<typeof parsed>;
/** Of few loads unless told: what they are is mostly all the same. */
const pageOf = (changes: Partial<CalibrationReport> = {}) =>
  parsed(calibrationPage(fakeCalibration({ stages: CLOSED.slice(0, 2), ...changes })));

function chart(document: Document, title: string): Element {
  const [found, ...others] = all(document, "figure", "chart").filter((figure) => text(one(figure, "b")) === title);
  assert.ok(found !== undefined && others.length === 0, `${others.length} others of ${title}`);
  return found;
}
function section(document: Document, title: string): Element {
  return (
    all(document, "section").find((each) => all(each, "h2").some((h2) => text(h2) === title)) ?? assert.fail(title)
  );
}
const rows = (node: Element) => all(node, "tr").map((row) => [...all(row, "th"), ...all(row, "td")].map(text));
/** Places across, in percent, of the points of a chart by their shape; keys have none. */
const placesOf = (figure: Element, name: "circle" | "path") =>
  all(figure, "svg", "at")
    .filter((at) => all(at, name, "point").length > 0)
    .map((at) => Number.parseFloat(attribute(at, "x") ?? ""));

describe("the page of a calibration", () => {
  const document = pageOf({ stages: [...CLOSED, ...OPEN] });

  it("says first where its figures are from, and only of a real server that they were measured", () => {
    assert.match(text(one(document, "body")).trim(), /^Measured/);
    const standIn = pageOf({ origin: "stand-in" });
    assert.match(text(one(standIn, "p", "origin")), /^Simulated server .*step times are simulated, no GPU ran/);
    assert.match(text(one(standIn, "head")), /\(simulated server\)/);
    assert.match(text(one(document, "head")), /\(measured\)/);
  });

  it("needs nothing from elsewhere, and runs nothing", () => {
    assert.equal(all(document, "script").length, 0);
    for (const element of all(document, "*")) {
      for (const { name, value } of element.attrs) {
        assert.ok(!/^(on|src|href|srcset|style$|data$)/.test(name), `${element.tagName} ${name}`);
        assert.ok(!/url\(|https?:|data:/.test(value), `${element.tagName} ${name}="${value.slice(0, 40)}"`);
      }
    }
  });

  it("draws latency, signals and throughput, each described with its figures", () => {
    assert.deepEqual(
      all(document, "figcaption").map((caption) => text(one(caption, "b"))),
      [
        ...["Time to first token", "Time per token after the first", "Within the SLO"],
        ...["Queue", "Batch", "Duty cycle"],
        ...["Requests answered", "Output tokens"],
      ],
    );
    for (const svg of all(document, "svg", "plot")) {
      assert.equal(attribute(svg, "role"), "img");
      assert.match(text(one(svg, "desc")), /: [\d.]+.* to [\d.]+.*under 14 loads of/);
    }
    assert.match(text(chart(document, "Time to first token")), /SLO 2 s\. The knee is at 8 a second\./);
  });

  it("tells closed loops from open ones by the shape of their points", () => {
    for (const figure of all(document, "figure", "chart").slice(0, 3)) {
      const perKind = text(one(figure, "b")) === "Within the SLO" ? 1 : 3;
      assert.equal(placesOf(figure, "circle").length, perKind * CLOSED.length);
      assert.equal(placesOf(figure, "path").length, perKind * OPEN.length);
    }
    const figure = chart(document, "Within the SLO");
    // Open loops stand at what was sent, closed ones at what was answered; the axis ends at 10.
    assert.deepEqual(placesOf(figure, "path"), [20, 40, 60, 80, 90, 100]);
    const answered = CLOSED.map(({ requestsPerSecond }) => Math.round(requestsPerSecond.mean * 1000) / 100);
    assert.deepEqual(placesOf(figure, "circle"), answered);
  });

  it("draws confidence intervals of p95 where there are any, and says what they are", () => {
    const figure = chart(document, "Time to first token");
    assert.equal(all(figure, "path", "bar").length, CLOSED.length + OPEN.length);
    assert.match(text(section(document, "Latency against the rate of requests")), /95 % confidence intervals/);
    const none = { low: Number.NaN, high: Number.NaN };
    const once = pageOf({
      stages: CLOSED.map((stage) => ({
        ...stage,
        ttftP95: { ...stage.ttftP95, ...none },
        tpotP95: { ...stage.tpotP95, ...none },
      })),
    });
    assert.equal(all(chart(once, "Time to first token"), "path", "bar").length, 0);
    assert.doesNotMatch(text(section(once, "Latency against the rate of requests")), /confidence/);
  });

  it("marks the knee in all charts: at its rate, and at its concurrency", () => {
    const knees = all(document, "figure", "chart").map((figure) => attribute(one(figure, "line", "dotted"), "x1"));
    assert.deepEqual(knees.slice(0, 6), Array(6).fill("80%"));
    // 48.2 on an axis from 1 to 256 with equal steps for powers of two.
    const across = `${Math.round((Math.log2(48.2) / 8) * 10000) / 100}%`;
    assert.deepEqual(knees.slice(6), [across, across]);
    assert.match(
      text(section(document, "The knee")),
      /8 a second: 48\.2 at once at the server\. At 9 a second 71 % .* one server holds 7\.4 a second\.\n$/,
    );
  });

  it("labels each stack of charts once, below its last one, and names the knee in its first", () => {
    const figures = all(document, "figure", "chart");
    const labelled = figures.map((figure) => all(figure, "text", "below").length > 0);
    assert.deepEqual(labelled, [false, false, true, false, false, true, false, true]);
    const named = figures.map((figure) => all(figure, "text", "mark").map(text).join());
    assert.deepEqual(named, ["knee", "", "", "knee", "", "", "knee", ""]);
  });

  it("joins loads that were told where to stand across, and no others: where those stand was measured", () => {
    const curves = (title: string) =>
      all(chart(document, title), "path", "line").map((path) => (attribute(path, "d") ?? "").split(/[ML]/).length - 1);
    assert.deepEqual(curves("Within the SLO"), [OPEN.length]);
    assert.deepEqual(curves("Time to first token"), Array(3).fill(OPEN.length));
    assert.deepEqual(curves("Batch"), [OPEN.length]);
    assert.deepEqual(curves("Output tokens"), [CLOSED.length]);
  });

  it("names each quantile once, be there loads of both kinds or of one", () => {
    for (const page of [document, pageOf({ stages: CLOSED }), pageOf({ stages: OPEN })]) {
      const ends = all(chart(page, "Time to first token"), "text", "end").map(text);
      assert.deepEqual(ends.sort(), ["SLO 2 s", "p50", "p95", "p99"]);
    }
  });

  it("joins loads by how heavy they are, in whatever order they were measured", () => {
    const lines = (stages: readonly StageFigures[]) =>
      all(chart(pageOf({ stages }), "Output tokens"), "path", "line").map((path) => attribute(path, "d"));
    const some = CLOSED.slice(0, 4);
    assert.deepEqual(lines([...some].reverse()), lines(some));
  });

  it("labels concurrency by powers of two", () => {
    const labels = all(chart(document, "Output tokens"), "text", "below").map(text);
    assert.deepEqual(labels, ["1", "2", "4", "8", "16", "32", "64", "128", "256"]);
  });

  it("has room for the SLO in the charts of latency", () => {
    for (const title of ["Time to first token", "Time per token after the first"]) {
      const slow = pageOf({ stages: CLOSED.slice(0, 2), slo: { ttftSeconds: 40, tpotSeconds: 0.9 } });
      const plot = one(chart(slow, title), "svg", "plot");
      const level = all(plot, "line", "level").find((line) => attribute(line, "class") === "level dashed");
      const y = Number(attribute(level ?? assert.fail(title), "y1"));
      assert.ok(y >= 2 && y < 60, `${title}: ${y}`);
    }
  });

  it("draws each signal against its own target and band, and the stack's own before another", () => {
    assert.match(text(chart(document, "Queue")), /tolerated: 0\.45 to 0\.55.*target 0\.5, queue-size/);
    assert.match(text(chart(document, "Batch")), /tolerated: 36 to 44.*target 40, batch-size, the stack's own/);
    const gpu = [
      fakeTarget({ strategy: "gke-duty-cycle", isOwn: false, target: 70, low: 63, high: 77 }),
      fakeTarget({ strategy: "dcgm-gpu-util", isOwn: true, target: 80, low: 72, high: 88 }),
    ];
    assert.match(text(chart(pageOf({ targets: gpu }), "Duty cycle")), /target 80, dcgm-gpu-util, the stack's own/);
    const band = one(one(chart(document, "Batch"), "svg", "plot"), "rect", "band");
    // The chart is 110 high with 2 above, and its axis ends at 100.
    assert.ok(Math.abs(Number(attribute(band, "height")) - (8 / 100) * 108) < 0.2);
  });

  it("keeps the band in sight where the queue is a hundred times the target", () => {
    const figure = chart(document, "Queue");
    assert.match(text(one(figure, "figcaption")), /↑ up to 48\.8/);
    // 128 clients, 9 and 10 a second are beyond the upper edge: arrows at it.
    const arrows = all(figure, "svg", "at").filter(
      (at) => attribute(at, "y") === "0" && all(at, "path", "point").length,
    );
    assert.equal(arrows.length, 3);
  });

  it("leaves the duty cycle out where there are no samples", () => {
    const stages = CLOSED.map(({ dutyCycle: _, ...stage }) => stage);
    assert.doesNotMatch(text(pageOf({ stages })), /Duty cycle|duty cycle/);
  });

  it("has the figures of every load in its tables", () => {
    const stage = fakeStage(
      { kind: "closed", concurrency: 16 },
      {
        ttft: { p50: 0.25, p95: 0.75, p99: 1.25 },
        ttftP95: { mean: 0.76, low: 0.7, high: 0.8 },
        tpot: { p50: 0.025, p95: 0.035, p99: 0.045 },
        tpotP95: { mean: 0.036, low: 0.03, high: 0.04 },
        attainment: { mean: 0.9996, low: 0.991, high: 1 },
        requestsPerSecond: around(3.5, 0),
        tokensPerSecond: around(440, 0),
        results: { served: 600, overloaded: 11, rejected: 12, unfinished: 13, failed: 14 },
        ...{ requests: 650, seconds: 240, repetitions: 4, queue: 1.5, clientQueue: 1.75, batch: 14, clientBatch: 13 },
        dutyCycle: 97,
        planned: { inputTokens: 500, outputTokens: 200 },
        achieved: { inputTokens: 498, outputTokens: 150 },
      },
    );
    const page = pageOf({ stages: [stage] });
    assert.deepEqual(rows(section(page, "What clients saw"))[1], [
      ...[
        "16 at once",
        "3.5 (3.5–3.5)",
        "440 (440–440)",
        "0.25",
        "0.75 (0.7–0.8)",
        "1.25",
        "25",
        "35 (30–40)",
        "45",
        "> 99.9 (99.1–100)",
      ],
    ]);
    assert.deepEqual(rows(section(page, "What the server did"))[1], [
      ...["16 at once", "240", "4", "650", "600", "11", "12", "13", "14", "1.5", "1.75", "14", "13", "97"],
    ]);
    assert.deepEqual(rows(section(page, "How long requests were"))[1], [
      ...["16 at once", "500", "498", "200", "150", "75 %"],
    ]);
  });

  it("lists the targets with their reasons, and the lines for the stack file", () => {
    const targets = section(document, "Targets");
    assert.match(text(targets), /The HPA tolerates 10 %: it adds a replica only above target × 1\.1\./);
    assert.deepEqual(rows(targets).slice(1), [
      ["queue-size", "0.61", "32", "0.5", "0.45–0.55", "requests"],
      ["batch-size (the stack's own)", "47.3", "96", "40", "36–44", "requests"],
      ["gke-duty-cycle", "99", "100", "90", "81–99", "%"],
      ["dcgm-gpu-util", "–", "100", "–", "–", "%"],
    ]);
    assert.match(text(targets), /dcgm-gpu-util: Not measured/);
    assert.equal(
      text(one(targets, "pre")),
      "  gke-llm-autoscaling:metricStrategy: batch-size\n  gke-llm-autoscaling:metricTarget: 40\n",
    );
  });

  it("shows fitted constants beside the roofline's, and which could not be told", () => {
    const fitted = rows(section(document, "Fitted step times"));
    assert.deepEqual(fitted[1], ["prefill", "18.5 ms", "± 4.1 %", "16 ms", "1.16 ×"]);
    assert.deepEqual(fitted[2], ["prefill, each token", "63 µs", "± 1.2 %", "81 µs", "0.778 ×"]);
    assert.deepEqual(fitted.at(-1)?.slice(0, 3), ["decode step, each KV token", "410 ns", "cannot be told"]);
    assert.match(text(section(document, "Fitted step times")), /Half of 41877 decode steps are within 2\.1 % of it/);
    const unknown = rows(section(pageOf({ roofline: undefined }), "Fitted step times"));
    assert.deepEqual(unknown[0], ["constant", "fitted", "standard error"]);
    assert.match(text(section(pageOf({ fit: undefined }), "Fitted step times")), /Too little was measured/);
  });

  it("says where client and server disagree, or that they do not", () => {
    assert.match(text(section(document, "Client against server")), /the server says a queue of 33/);
    assert.match(text(section(pageOf({ checks: [] }), "Client against server")), /is what clients saw/);
  });

  it("shows nothing of a text as markup", () => {
    const evil = `<b>&"'</b> 模型 é \u202e\u001b[2J`;
    const shown = `<b>&"'</b> 模型 é \ufffd\ufffd[2J`;
    const page = pageOf({
      ...{ title: evil, subtitle: evil, headline: evil, partialBecause: evil },
      ...{ checks: [evil], notes: [evil], assumptions: [evil], stackFile: [evil] },
      knee: { load: undefined, why: evil },
      targets: [fakeTarget({ sentence: evil, unit: evil })],
    });
    assert.equal(all(page, "b").filter((b) => text(b).includes("&")).length, 0);
    const body = text(one(page, "body"));
    assert.equal(body.split(shown).length - 1, 11);
    assert.ok(!body.includes("\u202e") && !body.includes("\u001b"));
  });

  it("says before the figures that a run ended early, and why", () => {
    const page = pageOf({ partialBecause: "The server did not answer any more." });
    assert.equal(text(one(page, "p", "caveat")), "Incomplete The server did not answer any more.");
    assert.equal(all(document, "p", "caveat").length, 0);
  });

  it("marks no knee where there is none", () => {
    const page = pageOf({ knee: { load: undefined, why: "Every load met the SLO." } });
    assert.match(text(section(page, "The knee")), /No knee\. Every load met the SLO\./);
    assert.equal(all(page, "line", "dotted").length, 0);
    assert.ok(!all(page, "span", "key").some((key) => /knee/.test(text(key))));
  });
});
