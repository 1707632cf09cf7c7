import type { CalibrationReport } from "../calibration";
import {
  clientTable,
  fitSentences,
  fitTable,
  kneeText,
  lengthTable,
  serverTable,
  targetTable,
} from "../calibrationTables";
import { shortNotes } from "../calibrationText";
import { commonKey, latencyCharts, latencyKey, signalCharts, throughputCharts } from "./calibrationCharts";
import { type Chart, chartFigure, keyOf } from "./chart";
import { type Content, html } from "./markup";
import { listOf, page, type Section, tableOf } from "./page";

/** The result of a calibration as one page: curves against the load, and the figures behind them. */
export function calibrationPage(report: CalibrationReport): string {
  const { title, subtitle, headline, origin, partialBecause, assumptions, checks, notes = [] } = report;
  return page({
    ...{ title, subtitle, headline, origin },
    caveat: partialBecause,
    sections: [
      { title: "The knee", body: html`<p>${kneeText(report)}</p>\n` },
      ...targetsSection(report),
      ...(report.stages.length === 0 ? [NO_STAGE] : [...curvesSections(report), ...figuresSections(report)]),
      ...fitSection(report),
      { title: "Client against server", body: checks.length === 0 ? AGREED : listOf(checks) },
      ...(assumptions.length === 0 ? [] : [{ title: "What this assumes", body: listOf(assumptions) }]),
      ...(notes.length === 0 ? [] : [{ title: "Notes", body: listOf(notes) }]),
    ],
  });
}

const NO_STAGE: Section = { title: "Figures", body: html`<p>No load was measured.</p>\n` };
const AGREED = html`<p>What the server says of itself is what clients saw.</p>\n`;

function targetsSection(report: CalibrationReport): readonly Section[] {
  const { stackFile, targetsNote } = report;
  const note = targetsNote === undefined ? "" : html`<p>${targetsNote}</p>\n`;
  const reasons = report.targets.map(({ strategy, sentence }) => `${strategy}: ${sentence}`);
  const lines = html`<h3>For the stack file, below <code>config:</code></h3>\n<pre tabindex="0">${stackFile.map((line) => html`${line}\n`)}</pre>\n`;
  if (report.targets.length === 0 && stackFile.length === 0) return [];
  return [
    {
      title: "Targets",
      body: [
        report.targets.length === 0 ? "" : [note, tableOf(targetTable(report)), listOf(reasons)],
        stackFile.length === 0 ? "" : lines,
      ],
    },
  ];
}

function curvesSections(report: CalibrationReport): readonly Section[] {
  const isInterval = report.stages.some(({ ttftP95 }) => Number.isFinite(ttftP95.low));
  const intervals = isInterval ? " Upright bars are 95 % confidence intervals." : "";
  const key = html`<p>${keyOf(commonKey(report))}</p>\n`;
  return [
    {
      title: "Latency against the rate of requests",
      body: [
        html`<p class="shared">Latency counts from the moment at which a request was to be sent.${intervals}</p>\n`,
        html`<p>${keyOf(latencyKey(report))}</p>\n`,
        stack(latencyCharts(report)),
      ],
    },
    { title: "What the autoscaler may look at", body: [key, stack(signalCharts(report))] },
    { title: "Throughput against concurrency", body: [key, stack(throughputCharts(report))] },
  ];
}

function figuresSections(report: CalibrationReport): readonly Section[] {
  return [
    {
      title: "What clients saw",
      body: [
        html`<p class="shared">TTFT: time to first token. TPOT: time per output token after it. In brackets: 95 % confidence intervals.</p>\n`,
        tableOf(clientTable(report)),
        shortNotes(report.stages).map((note) => html`<p class="shared">${note}</p>\n`),
      ],
    },
    { title: "What the server did", body: tableOf(serverTable(report)) },
    { title: "How long requests were", body: tableOf(lengthTable(report)) },
  ];
}

function fitSection(report: CalibrationReport): readonly Section[] {
  const body: Content =
    report.fit === undefined
      ? html`<p>Too little was measured to fit step times.</p>\n`
      : [tableOf(fitTable(report)), listOf(fitSentences(report))];
  return [{ title: "Fitted step times", body }];
}

function stack(charts: readonly Chart[]): Content {
  return html`<div class="stack">\n${charts.map(chartFigure)}</div>\n`;
}
