import type { Table } from "../series";
import { type Content, type Html, html, trusted } from "./markup";
import { STYLE } from "./style";

/** Where the figures of a page come from. */
export type Origin = "simulated" | "measured" | "stand-in";

export interface Section {
  readonly title: string;
  readonly body: Content;
}

export interface Page {
  readonly title: string;
  readonly subtitle: string;
  readonly origin: Origin;
  /** The answer in one sentence. */
  readonly headline: string;
  /** What must be known before the answer is believed, such as that a run ended early. */
  readonly caveat?: string | undefined;
  readonly sections: readonly Section[];
}

const ORIGINS: Readonly<Record<Origin, { readonly badge: string; readonly means: string }>> = {
  simulated: {
    badge: "Simulated",
    means: "A model worked these figures out; no GPU ran. What it assumes is listed below.",
  },
  measured: { badge: "Measured", means: "These figures were measured on running servers." },
  "stand-in": {
    badge: "Simulated server",
    means: "Measured on the stand-in: its step times are simulated, no GPU ran.",
  },
};

/** A page that is whole in itself: nothing is fetched, and no script runs. */
export function page({ title, subtitle, origin, headline, caveat, sections }: Page): string {
  const { badge, means } = ORIGINS[origin];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} (${badge.toLowerCase()})</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<header>
<p class="origin"><strong>${badge}</strong> ${means}</p>
<h1>${title}</h1>
<p class="subtitle">${subtitle}</p>
<p class="headline">${headline}</p>
${caveat === undefined ? "" : html`<p class="caveat"><strong>Incomplete</strong> ${caveat}</p>\n`}</header>
<main>
${sections.map((section) => html`<section><h2>${section.title}</h2>\n${section.body}</section>\n`)}</main>
</body>
</html>
`.source;
}

/** Figures, the columns of numbers aligned. */
export function tableOf({ columns, rows }: Table): Html {
  const numeric = columns.map((_, index) => rows.every((row) => index > 0 && isNumber(row[index] ?? "")));
  const align = (index: number) => (numeric[index] ? html` class="number"` : "");
  const head = columns.map((column, index) => html`<th scope="col"${align(index)}>${column}</th>`);
  const body = rows.map((row) => {
    const cells = row.map((cell, index) =>
      index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${align(index)}>${cell}</td>`,
    );
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<div class="table" role="group" aria-label="Figures" tabindex="0"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}</tbody>
</table></div>
`;
}

/** `12`, `3.4 %`, `$1,234`, `< 0.1 s`, and the dash of a figure that there is not. */
function isNumber(cell: string): boolean {
  return /^[<>≤≥~≈+\-−–$€ ]*(\d|$)/.test(cell);
}

export function listOf(items: readonly string[]): Html {
  return html`<ul>\n${items.map((item) => html`<li>${item}</li>\n`)}</ul>\n`;
}
