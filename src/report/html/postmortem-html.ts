/** A post-mortem as a page: the team's with all that is known, the public one with what customers may know. */
import type { PostmortemDocument, PublicPostmortemDocument } from '../incident-schemas.ts';
import { offsetText } from '../incident-text.ts';
import { actionText, impactRows, lengthText, rootCauseText, timeRows, timeSpan } from '../postmortem-text.ts';
import { utcText } from '../wording.ts';
import { dataTable } from './data-table.ts';
import { markup, type Content } from './html.ts';
import { incidentFigure, latestMs, markList, type ChartMark } from './incident-chart.ts';
import { list, pageOf, section } from './page.ts';

/** With an end of line. */
export function postmortemHtml(document: PostmortemDocument): string {
  const { title, severity, service, environment, id, detectedAt, durationMs, timeline, changes, gaps, logs } = document;
  const marks = timeline.filter(({ mark }) => mark !== null);
  return pageOf({
    title: `Post-mortem ${id}: ${title}`,
    kicker: `Incident post-mortem · ${service} (${environment})${document.simulated ? ' · simulated' : ''}`,
    heading: markup`<span>${title}</span>`,
    facts: [
      ['Severity', severity],
      ['Date', detectedAt.slice(0, 10)],
      ['Time', timeSpan(document)],
      ['Duration', lengthText(durationMs)],
      [document.basis === 'run' ? 'Run' : 'Incident', id],
      ['Commander', document.roles.commander ?? 'nobody'],
    ],
    body: [
      section('summary', 'Summary', markup`<p>${document.summary}</p>${pairs(timeRows(document))}`),
      charts(document.series, marks),
      section(
        'timeline',
        'Timeline',
        dataTable('Timeline', timeline, [
          { title: 'T', brief: true, cell: ({ offsetMs }) => offsetText(offsetMs) },
          {
            title: 'What happened',
            names: true,
            cell: ({ text, mark }) => (mark === null ? text : markup`<strong>${text}</strong>`),
          },
          { title: 'Known from', cell: ({ source }) => markup`<code>${source}</code>` },
        ]),
      ),
      section('cause', 'Root cause', [
        markup`<p>${rootCauseText(document)}</p>`,
        document.cause === null ? undefined : markup`<p class="faint">Named by ${document.cause.basis}.</p>`,
      ]),
      section('impact', 'Impact', pairs(impactRows(document))),
      section('resolution', 'Resolution', [
        markup`<p>${document.resolution ?? 'Nobody has written down how it was fixed.'}</p>`,
        changes.length === 0
          ? markup`<p class="faint">No run changed anything.</p>`
          : dataTable('What was changed', changes, [
              { title: 'T', brief: true, cell: ({ at }) => offsetText(Date.parse(at) - Date.parse(detectedAt)) },
              { title: 'Change', names: true, cell: ({ summary }) => summary },
              { title: 'Status', brief: true, cell: ({ status }) => status },
              {
                title: 'Call',
                cell: ({ operation, resource, region }) => markup`<code>${operation} ${resource} (${region})</code>`,
              },
            ]),
      ]),
      section(
        'actions',
        'Action items',
        list(
          document.actions.length === 0
            ? ['☐ ____ (owner: ____, due: ____)']
            : document.actions.map((action) => `☐ ${actionText(action)}`),
        ),
      ),
      section('lessons', 'Lessons learned', list([...document.lessons, ...document.questions])),
      gaps.length === 0 ? undefined : section('gaps', 'Not seen', list(gaps)),
      ...logs
        .filter(({ lines }) => lines.length > 0)
        .map(({ group, region, lines }, index) =>
          section(
            `log-${index + 1}`,
            `Log lines: ${group} (${region})`,
            lines.map(({ at, message }) => markup`<pre>${at.slice(11, 19)} ${message}</pre>`),
          ),
        ),
    ],
    foot: `All times are UTC. Written by nanoops, ${utcText(document.generatedAt)}; this page loads nothing and runs no script.`,
  });
}

/** With an end of line. */
export function publicPostmortemHtml(document: PublicPostmortemDocument): string {
  const { title, detectedAt, durationMs, timeline, impact } = document;
  return pageOf({
    title: `${title}, ${detectedAt.slice(0, 10)}`,
    kicker: 'Incident report',
    heading: markup`<span>${title}</span>`,
    facts: [
      ['Date', detectedAt.slice(0, 10)],
      ['Time', timeSpan(document)],
      ['Duration', lengthText(durationMs)],
    ],
    body: [
      section('summary', 'Summary', markup`<p>${document.summary}</p>`),
      charts(document.series, timeline),
      section(
        'timeline',
        'Timeline',
        dataTable('Timeline', timeline, [
          { title: 'Time', brief: true, cell: ({ at }) => `${at.slice(11, 16)} UTC` },
          { title: 'What happened', names: true, cell: ({ text }) => text },
        ]),
      ),
      section('cause', 'Cause', [
        markup`<p>${document.cause}</p>`,
        document.causeConfirmed
          ? undefined
          : markup`<p class="faint">This is our present view; we go on looking into it.</p>`,
      ]),
      section('impact', 'Impact', list(impact)),
      section('resolution', 'Resolution', markup`<p>${document.resolution}</p>`),
      section('improvements', 'What we do about it', markup`<p>${document.improvements}</p>`),
    ],
    foot: 'All times are UTC.',
  });
}

function charts(series: PostmortemDocument['series'], marks: readonly ChartMark[]): Content {
  const drawn = series
    .filter(({ id }) => id !== 'requests')
    .flatMap((each) => {
      const figure = incidentFigure(each, within(marks, each));
      return figure === undefined ? [] : [figure];
    });
  const [first] = series;
  if (drawn.length === 0 || first === undefined) return undefined;
  return section('metrics', 'What it looked like', [...drawn, markList(within(marks, first))]);
}

/** Numbers are those of what is drawn. */
function within(marks: readonly ChartMark[], { points }: PostmortemDocument['series'][number]): readonly ChartMark[] {
  const [from, to] = [Date.parse(points[0]?.at ?? ''), Date.parse(points.at(-1)?.at ?? '') + latestMs];
  return marks.filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to);
}

function pairs(rows: readonly (readonly [string, string])[]): Content {
  return markup`<ul class="rows">${rows.map(([name, value]) => markup`<li><span>${name}</span><span>${value}</span></li>`)}</ul>`;
}
