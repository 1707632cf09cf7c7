/**
 * How a page looks. The colours are those of Okabe and Ito, the dark ones for white and the light ones for black; text
 * keeps a contrast of at least 4.5 to 1, marks one of 3 to 1. A chart has room for labels beside it where it is wide,
 * and fewer labels where it is narrow.
 */
export const STYLE = `
:root { color-scheme: light; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de; --badge: #fff1cc; --badge-ink: #5c3b00;
  --blue: #0072b2; --orange: #c84f00; --green: #009e73; --purple: #9c3587; --gray: #6e7781; --band: #e69f00; }
@media screen and (prefers-color-scheme: dark) {
  :root { color-scheme: dark; --ink: #e6edf3; --soft: #9ba5b0; --paper: #0d1117; --line: #30363d; --badge: #4a3500; --badge-ink: #ffe2a3;
    --blue: #56b4e9; --orange: #ff9e4a; --green: #1fc295; --purple: #dd8fc4; --gray: #9ba5b0; --band: #e69f00; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 24px 20px 48px; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: break-word; }
h1 { font-size: 26px; line-height: 1.25; margin: 12px 0 4px; }
h2 { font-size: 18px; margin: 32px 0 8px; }
h3 { font-size: 16px; margin: 0 0 4px; }
p { margin: 4px 0; max-width: 75ch; }
ul { margin: 4px 0; padding-left: 22px; max-width: 75ch; }
.origin { display: inline-block; background: var(--badge); color: var(--badge-ink); padding: 4px 10px; border-radius: 4px; margin: 0; max-width: none; font-size: 14px; }
.origin strong { text-transform: uppercase; letter-spacing: .06em; margin-right: 4px; }
.subtitle, .shared { color: var(--soft); }
.headline { font-size: 18px; margin: 14px 0 0; }
.caveat { border-left: 4px solid var(--orange); padding: 4px 12px; margin-top: 12px; }
.caveat strong { margin-right: 4px; }
pre { margin: 4px 0; padding: 8px 12px; border: 1px solid var(--line); border-radius: 4px; overflow-x: auto; font-size: 13.5px; }
h3:has(+ pre) { margin-top: 14px; font-size: 14px; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 18px 5px 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: normal; }
th.number, td.number { text-align: right; }
td.number, tbody th { white-space: nowrap; }
thead th { color: var(--soft); font-weight: 600; font-size: 13px; vertical-align: bottom; }
tbody th { font-weight: 600; }
.chart { container-type: inline-size; margin: 0 0 10px; padding-bottom: 26px; break-inside: avoid; }
.bare { padding-bottom: 8px; }
figcaption { font-size: 14px; }
.unit, .key { color: var(--soft); font-size: 13px; }
.across { text-align: center; margin: 19px 0 -24px; }
.key > span { white-space: nowrap; margin-left: 12px; color: var(--ink); }
p > .key > span { margin: 0 12px 0 0; }
.swatch { vertical-align: -1px; margin-right: 2px; }
.plot { display: block; overflow: visible; width: calc(100% - 132px); margin: 8px 84px 0 48px; }
.plot text { fill: var(--ink); font-size: 12px; }
.axis text { fill: var(--soft); font-variant-numeric: tabular-nums; }
.left, .before { text-anchor: end; }
.below { text-anchor: middle; }
.axis line { stroke: var(--soft); }
.axis .grid { stroke: var(--line); }
.line, .area, .spread, .level, .ring { vector-effect: non-scaling-stroke; fill: none; stroke-width: 1.6; stroke-linejoin: round; }
.blue { --mark: var(--blue); } .orange { --mark: var(--orange); } .green { --mark: var(--green); } .purple { --mark: var(--purple); } .gray { --mark: var(--gray); }
.line { stroke: var(--mark); }
.line.orange { stroke-width: 2; }
.area { fill: var(--mark); fill-opacity: .35; stroke: var(--mark); stroke-width: 1; }
.spread { fill: var(--mark); fill-opacity: .3; }
.dot { fill: var(--mark); fill-opacity: .7; }
.point { fill: var(--mark); stroke: var(--paper); stroke-width: .8; }
.hollow { fill: var(--paper); stroke: var(--mark); stroke-width: 1.8; }
.bar { fill: none; stroke: var(--mark); stroke-width: 1.4; }
.at { overflow: visible; }
.band { fill: var(--band); fill-opacity: .3; stroke: var(--band); stroke-opacity: .5; vector-effect: non-scaling-stroke; }
.level { stroke: var(--ink); stroke-width: 1.2; }
.ring { stroke: var(--ink); stroke-width: 2; }
.mark { font-weight: 600; paint-order: stroke; stroke: var(--paper); stroke-width: 3px; }
.dashed { stroke-dasharray: 6 4; }
.dotted { stroke-dasharray: 1.5 3; }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 28px 24px; margin-top: 14px; }
.run { min-width: 0; break-inside: avoid; }
.run h2 { margin-top: 0; }
@container (max-width: 560px) {
  .plot { width: calc(100% - 58px); margin-right: 14px; margin-left: 44px; }
  .plot .end, .plot .minor { display: none; }
  .key { display: block; }
  .key > span { margin: 0 12px 0 0; }
}
@media (max-width: 480px) { body { padding: 14px 12px 32px; } h1 { font-size: 22px; } .headline { font-size: 16px; } }
@media print {
  @page { margin: 14mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  h2, h3, section > p:has(+ .stack, + .table, + p) { break-after: avoid; break-inside: avoid; }
  tr, ul, .stack { break-inside: avoid; }
  .table { overflow: visible; }
  h2 { margin-top: 18px; }
  .chart { margin-bottom: 2px; padding-bottom: 22px; }
  .bare { padding-bottom: 5px; }
  table { font-size: 9pt; }
  th, td { padding-right: 9px; }
  thead th { font-size: 8pt; }
  .plot { margin-top: 4px; }
  .multiples { grid-template-columns: 1fr 1fr; gap: 8px 24px; }
}
`;
