/** The status page: how the service is now, and what was wrong lately. Readable without scripts, as all pages are. */
import type { StatusPageDocument } from '../incident-schemas.ts';
import { utcText } from '../wording.ts';
import { markup, type Content, type Markup } from './html.ts';
import { markOf } from './marks.ts';
import { pageOf, section } from './page.ts';

type Shown = StatusPageDocument['incidents'][number];

const looks = {
  none: ['✓', 'good'],
  minor: ['!', 'doubt'],
  degraded: ['!', 'doubt'],
  major: ['!', 'bad'],
} as const;

const states: Readonly<Record<Shown['state'], string>> = {
  investigating: 'Investigating',
  identified: 'Cause found',
  mitigated: 'Watching',
  resolved: 'Resolved',
};

/** With an end of line. */
export function statusPageHtml({ title, status, summary, incidents, generatedAt }: StatusPageDocument): string {
  const [mark, tone] = looks[status];
  const open = incidents.filter(({ state }) => state !== 'resolved');
  const past = incidents.filter(({ state }) => state === 'resolved');
  return pageOf({
    title: `${summary} · ${title}`,
    kicker: title,
    heading: markup`${markOf(mark, tone)}<span>${summary}</span>`,
    facts: [],
    body: [
      open.length === 0 ? undefined : section('now', 'Now', open.map(incidentOf)),
      section(
        'past',
        'The last 90 days',
        past.length === 0
          ? markup`<p class="faint">No incident was resolved in the last 90 days.</p>`
          : past.map(incidentOf),
      ),
    ],
    foot: `As of ${utcText(generatedAt)}. All times are UTC. The same for machines: status.json.`,
  });
}

function incidentOf({ id, title, state, startedAt, resolvedAt, updates }: Shown): Markup {
  return markup`<article class="card incident-card" aria-labelledby="i-${id}">
    <h3 id="i-${id}">${title}</h3>
    <p class="state ${state === 'resolved' ? 'good' : 'doubt'}">${states[state]}<span class="faint">, ${span(startedAt, resolvedAt)}</span></p>
    <ul class="rows">${updates.map(({ at, text }) => markup`<li class="update"><time class="faint" datetime="${at}">${moment(at)}</time> ${lines(text)}</li>`)}</ul>
  </article>`;
}

function lines(text: string): Content {
  return markup`<span>${text}</span>`;
}

function span(from: string, to: string | null): string {
  if (to === null) return `since ${moment(from)}`;
  return from.slice(0, 10) === to.slice(0, 10)
    ? `${moment(from).replace(' UTC', '')} – ${to.slice(11, 16)} UTC`
    : `${moment(from)} – ${moment(to)}`;
}

function moment(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
}
