/**
 * A report of checks as one page of HTML that stands alone, as a run's does: the answer first, what to do about it, then
 * every check against what is aimed for, with what it measured before as a curve.
 */
import { observedText } from '../observed-text.ts';
import {
  isOpen,
  reportHeadline,
  lookOf,
  sectionsOf,
  stepsToTake,
  toldApart,
  tallyOf,
  type ReportCheck,
  type ReportSection,
} from '../report-text.ts';
import type { ReportDocument } from '../schemas.ts';
import { counted, utcText } from '../wording.ts';
import { dataTable, type Column } from './data-table.ts';
import { markup, unbroken, type Markup } from './html.ts';
import { curve } from './curve.ts';
import { markOf } from './marks.ts';
import { style } from './style.ts';

/** A headline longer than this is set smaller. */
const longHeadline = 140;

const headlineMarks = { good: '✓', bad: '!', doubt: '?' } as const;

/** The page, with an end of line. */
export function reportHtml(report: ReportDocument): string {
  const { tone, text } = reportHeadline(report);
  const sections = sectionsOf(report);
  const open = sections.flatMap(({ checks }) => checks.filter(isOpen));
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
<main>${todo(open)}${sections.map(section)}${missing(absent)}
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
  const steps = stepsToTake(toldApart(checks));
  if (steps.length === 0) return undefined;
  return markup`
<section aria-labelledby="todo">
<h2 id="todo">What to do</h2>
${steps.map(({ titles, nextStep }) => markup`<h3>${titles.join(', ')}</h3><pre><code>${nextStep}</code></pre>`)}
</section>`;
}

/** Those of the figures that any check of a table has. */
function columnsFor(checks: readonly ReportCheck[]): readonly Column<ReportCheck>[] {
  const any = (has: (check: ReportCheck) => boolean): boolean => checks.some(has);
  const has = {
    measured: any((check) => observedText(check) !== ''),
    target: any(({ target }) => typeof target === 'string'),
    alert: any(({ alert }) => typeof alert === 'string'),
  };
  return [
    { title: 'Check', names: true, cell: ({ title, id }) => markup`${title}<br><code class="faint">${id}</code>` },
    {
      title: 'Status',
      brief: true,
      cell: (check) => {
        const { mark, tone, word } = lookOf(check);
        return markup`<span class="${tone}">${markOf(mark, tone)} ${word}</span>`;
      },
    },
    ...(has.measured
      ? [
          {
            title: 'Measured',
            right: true,
            cell: (check: ReportCheck) => markup`${unbroken(observedText(check))}${curve(check)}`,
          },
        ]
      : []),
    ...(has.target
      ? [{ title: 'Target', right: true, cell: ({ target }: ReportCheck) => unbroken(target ?? '') }]
      : []),
    ...(has.alert ? [{ title: 'Alert', right: true, cell: ({ alert }: ReportCheck) => unbroken(alert ?? '') }] : []),
    {
      title: 'Found',
      cell: ({ summary, evidence }) =>
        markup`${unbroken(summary)}${evidence.map(
          ({ detail, source, region }) =>
            markup`<br><span class="faint small">${unbroken(detail)} <span class="origin">(<code>${source}</code> ${region})</span></span>`,
        )}`,
    },
  ];
}

function section({ id, title, checks }: ReportSection): Markup {
  return markup`
<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
${dataTable(`Checks: ${title}`, checks, columnsFor(checks))}
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
