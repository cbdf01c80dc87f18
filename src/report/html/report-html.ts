/**
 * A report of checks as one page of HTML that stands alone, as a run's does: the answer first, what to do about it, then
 * every check by area, the failing ones first.
 */
import { areaName, groupsOf, isOpen, reportHeadline, lookOf, tallyOf, type ReportCheck } from '../report-text.ts';
import type { ReportDocument } from '../schemas.ts';
import { counted, utcText } from '../wording.ts';
import { dataTable, type Column } from './data-table.ts';
import { markup, unbroken, type Markup } from './html.ts';
import { markOf } from './marks.ts';
import { style } from './style.ts';

/** A headline longer than this is set smaller. */
const longHeadline = 140;

const headlineMarks = { good: '✓', bad: '!', doubt: '?' } as const;

/** The page, with an end of line. */
export function reportHtml(report: ReportDocument): string {
  const { tone, text } = reportHeadline(report);
  const groups = groupsOf(report.checks);
  const open = groups.flatMap(({ checks }) => checks.filter(isOpen));
  const absent = report.checks.filter(({ status }) => status === 'not-configured');
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${report.command} on ${report.environment}: ${report.verdict}</title>
${style}
</head>
<body>
<header>
<p class="kicker">nanoops ${report.command} · ${report.environment}</p>
<h1${text.length > longHeadline ? markup` class="long"` : undefined}>${markOf(headlineMarks[tone], tone)}<span>${unbroken(text)}</span></h1>
<dl class="facts">
<div><dt>Verdict</dt><dd>${report.verdict} (exit code ${report.exitCode})</dd></div>
<div><dt>Checks</dt><dd>${tallyOf(report.checks)}</dd></div>
<div><dt>As of</dt><dd>${utcText(report.generatedAt)}</dd></div>
<div><dt>API use</dt><dd>${counted(report.api.calls, 'call')}, ${counted(report.api.mutations, 'change')}</dd></div>
</dl>
</header>
<main>${todo(open)}${groups.map(({ area, checks }) => section(area, checks))}${missing(absent)}
</main>
<footer>
<p>All times are UTC. Written by nanoops; this page loads nothing and runs no script.</p>
</footer>
</body>
</html>
`;
  return page.toString();
}

function todo(checks: readonly ReportCheck[]): Markup | undefined {
  const next = checks.filter(({ nextStep }) => typeof nextStep === 'string');
  if (next.length === 0) return undefined;
  return markup`
<section aria-labelledby="todo">
<h2 id="todo">What to do</h2>
${next.map(({ title, nextStep }) => markup`<h3>${title}</h3><pre><code>${nextStep ?? ''}</code></pre>`)}
</section>`;
}

const columns: readonly Column<ReportCheck>[] = [
  { title: 'Check', names: true, cell: ({ title, id }) => markup`${title}<br><code class="faint">${id}</code>` },
  {
    title: 'Status',
    brief: true,
    cell: (check) => {
      const { mark, tone, word } = lookOf(check);
      return markup`<span class="${tone}">${markOf(mark, tone)} ${word}</span>`;
    },
  },
  {
    title: 'Found',
    cell: ({ summary, evidence }) =>
      markup`${unbroken(summary)}${evidence.map(
        ({ detail, source, region }) =>
          markup`<br><span class="faint small">${detail} (<code>${source}</code> ${region})</span>`,
      )}`,
  },
];

function section(area: string, checks: readonly ReportCheck[]): Markup {
  return markup`
<section aria-labelledby="${area}">
<h2 id="${area}">${areaName(area)}</h2>
${dataTable(`Checks: ${areaName(area)}`, checks, columns)}
</section>`;
}

function missing(checks: readonly ReportCheck[]): Markup | undefined {
  if (checks.length === 0) return undefined;
  return markup`
<section aria-labelledby="absent">
<h2 id="absent">Not configured</h2>
<ul>${checks.map(({ title, summary }) => markup`<li>${title}: ${summary}</li>`)}</ul>
</section>`;
}
