/**
 * How a report looks: system fonts, one accent, the rest ink and paper. Colours are named once for each scheme and say
 * nothing that a mark or a word does not say too. Paper is always light.
 */
import { markup, type Markup } from './html.ts';

/** Of one piece and without a value, so that nothing from a run can get into it. */
export const style: Markup = markup`<style>
:root {
  color-scheme: light dark;
  --paper: #faf9f6; --sheet: #ffffff; --ink: #1c2024; --faint: #59616b; --line: #e3e0d9; --track: #eeece6;
  --accent: #1d5c86; --ghost: #b9cbd8; --good: #1a6642; --bad: #a3301d; --doubt: #774f00; --note: #fbf4e2;
  --p1: #0f3049; --p2: #7fb0d0; --p3: #1d5c86; --p4: #a9cae0; --p5: #4687b3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131619; --sheet: #1a1e22; --ink: #e8e6e1; --faint: #a4abb3; --line: #2d3338; --track: #262b30;
    --accent: #7ab5de; --ghost: #3d5567; --good: #82cba2; --bad: #f29a87; --doubt: #e0b865; --note: #2a2417;
    --p1: #d5e8f5; --p2: #44789b; --p3: #7ab5de; --p4: #2f5a76; --p5: #a3cbe6;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.55 ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding-top: 3.5rem; }
footer { padding-top: 2.5rem; padding-bottom: 3rem; color: var(--faint); font-size: .875rem; }
section { margin-top: 3.5rem; }
h1 {
  display: flex; gap: .5em; margin: .75rem 0 1.75rem; font-size: clamp(1.5rem, 1.1rem + 1.8vw, 2.125rem);
  line-height: 1.25; font-weight: 650; letter-spacing: -.015em; text-wrap: balance;
}
h1.long { font-size: 1.25rem; line-height: 1.4; letter-spacing: 0; text-wrap: wrap; }
h1 span { min-width: 0; }
h1 .mark { flex: none; }
h2 { margin: 0 0 1rem; font-size: 1.25rem; line-height: 1.3; font-weight: 650; letter-spacing: -.01em; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; font-weight: 650; }
h2 + h3, h2 + article h3 { margin-top: 0; }
h4 { margin: .75rem 0 .25rem; font-size: .875rem; font-weight: 600; color: var(--faint); }
p { margin: 0 0 .75rem; max-width: 46rem; }
ul { margin: 0 0 .75rem; padding-left: 1.2rem; max-width: 46rem; }
li { margin: .25rem 0; }
code, .id {
  font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: .875em;
  unicode-bidi: isolate;
}
pre {
  margin: .5rem 0 1rem; padding: .75rem 1rem; background: var(--track); border-radius: .375rem; white-space: pre-wrap;
}
.vh {
  position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap;
}
.faint { color: var(--faint); }
.small { font-size: .875rem; }
.good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
.mark { font-weight: 700; }
.kicker { margin: 0; color: var(--faint); max-width: none; }
.tag {
  display: inline-block; margin: .5rem 0 0; padding: .1rem .7rem; border: 1px solid var(--accent); border-radius: 1rem;
  color: var(--accent); font-size: .875rem; font-weight: 600;
}
.facts {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem 2rem; margin: 0;
  padding: 1.25rem 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line);
}
.facts dt { color: var(--faint); font-size: .875rem; }
.facts dd { margin: 0; font-size: .9375rem; }
.notice {
  margin: 1.5rem 0 0; padding: 1rem 1.25rem; background: var(--note); border-left: .25rem solid var(--doubt);
  border-radius: .25rem;
}
.notice.bad, .notice.doubt { color: var(--ink); }
.notice.bad { border-color: var(--bad); }
.notice h2 { margin: 0 0 .25rem; font-size: 1rem; }
.notice > :last-child { margin-bottom: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.5rem; }
.card { min-width: 0; padding: 1.5rem; background: var(--sheet); border: 1px solid var(--line); border-radius: .5rem; }
.card h3 { margin: 0; }
.card h3 .faint { margin-left: .25rem; font-weight: 400; }
.card > :last-child { margin-bottom: 0; }
.value { margin: .25rem 0 0; font-size: 1.875rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; }
.value small { font-size: 1rem; font-weight: 400; letter-spacing: 0; color: var(--faint); white-space: nowrap; }
.value.none { color: var(--faint); font-weight: 500; }
.state { margin: .25rem 0 1rem; font-weight: 600; }
.track { position: relative; height: .75rem; background: var(--track); border-radius: .2rem; }
.fill, .guess, .aim, .planned, .p95 { position: absolute; left: 0; top: 0; bottom: 0; }
.fill, .guess { border-radius: .2rem; min-width: 2px; }
.fill { background: var(--accent); }
.fill.failed, .fill.over { background: var(--bad); }
.fill.over { border-radius: 0 .2rem .2rem 0; }
.fill.predicted { background: repeating-linear-gradient(135deg, var(--accent) 0 2px, var(--ghost) 2px 6px); }
.guess { background: var(--ghost); }
.aim { width: 2px; top: -.25rem; bottom: -.25rem; margin-left: -2px; background: var(--ink); }
.planned { border: 1px solid var(--faint); border-radius: .2rem; }
.p95 { top: 50%; bottom: auto; height: 0; margin-top: -1px; border-top: 2px dotted var(--faint); }
.track.unknown {
  background: repeating-linear-gradient(135deg, var(--track) 0 4px, transparent 4px 8px); border: 1px dashed var(--faint);
}
.scale {
  display: flex; justify-content: space-between; gap: 1rem; margin: .35rem 0 1rem; color: var(--faint);
  font-size: .875rem; max-width: none;
}
.stack { display: flex; gap: 2px; height: 1.25rem; margin: 1rem 0 .5rem; }
.stack span { min-width: 2px; border-radius: .15rem; }
.p1 { background: var(--p1); } .p2 { background: var(--p2); } .p3 { background: var(--p3); }
.p4 { background: var(--p4); } .p5 { background: var(--p5); }
.rows { margin: 0; padding: 0; list-style: none; max-width: none; }
.rows > li {
  display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 1rem; margin: 0; padding: .4rem 0;
  border-top: 1px solid var(--line);
}
.rows > li:first-child { border-top: 0; }
.rows .wide { grid-column: 1 / -1; }
.key { display: inline-block; width: .7rem; height: .7rem; margin-right: .6rem; border-radius: .15rem; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th, td {
  padding: .5rem 1rem .5rem 0; border-top: 1px solid var(--line); vertical-align: top; text-align: left;
  font-weight: 400;
}
th:last-child, td:last-child { padding-right: 0; }
thead th { border-top: 0; color: var(--faint); font-size: .875rem; white-space: nowrap; }
tbody th { font-weight: 500; }
.right { text-align: right; white-space: nowrap; }
.brief { white-space: nowrap; }
.origin { display: inline-block; }
.curve { display: block; width: 7.5rem; height: 1.75rem; margin: .25rem 0 0 auto; overflow: visible; }
.curve path { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.forecast { margin: 1.5rem 0 2rem; }
.forecast .plot { position: relative; height: 16rem; border-bottom: 1px solid var(--line); }
.forecast svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.forecast path { fill: none; stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.forecast path.history { stroke: var(--ink); }
.forecast path.trend { stroke: var(--accent); stroke-dasharray: 7 4; }
.forecast path.band { fill: var(--ghost); opacity: .45; }
.forecast path.limit { stroke: var(--bad); stroke-width: 1.5; stroke-dasharray: 2 4; }
.forecast path.today { stroke: var(--line); stroke-width: 1; }
.forecast .at { position: absolute; left: 0; padding-right: .25rem; transform: translateY(-50%); background: var(--paper); font-size: .8125rem; color: var(--faint); }
.forecast .at.low { transform: translateY(-110%); }
.forecast .ticks { color: var(--faint); font-size: .8125rem; }
.forecast .ticks .end { transform: translateX(-100%); }
.forecast .line { display: inline-block; width: 1.5rem; margin-right: .5rem; vertical-align: middle; border-top: 2px solid var(--ink); }
.forecast .line.trend { border-top: 2px dashed var(--accent); }
.forecast .line.limit { border-top: 2px dotted var(--bad); }
.forecast .line.band { height: .7rem; border: 0; background: var(--ghost); }
.forecast summary { cursor: pointer; font-size: .875rem; color: var(--faint); }
.incident figcaption { font-size: .875rem; font-weight: 600; }
.incident .plot { height: 11rem; }
.incident path.history { stroke: var(--accent); }
.incident path.moment { stroke: var(--faint); stroke-width: 1; stroke-dasharray: 2 3; }
.incident .numbers { position: relative; height: 1.35rem; font-size: .8125rem; font-weight: 600; }
.incident .numbers span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.moments { margin: 0; padding-left: 1.75rem; font-size: .9375rem; max-width: 46rem; }
.moments li { margin: .15rem 0; }
.incident-card { margin: 0 0 1.5rem; }
.rows > li.update { grid-template-columns: 13rem minmax(0, 1fr); }
.bar { width: 34%; padding-left: 1.5rem; }
.bar .track { min-width: 5rem; height: .9rem; margin-top: .3rem; background: none; }
.bar .fill { top: 3px; bottom: 3px; }
.legend {
  display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; margin: .75rem 0; color: var(--faint); font-size: .875rem;
  max-width: none;
}
.swatch { position: relative; display: inline-block; width: 1.5rem; height: .6rem; margin-right: .5rem; background: none; }
.swatch span { width: 100%; }
.swatch .line { position: absolute; left: 50%; top: -.2rem; bottom: -.2rem; width: 0; border-left: 2px dashed var(--bad); }
.gantt { margin: 0; padding: 0; list-style: none; max-width: none; }
.gantt li, .axis {
  display: grid; grid-template-columns: minmax(0, 17rem) minmax(0, 1fr) 5.5rem 5.5rem; gap: 0 1rem;
  align-items: center; margin: 0; font-size: .875rem;
}
.gantt .title {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; padding: .2rem 0;
  padding-left: 1.2rem; text-indent: -1.2rem; line-height: 1.35;
}
.gantt .mark { display: inline-block; width: 1.2rem; text-indent: 0; }
.gantt .track {
  align-self: stretch; height: auto; min-height: 1.6rem; border-radius: 0;
  background: linear-gradient(to right, var(--line) 1px, transparent 1px) 0 0 / var(--tick) 100%;
}
.gantt .fill, .gantt .guess { top: 50%; bottom: auto; }
.gantt .fill { height: .6rem; margin-top: -.3rem; }
.gantt .guess { height: 1.1rem; margin-top: -.55rem; }
.since .track::before {
  content: ""; position: absolute; left: var(--since); top: 0; bottom: 0; border-left: 2px dashed var(--bad);
}
.gantt .title.fault { color: var(--bad); }
.map { overflow-x: auto; }
.map svg { display: block; height: auto; }
.map rect { fill: var(--sheet); stroke: var(--line); stroke-width: 1.5; }
.map text { fill: var(--ink); font-size: 13px; }
.map text.what { fill: var(--faint); font-size: 11px; }
.map text.what { stroke: var(--paper); stroke-width: 4px; paint-order: stroke; }
.map rect + text, .map rect + text + text.what { stroke: none; }
.map text.bad { fill: var(--bad); }
.map path { fill: none; stroke: var(--accent); }
.map path.bad { stroke: var(--bad); }
.num { text-align: right; white-space: nowrap; }
.axis { color: var(--faint); border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
.ticks { position: relative; height: 1.35rem; }
.ticks span { position: absolute; transform: translateX(-50%); white-space: nowrap; }
.ticks span:first-child { transform: none; }
.folded { margin: .75rem 0 0; color: var(--faint); font-size: .875rem; max-width: none; }
.changes { margin: 0; padding: 0; list-style: none; }
.changes li { margin: 0; }
.diff { unicode-bidi: isolate; }
.calls { columns: 20rem; column-gap: 3rem; margin: 0; padding: 0; list-style: none; max-width: none; font-size: .9375rem; }
.calls li {
  display: flex; justify-content: space-between; gap: 1rem; break-inside: avoid; padding: .2rem 0; margin: 0;
  border-bottom: 1px solid var(--line);
}
@media screen and (min-width: 44.01rem) {
  .data th.left { min-width: 9.5rem; }
}
@media screen and (max-width: 44rem) {
  header, main, footer { padding-left: 1.125rem; padding-right: 1.125rem; }
  header { padding-top: 2rem; }
  section { margin-top: 2.75rem; }
  .card { padding: 1.125rem; }
  .facts { grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .875rem 1.25rem; }
  .data, .data tbody, .data tr, .data th, .data td { display: block; }
  .data thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .data tr { padding: .75rem 0; border-top: 1px solid var(--line); }
  .data th, .data td { padding: .1rem 0; border: 0; text-align: left; white-space: normal; }
  .data td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: .75rem; }
  .data td::before { content: attr(data-title); color: var(--faint); }
  .data td:has(> div:empty) { display: none; }
  .curve { margin-left: 0; }
  .figures .bar { display: none; }
  .rows > li.update { grid-template-columns: minmax(0, 1fr); }
  .figures th, .figures td { padding-right: .75rem; font-size: .875rem; white-space: normal; overflow-wrap: normal; }
  .figures th:first-child { overflow-wrap: anywhere; }
  .figures th:nth-last-child(2), .figures td:nth-last-child(2) { padding-right: 0; }
  .gantt li { grid-template-columns: minmax(0, 1fr) auto; padding: .2rem 0; }
  .gantt .title { padding-top: 0; padding-bottom: 0; }
  .gantt .track { grid-column: 1 / -1; grid-row: 2; min-height: 1.2rem; }
  .gantt .guessed, .axis .num, .axis > :first-child { display: none; }
  .axis { grid-template-columns: minmax(0, 1fr); }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #ffffff; --sheet: #ffffff; --ink: #000000; --faint: #444b52; --line: #cfccc5; --track: #eeece6;
    --accent: #1d5c86; --ghost: #b9cbd8; --good: #1a6642; --bad: #a3301d; --doubt: #774f00; --note: #fbf4e2;
    --p1: #0f3049; --p2: #7fb0d0; --p3: #1d5c86; --p4: #a9cae0; --p5: #4687b3;
  }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  html { font-size: 9.5pt; }
  header, main, footer { max-width: none; padding: 0; }
  section { margin-top: 1.75rem; }
  h2, h3, h4 { break-after: avoid; }
  .card, .notice, .gantt li, tr { break-inside: avoid; }
  thead { display: table-header-group; }
}
@page { margin: 16mm 14mm; }
</style>`;
