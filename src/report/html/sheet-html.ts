/** A sheet as one page of HTML that stands alone, as a report of checks does. */
import { isUnmarked, toneOf, type Sheet, type SheetTable } from '../sheet.ts';
import { counted, utcText } from '../wording.ts';
import { dependencyMap } from './dependency-map.ts';
import { waterfallChart } from './waterfall-chart.ts';
import { dataTable } from './data-table.ts';
import { markup, unbroken, type Markup } from './html.ts';
import { markOf } from './marks.ts';
import { style } from './style.ts';

const headlineMarks = { good: '✓', bad: '!', doubt: '?' } as const;
/** A headline longer than this is set smaller. */
const longHeadline = 140;

/** The page, with an end of line. */
export function sheetHtml(sheet: Sheet): string {
  const { command, environment, headline } = sheet;
  const tone = toneOf(sheet);
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${command} on ${environment}: ${sheet.verdict}</title>
${style}
</head>
<body>
<header>
<p class="kicker">nanoops ${command} · ${environment}</p>
<h1${headline.length > longHeadline ? markup` class="long"` : undefined}>${isUnmarked(sheet) ? undefined : markOf(headlineMarks[tone], tone)}<span>${unbroken(headline)}</span></h1>
<dl class="facts">
<div><dt>Verdict</dt><dd>${sheet.verdict} (exit code ${sheet.exitCode})</dd></div>
<div><dt>As of</dt><dd>${utcText(sheet.generatedAt)}</dd></div>
<div><dt>API use</dt><dd>${counted(sheet.calls, 'call')}</dd></div>
</dl>
</header>
<main>${sheet.waterfall === undefined ? undefined : waterfallChart(sheet.waterfall)}${
    sheet.dependencies === undefined ? undefined : dependencyMap(sheet.dependencies)
  }${sheet.tables.filter(({ rows }) => rows.length > 0).map(tableOf)}${list(
    detailsTitle(sheet),
    sheet.details.map(
      ({ title, lines }) => markup`${title}${lines.map((line) => markup`<br><span class="faint">${line}</span>`)}`,
    ),
  )}${list('What to do', sheet.nextSteps)}${list('Remarks', sheet.remarks)}
</main>
<footer>
<p>All times are UTC. Written by nanoops; this page loads nothing and runs no script.</p>
</footer>
</body>
</html>
`;
  return page.toString();
}

function detailsTitle({ waterfall, dependencies }: Sheet): string {
  if (dependencies !== undefined) return 'Components';
  return waterfall === undefined ? 'Examples' : 'Operations';
}

function tableOf(table: SheetTable, index: number): Markup {
  const id = `table-${index + 1}`;
  return markup`
<section aria-labelledby="${id}">
<h2 id="${id}">${table.title}</h2>
${dataTable(
  table.title,
  table.rows,
  table.columns.map(({ title, right = false }, column) => ({
    title,
    right,
    names: column === table.columns.length - 1,
    cell: (row: readonly string[]) => row[column] ?? '',
  })),
)}
</section>`;
}

function list(title: string, lines: readonly (string | Markup)[]): Markup | undefined {
  if (lines.length === 0) return undefined;
  const id = title.toLowerCase().replaceAll(' ', '-');
  return markup`
<section aria-labelledby="${id}">
<h2 id="${id}">${title}</h2>
<ul>${lines.map((line) => markup`<li>${line}</li>`)}</ul>
</section>`;
}
