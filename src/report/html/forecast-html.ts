/**
 * A forecast of capacity as one page of HTML that stands alone: the answer first, what to do about it, the users on a chart
 * and on the plan, and every resource against the share that may be used.
 */
import {
  countText,
  dateText,
  forecastHeadline,
  levelText,
  lookOfStatus,
  trendText,
  type ForecastResource,
} from '../forecast-text.ts';
import type { ForecastDocument } from '../schemas.ts';
import { counted, utcText } from '../wording.ts';
import { dataTable, type Column } from './data-table.ts';
import { forecastFigure } from './forecast-chart.ts';
import { markup, percentOf, unbroken, type Markup } from './html.ts';
import { markOf } from './marks.ts';
import { style } from './style.ts';

/** A headline longer than this is set smaller. */
const longHeadline = 140;

const headlineMarks = { good: '✓', bad: '!', doubt: '?' } as const;

/** The page, with an end of line. */
export function forecastHtml(document: ForecastDocument): string {
  const { tone, text } = forecastHeadline(document);
  const { users, resources, thresholdPercent } = document;
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${document.command} on ${document.environment}: ${document.verdict}</title>
${style}
</head>
<body>
<header>
<p class="kicker">nanoops ${document.command} · ${document.environment}</p>
<h1${text.length > longHeadline ? markup` class="long"` : undefined}>${markOf(headlineMarks[tone], tone)}<span>${unbroken(text)}</span></h1>
<dl class="facts">
<div><dt>Verdict</dt><dd>${document.verdict} (exit code ${document.exitCode})</dd></div>
<div><dt>Horizon</dt><dd>${counted(document.horizonDays, 'day')}</dd></div>
<div><dt>As of</dt><dd>${utcText(document.asOf)}</dd></div>
<div><dt>API use</dt><dd>${counted(document.api.calls, 'call')}, ${counted(document.api.mutations, 'change')}</dd></div>
</dl>
</header>
<main>${todo(document)}
<section aria-labelledby="users">
<h2 id="users">Daily active users</h2>
<p>${statusOf(users.status)}: ${unbroken(users.summary)}.</p>
<p class="faint small">Growth: ${trendText(users.trend)}${users.trend === null ? undefined : `, ${users.trend.growth}, of ${counted(users.trend.days, 'day')}`}.</p>
${forecastFigure(document)}
${users.tiers.length === 0 ? undefined : dataTable('Tiers of the plan', users.tiers, tierColumns)}
</section>
<section aria-labelledby="resources">
<h2 id="resources">Resources, against ${thresholdPercent} % sustained</h2>
${dataTable('Resources', resources, columnsFor(thresholdPercent))}
</section>
</main>
<footer>
<p>Days are days of UTC. Ranges hold nine times of ten, if growth stays as it is. Written by nanoops; this page loads nothing and runs no script.</p>
</footer>
</body>
</html>
`;
  return page.toString();
}

function todo({ users, resources }: ForecastDocument): Markup | undefined {
  const next = [{ title: 'Daily active users', ...users }, ...resources].filter(
    ({ nextStep }) => nextStep !== undefined,
  );
  if (next.length === 0) return undefined;
  return markup`
<section aria-labelledby="todo">
<h2 id="todo">What to do</h2>
<ul>${next.map(({ title, nextStep }) => markup`<li>${title}: ${nextStep}</li>`)}</ul>
</section>`;
}

function statusOf(status: ForecastDocument['users']['status']): Markup {
  const { mark, tone, word } = lookOfStatus(status);
  return markup`<span class="${tone}">${markOf(mark, tone)} ${word}</span>`;
}

const tierColumns: readonly Column<ForecastDocument['users']['tiers'][number]>[] = [
  { title: 'Users', names: true, cell: ({ users }) => countText(users) },
  { title: 'Infrastructure', cell: ({ infrastructure }) => infrastructure },
  { title: 'Around', brief: true, cell: ({ at }) => dateText(at) },
  { title: 'Outlook', cell: ({ summary }) => unbroken(summary) },
];

function columnsFor(threshold: number): readonly Column<ForecastResource>[] {
  return [
    { title: 'Resource', names: true, cell: ({ title }) => title },
    { title: 'Status', brief: true, cell: ({ status }) => statusOf(status) },
    { title: 'Now', right: true, cell: (resource) => levelText(resource) },
    {
      title: 'Of all that there is',
      bar: true,
      cell: ({ level }) =>
        level === null
          ? undefined
          : markup`<div class="track" aria-hidden="true"><span class="fill${level >= threshold ? ' over' : ''}" style="width:${percentOf(level, 100)}"></span><span class="aim" style="left:${percentOf(threshold, 100)}"></span></div>`,
    },
    {
      title: 'Outlook',
      cell: ({ summary, trend, evidence }) =>
        markup`${unbroken(summary)}<br><span class="faint small">${trendText(trend)}</span>${evidence.map(
          ({ detail, source, region }) =>
            markup`<br><span class="faint small">${unbroken(detail)} <span class="origin">(<code>${source}</code> ${region})</span></span>`,
        )}`,
    },
  ];
}
